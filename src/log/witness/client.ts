import { readAnswer } from '../answer.js';
import type { Verifier } from '../format/keys.js';
import { openNote, parseNote, type VerifiedNote } from '../format/note.js';
import { readSize, UntrustedError } from '../format/text.js';
import { type AddCheckpoint, SIZE_TYPE, writeAddCheckpoint } from './witness.js';

export interface WitnessAddress {
  /** The submission prefix, without a slash at its end. */
  readonly url: string;
  readonly keys: readonly Verifier[];
}

export type Witnessed =
  /** Verified lines, to be put below the checkpoint. */
  | { readonly outcome: 'cosigned'; readonly lines: string }
  /** The witness has seen another size. If it is ours too, it has seen another log. */
  | { readonly outcome: 'conflict'; readonly size: number };

export class WitnessError extends Error {
  constructor(
    /** What HTTP answered. Undefined: nothing, in time. */
    readonly status: number | undefined,
    message: string,
    cause?: unknown,
  ) {
    super(message, { cause });
  }
}

/** 16 of the largest signatures there are, with room. */
const MOST_BYTES = 131_072;

/** Asks a witness to cosign. Throws a WitnessError if it doesn't, for whatever reason but the old size. */
export async function addCheckpoint(witness: WitnessAddress, request: AddCheckpoint, timeoutMs = 10_000): Promise<Witnessed> {
  const { status, type, body } = await post(`${witness.url}/add-checkpoint`, writeAddCheckpoint(request), timeoutMs);
  if (status === 409 && type === SIZE_TYPE)
    return { outcome: 'conflict', size: understood(status, () => readSize(body.replace(/\n$/, ''))) };
  if (status !== 200) throw new WitnessError(status, `The witness answered ${status}: ${body.slice(0, 200)}`);
  const { signatures } = understood(status, () => cosignatures(request.checkpoint, body, witness.keys));
  return { outcome: 'cosigned', lines: signatures.map(({ line }) => line).join('') };
}

/** Without the checkpoint's own signatures, so that nothing but the answer is believed. */
function cosignatures(checkpoint: string, lines: string, keys: readonly Verifier[]): VerifiedNote {
  const { text } = parseNote(checkpoint);
  const opened = openNote(`${text}\n${lines}`, keys);
  // A blank line in the answer would move its beginning into the text.
  if (opened.text !== text) throw new UntrustedError('Another text was cosigned');
  return opened;
}

function understood<T>(status: number, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new WitnessError(status, `The witness answered what can’t be trusted: ${(error as Error).message}`, error);
  }
}

async function post(url: string, body: string, timeoutMs: number): Promise<{ status: number; type: string | null; body: string }> {
  try {
    // The time is for the whole answer, not for its beginning alone.
    const signal = AbortSignal.timeout(timeoutMs);
    const headers = { 'content-type': 'text/plain; charset=utf-8' };
    const response = await fetch(url, { method: 'POST', body, headers, redirect: 'error', signal });
    const answer = await readAnswer(response, MOST_BYTES);
    if (answer === undefined) throw new Error('The answer is too long');
    return { status: response.status, type: response.headers.get('content-type'), body: answer };
  } catch (error) {
    throw new WitnessError(undefined, 'The witness didn’t answer', error);
  }
}
