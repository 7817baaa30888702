import { HASH_BYTES, isSize } from './merkle.js';

/** What is read has the wrong form. Nobody's trust is in question: it may be no more than damage. */
export class MalformedError extends Error {}

/** The form is right, but what it says isn't proven. */
export class UntrustedError extends Error {}

/** Base 64 of RFC 4648 §4, and only as an encoder writes it: one text for one value. */
export function readBase64(text: string): Buffer {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64') !== text) throw new MalformedError('Not base 64, or not as it is written');
  return bytes;
}

export function readHash(text: string): Buffer {
  const hash = readBase64(text);
  if (hash.length !== HASH_BYTES) throw new MalformedError('A hash has 32 bytes');
  return hash;
}

/** An ASCII decimal without leading zeros. */
export function readSize(text: string): number {
  const size = /^(?:0|[1-9]\d{0,15})$/.test(text) ? Number(text) : Number.NaN;
  if (!isSize(size)) throw new MalformedError('Not a size, or too large');
  return size;
}

/** What a list holds between its first blank line and what follows it. */
export function splitAtBlankLine(text: string): [lines: string[], rest: string] {
  const at = text.indexOf('\n\n');
  if (at < 0) throw new MalformedError('A blank line is missing');
  return [text.slice(0, at).split('\n'), text.slice(at + 2)];
}

/** Of bytes: UTF-8 and nothing else. */
export function readText(note: string | Uint8Array): string {
  if (typeof note === 'string') {
    if (!note.isWellFormed()) throw new MalformedError('Not Unicode');
    return note;
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(note);
  } catch (cause) {
    throw new MalformedError('Not UTF-8', { cause });
  }
}
