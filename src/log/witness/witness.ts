import { type Checkpoint, readCheckpoint } from '../format/checkpoint.js';
import type { Signer, Verifier } from '../format/keys.js';
import { EMPTY_ROOT, verifyConsistency } from '../format/merkle.js';
import { openNote, parseNote, signatureLine, type VerifiedNote } from '../format/note.js';
import { MalformedError, readHash, readSize, readText, splitAtBlankLine, UntrustedError } from '../format/text.js';
import type { WitnessState } from './state.js';

/**
 * A witness of logs, c2sp.org/tlog-witness: it remembers how far it saw each log come, and cosigns a checkpoint only if it continues
 * that. So a log can't show one history to some and another one to others: it would need a witness that saw both.
 */

/** An answer as HTTP gives it. */
export interface Answer {
  readonly status: 200 | 400 | 403 | 404 | 409 | 422;
  readonly type: string;
  readonly body: string;
}

export interface AddCheckpoint {
  /** How far the witness has seen the log, as far as the log knows. */
  readonly oldSize: number;
  readonly proof: readonly Buffer[];
  /** A signed note. */
  readonly checkpoint: string;
}

/** The keys of the logs that are witnessed, by their origins. */
export type Logs = ReadonlyMap<string, readonly Verifier[]>;

export const SIZE_TYPE = 'text/x.tlog.size';
const TEXT_TYPE = 'text/plain; charset=utf-8';
/** The longest proof that may be sent. */
const MOST_HASHES = 63;

export function writeAddCheckpoint({ oldSize, proof, checkpoint }: AddCheckpoint): string {
  return [`old ${oldSize}`, ...proof.map((hash) => hash.toString('base64')), '', checkpoint].join('\n');
}

export function readAddCheckpoint(body: string | Uint8Array): AddCheckpoint {
  const [[old, ...hashes], checkpoint] = splitAtBlankLine(readText(body));
  if (!old?.startsWith('old ')) throw new MalformedError('The old size is missing');
  if (hashes.length > MOST_HASHES) throw new MalformedError('The proof is too long');
  return { oldSize: readSize(old.slice('old '.length)), proof: hashes.map(readHash), checkpoint };
}

export class Witness {
  private busy: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly logs: Logs,
    private readonly signer: Signer,
    private readonly state: WitnessState,
  ) {
    if (signer.kind !== 'cosignature') throw new TypeError('A witness signs with a key for cosignatures');
  }

  addCheckpoint(body: string | Uint8Array): Promise<Answer> {
    // One after the other: between comparing with what is remembered and remembering the next, nobody else may do so.
    const answer = this.busy.then(() => this.answer(body));
    this.busy = answer.catch(() => undefined);
    return answer;
  }

  private async answer(body: string | Uint8Array): Promise<Answer> {
    try {
      const request = readAddCheckpoint(body);
      const checkpoint = readCheckpoint(parseNote(request.checkpoint).text);
      const keys = this.logs.get(checkpoint.origin);
      if (!keys) return text(404, 'This log isn’t witnessed here.');
      return await this.witness(request, checkpoint, openNote(request.checkpoint, keys));
    } catch (error) {
      if (error instanceof MalformedError) return text(400, error.message);
      if (error instanceof UntrustedError) return text(403, error.message);
      throw error;
    }
  }

  private async witness({ oldSize, proof }: AddCheckpoint, { origin, size, root }: Checkpoint, note: VerifiedNote): Promise<Answer> {
    if (oldSize > size) return text(400, 'The old size is larger than the checkpoint’s.');
    const known = this.state.latest(origin) ?? { size: 0, root: EMPTY_ROOT };
    const conflict: Answer = { status: 409, type: SIZE_TYPE, body: `${known.size}\n` };
    if (oldSize !== known.size) return conflict;
    // One size, two roots: the log has forked.
    if (size === known.size && !root.equals(known.root)) return conflict;
    if (!verifyConsistency({ size1: known.size, size2: size, root1: known.root, root2: root, proof })) {
      return text(422, 'The checkpoint isn’t proven to continue the last one.');
    }
    // First it is on the disk: a cosignature that was forgotten could be followed by one of another history.
    await this.state.keep(note);
    return { status: 200, type: TEXT_TYPE, body: signatureLine(note.text, this.signer) };
  }
}

const text = (status: Answer['status'], message: string): Answer => ({ status, type: TEXT_TYPE, body: `${message}\n` });
