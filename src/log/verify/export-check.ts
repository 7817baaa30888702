import { hash } from 'node:crypto';
import { type Entry, writeEntry } from '../entry.js';
import type { EventLine, Header, HiddenLine } from '../export/format.js';
import { type OpenedCheckpoint, openCheckpoint } from '../format/checkpoint.js';
import type { Verifier } from '../format/keys.js';
import { leafHash, perfectSubtrees, RootCalculator } from '../format/merkle.js';
import { MalformedError, readHash, UntrustedError } from '../format/text.js';
import { readEnd, readEvent, readHeader, readHidden, readLines, UnreadableLine } from './export-lines.js';

/** Something in the file that isn't as it was recorded. */
export type ReportLine = (where: string, problem: string) => void;

interface Trust {
  readonly keys: readonly Verifier[];
  /** All of them must have cosigned. */
  readonly witnesses: readonly Verifier[];
}

/** Duplicates beyond this number aren't detected, so that memory is bounded. */
const MOST_KNOWN = 100_000;

/** What a file says, in one pass over its lines. */
export class ExportCheck {
  header: Header | undefined;
  opened: OpenedCheckpoint | undefined;
  events = 0;
  erased = 0;
  hidden = 0;
  /** Events by their clinic; those of nobody under ''. */
  readonly clinics = new Map<string, { events: number }>();
  readonly patients = new Set<string>();
  private readonly tree = new RootCalculator();
  private lines = 0;
  private hasEnd = false;

  constructor(
    private readonly trust: Trust,
    private readonly report: ReportLine,
  ) {}

  /** Of a file that isn't written as it should be, what follows the first fault isn't looked at: nothing could be said of it. */
  async run(path: string): Promise<void> {
    try {
      for await (const lines of readLines(path)) for (const line of lines) this.line(line);
      if (!this.hasEnd) throw new UnreadableLine('is missing: the file was cut');
    } catch (error) {
      if (!(error instanceof MalformedError || error instanceof UntrustedError)) throw error;
      const line = this.lines + (error instanceof UnreadableLine ? 1 : 0);
      this.report(this.hasEnd ? 'the file' : `line ${line}`, error.message);
    }
  }

  private line(text: string): void {
    this.lines += 1;
    if (this.hasEnd) throw new MalformedError('goes on after its end');
    if (!this.header) this.open(text);
    else if (text.startsWith('{"index":')) this.event(readEvent(text));
    else if (text.startsWith('{"from":')) this.hide(readHidden(text));
    else this.close(readEnd(text).events);
  }

  private open(text: string): void {
    const header = readHeader(text);
    const log = this.trust.keys.filter(({ name }) => name === header.origin);
    if (log.length === 0) throw new UntrustedError(`is of the log ${header.origin}, and no key was given of that`);
    const { witnesses } = this.trust;
    const quorum = new Set(witnesses.map(({ name }) => name)).size;
    try {
      this.opened = openCheckpoint(header.checkpoint, { origin: header.origin, log, witnesses, quorum });
    } catch (error) {
      throw new UntrustedError(`has a checkpoint that can’t be trusted: ${(error as Error).message}`, { cause: error });
    }
    this.header = header;
  }

  private event(line: EventLine): void {
    if (line.index !== this.tree.size) throw new MalformedError(`is entry ${line.index}, where ${this.tree.size} is due`);
    this.within(line.index + 1);
    this.events += 1;
    const problem = line.entry === undefined ? 'is missing from the audit trail; only its hash is left' : this.entry(line, line.entry);
    if (problem) this.report(this.nameOf(line), problem);
    this.tree.append(readHash(line.leaf));
  }

  private entry({ leaf, details, salt, erased }: EventLine, text: string): string | undefined {
    // What follows is said of entries of the log alone.
    if (leafOf(text) !== leaf) return 'was changed: it isn’t the entry in the log';
    const entry = readEntry(text);
    if (!entry) return 'isn’t the entry of an event';
    this.count(entry);
    const digest = entry.detailsSha256;
    if (digest === null)
      return details === undefined && erased === undefined ? this.outside(entry) : 'has details, and was recorded without any';
    if (erased !== undefined) {
      this.erased += 1;
      return this.outside(entry);
    }
    if (details === undefined || salt === undefined) return 'lacks the details that were recorded';
    if (digestOf(salt, details) !== digest) return 'was changed: its details aren’t those that were recorded';
    return this.outside(entry);
  }

  /** Whether it is one of those that the file says it has. */
  private outside({ clinicId, patientId, occurredAt }: Known): string | undefined {
    const { clinic, patientId: patient, period } = this.header as Header;
    if (clinic && clinic.id !== clinicId) return 'isn’t of the clinic that the file is about';
    if (patient !== null && patient !== patientId) return 'isn’t about the patient that the file is about';
    if ((period.from !== null && occurredAt < period.from) || (period.until !== null && occurredAt >= period.until)) {
      return 'isn’t of the period that the file is about';
    }
    return undefined;
  }

  private count({ clinicId, patientId }: Known): void {
    const clinic = this.clinics.get(clinicId ?? '');
    if (clinic) clinic.events += 1;
    else if (this.clinics.size < MOST_KNOWN) this.clinics.set(copyOf(clinicId ?? ''), { events: 1 });
    if (patientId !== null && this.patients.size < MOST_KNOWN && !this.patients.has(patientId)) this.patients.add(copyOf(patientId));
  }

  private hide({ from, to, hashes }: HiddenLine): void {
    if (from !== this.tree.size || to <= from) throw new MalformedError(`hides entries ${from} to ${to}, where ${this.tree.size} is due`);
    this.within(to);
    const sizes = perfectSubtrees(from, to);
    if (sizes.length !== hashes.length) throw new MalformedError(`has ${hashes.length} hashes where there should be ${sizes.length}`);
    for (const [i, size] of sizes.entries()) this.tree.append(readHash(hashes[i] ?? ''), size);
    this.hidden += to - from;
    const { clinic, patientId, period } = this.header as Header;
    if (clinic === null && patientId === null && period.from === null && period.until === null) {
      this.report(`line ${this.lines}`, `hides entries ${from} to ${to - 1}, and the file should have all`);
    }
  }

  private within(size: number): void {
    const most = (this.opened as OpenedCheckpoint).checkpoint.size;
    if (size > most) throw new MalformedError(`goes beyond the ${most} entries of the checkpoint`);
  }

  private close(events: number): void {
    this.hasEnd = true;
    if (events !== this.events) throw new MalformedError(`has ${this.events} events, and says that there are ${events}`);
    const { size, root } = (this.opened as OpenedCheckpoint).checkpoint;
    if (this.tree.size !== size) throw new MalformedError(`ends after ${this.tree.size} of ${size} entries: some are missing`);
    if (!this.tree.root().equals(root)) {
      throw new UntrustedError('doesn’t lead to the root that was signed: some hash or entry in it isn’t the log’s');
    }
  }

  private nameOf({ index, entry }: EventLine): string {
    const id = entry === undefined ? undefined : readEntry(entry)?.id;
    return `line ${this.lines} (entry ${index}${id === undefined ? '' : `, event ${id}`})`;
  }
}

type Known = Pick<Entry, 'id' | 'clinicId' | 'patientId' | 'occurredAt' | 'detailsSha256'>;

const TEXT = '(?:null|"[^"\\\\]*")';
const UUID = '(?:null|"([\\da-f-]{36})")';
/** Nearly all entries, in which nothing is escaped: several times as fast as parsing. */
const PLAIN = new RegExp(
  `^\\{"action":${TEXT},"address":${TEXT},"clinicId":${UUID},"detailsSha256":(?:null|"([\\da-f]{64})"),"id":"([\\da-f-]{36})",` +
    `"nonce":"[\\da-f]{32}","occurredAt":"([\\d:.TZ-]{27})","outcome":${TEXT},"patientId":${UUID},` +
    `${['requestId', 'staffId', 'staffName', 'staffRole', 'subject', 'subjectId', 'userAgent'].map((key) => `"${key}":${TEXT}`).join(',')}\\}$`,
);

/** Undefined: it isn't one, or not in canonical JSON. */
function readEntry(text: string): Known | undefined {
  const [, clinicId = null, detailsSha256 = null, id, occurredAt, patientId = null] = PLAIN.exec(text) ?? [];
  if (id !== undefined && occurredAt !== undefined) return { id, clinicId, patientId, occurredAt, detailsSha256 };
  try {
    const entry = JSON.parse(text) as Entry;
    return typeof entry.occurredAt === 'string' && writeEntry(entry) === text ? entry : undefined;
  } catch {
    return undefined;
  }
}

/** A part of a text keeps all of it in memory. */
function copyOf(part: string): string {
  return Buffer.from(part).toString();
}

const scratch = Buffer.alloc(1 << 16);

/** A leaf's data has a zero before it. */
function leafOf(text: string): string {
  if (text.length > scratch.length / 4) return leafHash(Buffer.from(text)).toString('base64');
  scratch[0] = 0;
  return hash('sha256', scratch.subarray(0, 1 + scratch.write(text, 1)), 'base64');
}

function digestOf(salt: string, details: string): string {
  if (details.length > scratch.length / 4) return hash('sha256', Buffer.concat([Buffer.from(salt, 'hex'), Buffer.from(details)]));
  const start = scratch.write(salt, 'hex');
  return hash('sha256', scratch.subarray(0, start + scratch.write(details, start)));
}
