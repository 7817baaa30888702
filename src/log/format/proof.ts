import { type OpenedCheckpoint, openCheckpoint, type Trust } from './checkpoint.js';
import { isSize, verifyInclusion } from './merkle.js';
import { MalformedError, readBase64, readHash, readSize, readText, splitAtBlankLine, UntrustedError } from './text.js';

/** That an entry is in a log, to be checked without asking anybody: c2sp.org/tlog-proof@v1. */
export interface Proof {
  readonly index: number;
  /** From the leaf's sibling to the root's child. */
  readonly hashes: readonly Buffer[];
  /** A signed note. */
  readonly checkpoint: string;
  /** Comes along unproven. */
  readonly extra?: Buffer | undefined;
}

export interface VerifiedProof extends OpenedCheckpoint {
  readonly index: number;
  readonly extra: Buffer | undefined;
}

const HEADER = 'c2sp.org/tlog-proof@v1';
/** No tree whose size fits into a line is higher. */
const MOST_HASHES = 63;

export function writeProof({ index, hashes, checkpoint, extra }: Proof): string {
  if (!isSize(index)) throw new MalformedError('Not an index');
  const lines = [HEADER, ...(extra ? [`extra ${extra.toString('base64')}`] : []), `index ${index}`];
  return [...lines, ...hashes.map((hash) => hash.toString('base64')), '', checkpoint].join('\n');
}

/** Only its form: verifyProof says whether it is true. */
export function readProof(proof: string | Uint8Array): Proof {
  const [[header, ...lines], checkpoint] = splitAtBlankLine(readText(proof));
  if (header !== HEADER) throw new MalformedError(`A proof begins with ${HEADER}`);
  const extra = lines[0]?.startsWith('extra ') ? lines.shift() : undefined;
  const [index, ...hashes] = lines;
  if (!index?.startsWith('index ')) throw new MalformedError('The index is missing');
  if (hashes.length > MOST_HASHES) throw new MalformedError('Too many hashes');
  return {
    index: readSize(index.slice('index '.length)),
    hashes: hashes.map(readHash),
    checkpoint,
    extra: extra === undefined ? undefined : readBase64(extra.slice('extra '.length)),
  };
}

/** Throws, unless this leaf is in the log that the reader trusts, and where the proof says. */
export function verifyProof(proof: string | Uint8Array, leaf: Uint8Array, trust: Trust): VerifiedProof {
  const { index, hashes, checkpoint: note, extra } = readProof(proof);
  const opened = openCheckpoint(note, trust);
  const { size, root } = opened.checkpoint;
  if (!verifyInclusion({ index, size, leaf, proof: hashes, root })) throw new UntrustedError('The entry isn’t in the log there');
  return { ...opened, index, extra };
}
