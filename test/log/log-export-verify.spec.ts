import { randomBytes } from 'node:crypto';
import { newKey, readSigner } from '../../src/log/format/keys.js';
import { signatureLine } from '../../src/log/format/note.js';
import { exportOf, linesOf, publicKeyOf, sealed, type Verdict, Verifiers, writtenAs } from '../support/exports.js';
import { makeClearedPatient, makeClinic, makePatient, type TestClinic } from '../support/make.js';
import { startServer, type TestServer } from '../support/server.js';
import { asSuperuser } from '../support/sql.js';

let server: TestServer;
let clinic: TestClinic;
let other: TestClinic;
let verifiers: Verifiers;
let key: string;
/** One clinic's export, with others' events between its own. */
let text: string;
let patientId: string;
beforeAll(async () => {
  [server, verifiers] = await Promise.all([startServer(), Verifiers.open()]);
  [clinic, other] = [await makeClinic(server), await makeClinic(server)];
  ({ patientId } = await makeClearedPatient(clinic.practitioner));
  await makePatient(other.practitioner);
  await makePatient(clinic.practitioner, { givenName: 'Zoë "\\', familyName: '\ufffd😀' });
  await makePatient(other.practitioner);
  await sealed(server);
  key = await publicKeyOf(clinic.administrator);
  text = await exportOf(clinic.administrator);
});
afterAll(async () => {
  await server.stop();
  await verifiers.close();
});

/** What both verifiers say; their statuses must be the same. */
async function verdicts(file: string | Buffer, keys = [key]): Promise<Verdict> {
  const [assent, independent] = [await verifiers.assent(file, keys), await verifiers.independent(file, keys)];
  expect({ independent: independent.status, said: independent.said }).toEqual({ independent: assent.status, said: expect.any(String) });
  return assent;
}

// oxlint-disable-next-line typescript/no-explicit-any -- whatever is written there
type Line = any;
const isEvent = (line: Line): boolean => 'index' in line;
const isHidden = (line: Line): boolean => 'hashes' in line;

/** The export with some of its lines changed. */
function changed(change: (lines: Line[], events: Line[], hidden: Line[]) => Line[] | void): string {
  const lines = linesOf(text);
  return writtenAs(change(lines, lines.filter(isEvent), lines.filter(isHidden)) ?? lines);
}

const flip = (hash: string): string => {
  const bytes = Buffer.from(hash, 'base64');
  bytes[0] = (bytes[0] ?? 0) ^ 1;
  return bytes.toString('base64');
};

describe('an export is verified', () => {
  it('of a clinic, and it is said what was seen and what isn’t proven', async () => {
    const { status, said } = await verdicts(text);
    expect(status).toBe(0);
    const events = linesOf(text).filter(isEvent).length;
    expect(said).toContain(`All is as it was recorded: ${events} events`);
    expect(said).toContain(`clinic ${clinic.id}: ${events} events`);
    expect(said).toContain('patients: 2');
    expect(said).toMatch(/hidden: \d+ entries/);
    expect(said).toContain('- that no hidden entry is of this clinic');
    expect(said).not.toContain(other.id);
  });

  it('of one patient, and of a period', async () => {
    for (const query of [`?patientId=${patientId}`, '?from=2020-01-01&until=2999-12-31', '?from=2999-01-01']) {
      expect(await verdicts(await exportOf(clinic.administrator, query))).toMatchObject({ status: 0 });
    }
  });

  it('where details were erased, which is counted', async () => {
    const patient = await makePatient(clinic.practitioner);
    await sealed(server);
    await asSuperuser(
      server,
      `SET session_replication_role = replica; UPDATE audit.events SET details = NULL, salt = NULL WHERE patient_id = '${patient}'`,
    );
    const file = await exportOf(clinic.administrator, `?patientId=${patient}`);
    expect(linesOf(file)[1 + linesOf(file).slice(1).findIndex(isEvent)]).toMatchObject({ erased: true });
    const { status, said } = await verdicts(file);
    expect([status, said]).toEqual([0, expect.stringContaining('erased: the details of 1 events')]);
    const explained = writtenAs(
      linesOf(file).map((line) => (line.erased ? { ...line, erased: { at: '2026-01-01T00:00:00Z', by: 'Ada', why: 'Asked.' } } : line)),
    );
    expect((await verdicts(explained)).status).toBe(0);
  });

  it('with the witnesses that are asked for', async () => {
    const [witness, stranger] = [readSigner(newKey('witness.example', 'cosignature')), readSigner(newKey('other.example', 'cosignature'))];
    const cosigned = changed((lines) => {
      const note = lines[0].checkpoint as string;
      lines[0].checkpoint = note + signatureLine(note.slice(0, note.lastIndexOf('\n\n') + 1), witness);
    });
    const seen = await verifiers.assent(cosigned, [key], '--witness', witness.publicKey);
    expect([seen.status, seen.said]).toEqual([0, expect.stringMatching(/signed by \S+, witness\.example on \d{4}-/)]);
    expect(seen.said).not.toContain('that others are shown the same log');
    for (const [file, by] of [[cosigned, stranger] as const, [text, witness] as const]) {
      const { status, said } = await verifiers.assent(file, [key], '--witness', by.publicKey);
      expect([status, said]).toEqual([1, expect.stringContaining('0 of 1 witnesses cosigned')]);
    }
  });
});

const tamperings: Record<string, [() => string | Buffer, RegExp]> = {
  'an entry changed': [
    () => changed((_, [event]) => void (event.entry = event.entry.replace('"outcome":"success"', '"outcome":"failure"'))),
    /^line \d+ \(entry \d+, event \S+\) was changed: it isn’t the entry in the log/,
  ],
  'an entry changed, and its hash with it': [
    () => changed((lines, events) => lines.map((line) => (line === events[0] ? { ...events[1], index: line.index } : line))),
    /^the file doesn’t lead to the root that was signed/,
  ],
  'details changed': [
    () => changed((_, events) => void (events.at(-1).details = events.at(-1).details.replace('Zoë', 'Zoe'))),
    /^line \d+ \(entry \d+, event \S+\) was changed: its details aren’t those/,
  ],
  'details that lose their beginning to the salt': [
    () =>
      changed((_, events) => {
        const event = events.at(-1);
        event.salt += Buffer.from(event.details[0]).toString('hex');
        event.details = event.details.slice(1);
      }),
    /^line \d+ isn’t an event/,
  ],
  'details left out': [
    () =>
      changed((_, events) => {
        delete events.at(-1).details;
        delete events.at(-1).salt;
      }),
    /lacks the details that were recorded/,
  ],
  'details added': [
    () =>
      changed((_, events) => {
        const event = events.find(({ details }) => details === undefined) ?? events[0];
        event.details = '{}';
        event.salt = '00'.repeat(16);
      }),
    /has details, and was recorded without any|its details aren’t those/,
  ],
  'a line missing': [() => changed((lines) => lines.toSpliced(lines.findIndex(isEvent), 1)), /^line \d+ (is entry|hides entries)/],
  'lines swapped': [
    () =>
      changed((lines) => {
        const at = lines.findIndex((line, i) => isEvent(line) && isEvent(lines[i + 1]));
        return lines.toSpliced(at, 2, lines[at + 1], lines[at]);
      }),
    /^line \d+ is entry \d+, where \d+ is due/,
  ],
  'a line twice': [() => changed((lines) => lines.toSpliced(lines.findIndex(isEvent), 0, lines.find(isEvent))), /where \d+ is due/],
  'an index shifted': [() => changed((_, [event]) => void (event.index += 1)), /where \d+ is due/],
  'a hash changed': [() => changed((_, __, [hidden]) => void (hidden.hashes[0] = flip(hidden.hashes[0]))), /doesn’t lead to the root/],
  'a hash missing': [() => changed((_, __, [hidden]) => void hidden.hashes.pop()), /hashes where there should be/],
  'a hash too many': [() => changed((_, __, [hidden]) => void hidden.hashes.push(hidden.hashes[0])), /hashes where there should be/],
  'a hash that isn’t one': [() => changed((_, __, [hidden]) => void (hidden.hashes[0] = 'AAAA')), /A hash has 32 bytes/],
  'a range longer': [() => changed((_, __, [hidden]) => void (hidden.to += 1)), /./],
  'an event hidden': [
    () =>
      changed((lines) => {
        const at = lines.findIndex((line, i) => isEvent(line) && isEvent(lines[i + 1]));
        const { index, leaf } = lines[at];
        return lines.toSpliced(at, 1, { from: index, to: index + 1, hashes: [leaf] });
      }),
    /has \d+ events, and says that there are \d+/,
  ],
  'another checkpoint’s size': [
    () =>
      changed(
        ([header]) => void (header.checkpoint = header.checkpoint.replace(/\n(\d+)\n/, (_: string, n: string) => `\n${Number(n) + 1}\n`)),
      ),
    /^line 1 has a checkpoint that can’t be trusted: The signature of \S+ is invalid/,
  ],
  'a checkpoint without a signature': [
    () => changed(([header]) => void (header.checkpoint = `${header.checkpoint.split('\n\n')[0]}\n\n`)),
    /^line 1 has a checkpoint that can’t be trusted/,
  ],
  'another log’s name': [
    () => changed(([header]) => void (header.origin = 'elsewhere.example')),
    /^line 1 is of the log elsewhere\.example/,
  ],
  'another clinic': [() => changed(([header]) => void (header.clinic.id = header.clinic.id.replace(/^./, 'f'))), /isn’t of the clinic/],
  'another patient': [() => changed(([header]) => void (header.patientId = header.clinic.id)), /isn’t about the patient/],
  'another period': [() => changed(([header]) => void (header.period.until = '2020-01-01T00:00:00.000000Z')), /isn’t of the period/],
  'all clinics': [() => changed(([header]) => void (header.clinic = null)), /hides entries \d+ to \d+, and the file should have all/],
  'a line that isn’t JSON': [() => text.replace('\n', '\nx\n'), /^line 2 isn’t/],
  'an unknown key': [() => changed((_, [event]) => void (event.note = 'x')), /isn’t written as the format says/],
  'a key twice': [() => text.replace('"entry":', '"entry":"{}","entry":'), /isn’t written as the format says/],
  spaces: [() => text.replace('{"end":', '{ "end":'), /isn’t written as the format says/],
  'Windows’ line ends': [() => text.replaceAll('\n', '\r\n'), /^line 1 isn’t written/],
  'bytes that aren’t UTF-8': [
    () => Buffer.concat([Buffer.from(text.slice(0, -30)), Buffer.of(0xff), Buffer.from(text.slice(-30))]),
    /isn’t UTF-8/,
  ],
  'the end cut off': [() => changed((lines) => lines.slice(0, -1)), /^line \d+ is missing: the file was cut/],
  'its last byte cut off': [() => text.slice(0, -1), /^line \d+ has no end: the file was cut/],
  'cut in the middle': [() => text.slice(0, text.length / 2), /^line \d+ has no end: the file was cut/],
  'a line after its end': [() => changed((lines) => [...lines, lines.at(-1)]), /^the file goes on after its end/],
  'an early end': [
    () => changed((lines) => [...lines.slice(0, 2), { end: true, events: lines.slice(0, 2).filter(isEvent).length }]),
    /^the file ends after/,
  ],
  'nothing in it': [() => '', /^line 1 is missing: the file was cut/],
};

describe('an export is refused, by both verifiers', () => {
  it.each(Object.entries(tamperings))('with %s', async (_, [file, problem]) => {
    const tampered = file();
    expect(tampered.toString()).not.toBe(text);
    const { status, said } = await verdicts(tampered);
    expect([status, said]).toEqual([1, expect.stringMatching(problem)]);
    expect(said).not.toContain('All is as it was recorded');
  });

  it('with any byte changed', async () => {
    const bytes = Buffer.from(text);
    // Not in the header, of which only the checkpoint is signed.
    const from = bytes.indexOf('\n');
    for (let round = 0; round < 12; round += 1) {
      const copy = Buffer.from(bytes);
      const at = from + (randomBytes(4).readUInt32BE() % (copy.length - from));
      copy[at] = (copy[at] ?? 0) ^ (1 << (round % 7));
      expect([at, (await verdicts(copy)).status]).toEqual([at, 1]);
    }
  });

  it('under another key, of this name or another', async () => {
    const origin = key.split('+')[0] ?? '';
    const named = readSigner(newKey(origin, 'note')).publicKey;
    expect(await verdicts(text, [named])).toMatchObject({ status: 1, said: expect.stringContaining('No trusted key signed it') });
    const another = readSigner(newKey('other.example', 'note')).publicKey;
    expect(await verdicts(text, [another])).toMatchObject({ status: 1, said: expect.stringContaining('no key was given of that') });
    // The log's own among others is enough.
    expect((await verdicts(text, [named, another, key])).status).toBe(0);
  });
});

describe('it can’t be told', () => {
  it('of a file that is no export, or with what is no key', async () => {
    expect((await verdicts('{"format":"assent-log-export/2"}\n')).status).toBe(2);
    expect((await verdicts('a,b\n1,2\n')).status).toBe(2);
    expect((await verdicts(text, ['x'])).status).toBe(2);
    expect((await verdicts(text, [])).status).toBe(2);
    expect((await verdicts(text, [readSigner(newKey('witness.example', 'cosignature')).publicKey])).status).toBe(2);
  });

  it('of a file that isn’t there, and an option that goes with one', async () => {
    const gone = await verifiers.assent(text, [key], '--export', '/nowhere/at/all');
    expect([gone.status, gone.said]).toEqual([2, expect.stringContaining('ENOENT')]);
  });
});
