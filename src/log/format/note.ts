import { isKeyName, type KeyName, type Signer, type Verifier } from './keys.js';
import { MalformedError, readBase64, readText, UntrustedError } from './text.js';

/** Signed notes, c2sp.org/signed-note: a text, a blank line, and a line for each signature. */

export interface Signature extends KeyName {
  readonly signature: Buffer;
  /** As it stands in the note, with its newline. */
  readonly line: string;
}

export interface Note {
  /** With its last newline. Nothing in it counts before somebody's signature does. */
  readonly text: string;
  readonly signatures: readonly Signature[];
}

export interface VerifiedNote {
  readonly text: string;
  /** One for each verifier that signed, and no others. */
  readonly signatures: readonly (Signature & { readonly by: Verifier })[];
}

/** As many as golang.org/x/mod/sumdb/note reads. */
const MOST_SIGNATURES = 100;
const ID_BYTES = 4;
// eslint-disable-next-line no-control-regex -- they are what is looked for
const CONTROL = /[\0-\x09\x0b-\x1f]/;

export function parseNote(note: string | Uint8Array): Note {
  const all = readText(note);
  if (CONTROL.test(all)) throw new MalformedError('A note has no control characters');
  const end = all.lastIndexOf('\n\n');
  const lines = all.slice(end + 2).split('\n');
  if (end < 0 || lines.pop() !== '' || lines.length === 0) throw new MalformedError('A note ends with a blank line and its signatures');
  if (lines.length > MOST_SIGNATURES) throw new MalformedError('Too many signatures');
  return { text: all.slice(0, end + 1), signatures: lines.map(parseSignature) };
}

function parseSignature(line: string): Signature {
  const [, name, base64] = /^— ([^ ]+) ([^ ]+)$/.exec(line) ?? [];
  if (name === undefined || base64 === undefined || !isKeyName(name)) throw new MalformedError('Not a signature’s line');
  const bytes = readBase64(base64);
  if (bytes.length <= ID_BYTES) throw new MalformedError('A signature is missing');
  return { name, id: bytes.toString('hex', 0, ID_BYTES), signature: bytes.subarray(ID_BYTES), line: `${line}\n` };
}

/** Reads a note that at least one of the verifiers signed. Other signatures are left out; a false one refuses the note. */
export function openNote(note: string | Uint8Array, verifiers: readonly Verifier[]): VerifiedNote {
  const { text, signatures } = parseNote(note);
  const verified = new Map<Verifier, Signature & { by: Verifier }>();
  for (const signature of signatures) {
    const [by, another] = verifiers.filter(({ name, id }) => name === signature.name && id === signature.id);
    if (another) throw new UntrustedError(`Two keys are called ${signature.name}+${signature.id}`);
    if (!by) continue;
    if (!by.verify(text, signature.signature)) throw new UntrustedError(`The signature of ${by.name} is invalid`);
    // By its key, so that nobody counts twice.
    verified.set(by, { ...signature, by });
  }
  if (verified.size === 0) throw new UntrustedError('No trusted key signed it');
  return { text, signatures: [...verified.values()] };
}

export function signNote(text: string, signers: readonly Signer[]): string {
  return parsed(`${text}\n${signers.map((signer) => signatureLine(text, signer)).join('')}`);
}

/** A signature by itself, to be put below a note of this text. */
export function signatureLine(text: string, signer: Signer): string {
  return `— ${signer.name} ${Buffer.concat([Buffer.from(signer.id, 'hex'), signer.sign(text)]).toString('base64')}\n`;
}

/** What we write, everybody must be able to read. */
function parsed(note: string): string {
  parseNote(note);
  return note;
}
