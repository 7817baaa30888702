import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { writeDurably } from '../common/files.js';
import { ConfigError } from '../config.js';
import { readAnswer } from './answer.js';
import { readVerifier, type Verifier } from './format/keys.js';
import { consistencyProof } from './format/tiles.js';
import { Halt } from './halt.js';
import { latestCheckpoint, type Query, readTilesWith, type StoredCheckpoint } from './log-table.js';
import { addCheckpoint, type WitnessAddress, WitnessError } from './witness/client.js';

/** A place outside the database that remembers signed roots, so that who rewrites the database is found out. */
export interface Anchor {
  /** For people, and for the database; without passwords. */
  readonly name: string;
  /** How long it is left alone after a checkpoint. */
  readonly everyMs: number;
  /** The last checkpoint that it has, if it can tell. */
  readonly latest?: () => Promise<string | undefined>;
  /** All that it has, for verification. */
  readonly all?: () => AsyncIterable<string>;
  /** How far it saw the log come, if it can tell, and whether its checkpoint of this size is this one. Changes nothing there. */
  readonly seen?: (checkpoint: StoredCheckpoint) => Promise<{ readonly size: number; readonly same: boolean }>;
  /** Whose signatures its receipts are. */
  readonly cosigners?: readonly Verifier[];
  /** Hands it over. Returns the receipt, if there is one. */
  readonly deliver: (checkpoint: StoredCheckpoint, known: Known) => Promise<string | undefined>;
}

/** What the log knows of the anchor. */
interface Known {
  /** The size that it saw last. */
  readonly size: number;
  readonly query: Query;
}

const SECOND = 1_000;
const ANSWER_MS = 10 * SECOND;
/** More than any checkpoint. */
const TAIL_BYTES = 65_536;

/** LOG_ANCHORS: addresses with spaces between them. */
export function readAnchors(text: string): Anchor[] {
  const anchors = text
    .split(/\s+/)
    .filter(Boolean)
    .map((address) => {
      try {
        return readAnchor(address);
      } catch (cause) {
        if (cause instanceof ConfigError) throw cause;
        throw new ConfigError(`LOG_ANCHORS: ${address} can't be used: ${(cause as Error).message}`, { cause });
      }
    });
  const twice = anchors.find(({ name }, index) => anchors.findIndex((other) => other.name === name) !== index);
  if (twice) throw new ConfigError(`LOG_ANCHORS: ${twice.name} is there twice`);
  return anchors;
}

function readAnchor(address: string): Anchor {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url?.protocol === 'file:') return fileAnchor(url);
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && url.hostname === 'localhost')) return webAnchor(url);
  if (url && /^witness\+https?:$/.test(url.protocol)) return witnessAnchor(address);
  throw new ConfigError(
    `LOG_ANCHORS: ${address} is no anchor: use file:///path, https://host/path or witness+https://host/path#its-public-key`,
  );
}

/** A file on another disk: one JSON object a line, only ever appended to. */
function fileAnchor(url: URL): Anchor {
  const path = fileURLToPath(url);
  return {
    name: url.href,
    everyMs: 0,
    latest: async () =>
      (await readTail(path))
        ?.split('\n')
        .map(noteIn)
        .findLast((note) => note !== undefined),
    all: async function* all() {
      for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
        const note = noteIn(line);
        if (note !== undefined) yield note;
      }
    },
    deliver: async ({ signedAt, note }) => {
      const torn = /[^\n]$/.test((await readTail(path)) ?? '');
      await writeDurably(path, `${torn ? '\n' : ''}${JSON.stringify({ signedAt: signedAt.toISOString(), note })}\n`, 'a');
      return undefined;
    },
  };
}

/** Undefined: a blank line, or one that a crash cut short. It says nothing against the log, and what follows counts. */
function noteIn(line: string): string | undefined {
  try {
    const { note } = JSON.parse(line) as { note?: unknown };
    return typeof note === 'string' ? note : undefined;
  } catch {
    return undefined;
  }
}

async function readTail(path: string): Promise<string | undefined> {
  const file = await open(path, 'r').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (!file) return undefined;
  try {
    const { size } = await file.stat();
    const tail = Buffer.alloc(Math.min(size, TAIL_BYTES));
    await file.read(tail, 0, tail.length, size - tail.length);
    return tail.toString();
  } finally {
    await file.close();
  }
}

/** Takes each checkpoint by POST; may give the last one to GET. */
function webAnchor(url: URL): Anchor {
  const { username, password } = url;
  const address = new URL(url);
  address.username = '';
  address.password = '';
  const authorization = `Basic ${Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64')}`;
  const headers = { 'content-type': 'text/plain; charset=utf-8', ...(username && { authorization }) };
  const ask = (init: RequestInit) => fetch(address, { headers, redirect: 'error', signal: AbortSignal.timeout(ANSWER_MS), ...init });
  const latest = async (): Promise<string | undefined> => {
    const response = await ask({ method: 'GET' });
    // What isn't a note is some page: this place can't tell.
    if (!response.ok) {
      await response.body?.cancel();
      return undefined;
    }
    const body = await readAnswer(response, TAIL_BYTES);
    return body?.includes('\n\n— ') ? body : undefined;
  };
  return {
    name: address.href,
    everyMs: 60 * SECOND,
    latest,
    all: async function* all() {
      const note = await latest();
      if (note !== undefined) yield note;
    },
    deliver: async ({ note }) => {
      const response = await ask({ method: 'POST', body: note });
      await response.body?.cancel();
      if (!response.ok) throw new Error(`It answered ${response.status}.`);
      return undefined;
    },
  };
}

/** Another's server, which cosigns what continues what it has seen (c2sp.org/tlog-witness). */
function witnessAnchor(address: string): Anchor {
  const [url = '', key = ''] = address.slice('witness+'.length).split('#');
  const verifier = witnessKey(key);
  const witness: WitnessAddress = { url: url.replace(/\/+$/, ''), keys: [verifier] };
  return {
    name: `${verifier.name} (${witness.url})`,
    everyMs: 10 * SECOND,
    cosigners: witness.keys,
    seen: async ({ size, note }) => {
      // It cosigns again what it saw last, and answers everything else with how far it came.
      const answer = await addCheckpoint(witness, { oldSize: size, proof: [], checkpoint: note }, ANSWER_MS);
      return answer.outcome === 'cosigned' ? { size, same: true } : { size: answer.size, same: false };
    },
    deliver: async (checkpoint, { size, query }) => {
      const ask = async (oldSize: number) => {
        const proof = await consistencyProof(oldSize, checkpoint.size, readTilesWith(query));
        return addCheckpoint(witness, { oldSize, proof, checkpoint: checkpoint.note }, ANSWER_MS).catch((error: unknown) => {
          if (error instanceof WitnessError && error.status === 422) {
            throw new Halt(`The witness ${verifier.name} has seen another log of ${oldSize} entries.`);
          }
          throw error;
        });
      };
      let answer = await ask(Math.min(size, checkpoint.size));
      // It knows how far it came, and we may have missed its answer.
      if (answer.outcome === 'conflict' && answer.size <= checkpoint.size) answer = await ask(answer.size);
      if (answer.outcome === 'cosigned') return answer.lines;
      if (answer.size === checkpoint.size) throw new Halt(`The witness ${verifier.name} has seen another log of ${answer.size} entries.`);
      // Another server may have continued this log, and sent this anchor a later checkpoint.
      const now = (await latestCheckpoint(query))?.size ?? 0;
      if (answer.size <= now) throw new Error(`It has seen ${answer.size} entries already.`);
      throw new Halt(`The witness ${verifier.name} has seen ${answer.size} entries, and this log has ${now}.`);
    },
  };
}

function witnessKey(text: string): Verifier {
  try {
    const verifier = readVerifier(text);
    if (verifier.kind === 'cosignature') return verifier;
  } catch {
    // Said below.
  }
  throw new ConfigError(`LOG_ANCHORS: a witness's address ends with # and its public key, and ${text || 'nothing'} is none`);
}
