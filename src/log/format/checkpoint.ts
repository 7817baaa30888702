import type { Verifier } from './keys.js';
import { HASH_BYTES, isSize } from './merkle.js';
import { openNote, type VerifiedNote } from './note.js';
import { MalformedError, readHash, readSize, UntrustedError } from './text.js';

/** The head of a log, c2sp.org/tlog-checkpoint: the text of a note that the log signs. */
export interface Checkpoint {
  /** Which log: best its address without https://. */
  readonly origin: string;
  readonly size: number;
  readonly root: Buffer;
  /** Further lines, if there are any. Nobody audits them. */
  readonly extensions: readonly string[];
}

/** Whom a reader believes. */
export interface Trust {
  readonly origin: string;
  /** The log's keys: one of them must have signed. */
  readonly log: readonly Verifier[];
  readonly witnesses: readonly Verifier[];
  /** How many witnesses, by their names, must have cosigned. */
  readonly quorum: number;
}

export interface OpenedCheckpoint extends VerifiedNote {
  readonly checkpoint: Checkpoint;
}

export function writeCheckpoint({ origin, size, root, extensions }: Checkpoint): string {
  if (!isSize(size) || root.length !== HASH_BYTES) throw new MalformedError('A checkpoint has a size and a root of 32 bytes');
  const text = [origin, size, root.toString('base64'), ...extensions, ''].join('\n');
  // A line in the origin, or a blank one, would be read as something else.
  if (readCheckpoint(text).extensions.length !== extensions.length) throw new MalformedError('A line has a newline');
  return text;
}

/** Of a note's text. Where signatures matter, use openCheckpoint. */
export function readCheckpoint(text: string): Checkpoint {
  const lines = text.split('\n');
  const last = lines.pop();
  const [origin, size, root, ...extensions] = lines;
  if (origin === undefined || size === undefined || root === undefined || last !== '' || lines.includes('')) {
    throw new MalformedError('A checkpoint has three lines or more, none of them blank');
  }
  return { origin, size: readSize(size), root: readHash(root), extensions };
}

/** Reads the checkpoint of this very log, which signed it, and enough witnesses with it. */
export function openCheckpoint(note: string | Uint8Array, { origin, log, witnesses, quorum }: Trust): OpenedCheckpoint {
  const opened = openNote(note, [...log, ...witnesses]);
  const checkpoint = readCheckpoint(opened.text);
  if (checkpoint.origin !== origin) throw new UntrustedError('It is the checkpoint of another log');
  // A witness's signature alone says what it saw, not that the log stands by it.
  if (!opened.signatures.some(({ by }) => log.includes(by))) throw new UntrustedError('The log didn’t sign');
  const cosigners = new Set(opened.signatures.filter(({ by }) => witnesses.includes(by)).map(({ name }) => name));
  if (cosigners.size < quorum) throw new UntrustedError(`${cosigners.size} of ${quorum} witnesses cosigned`);
  return { ...opened, checkpoint };
}
