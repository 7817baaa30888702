import { hash } from 'node:crypto';

/**
 * The Merkle tree of RFC 6962 §2.1, and the verification of its proofs as RFC 9162 §2.1.3.2 and §2.1.4.2 write it down. Sizes and
 * indices are Numbers up to 2^53 - 1: nothing here uses bit operators, which would cut them to 32 bits.
 */

export const HASH_BYTES = 32;

/** MTH of no leaves: the hash of nothing. */
export const EMPTY_ROOT: Buffer = hash('sha256', '', 'buffer');

/** The first byte differs from a node's, so that nobody can pass two hashes off as an entry. */
export function leafHash(data: Uint8Array): Buffer {
  const input = Buffer.allocUnsafe(1 + data.length);
  input[0] = 0;
  input.set(data, 1);
  return hash('sha256', input, 'buffer');
}

// One buffer for all: hashing is synchronous, and copies what it is given.
const node = Buffer.alloc(1 + 2 * HASH_BYTES, 1);

export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  node.set(left, 1);
  node.set(right, 1 + HASH_BYTES);
  return hash('sha256', node, 'buffer');
}

export function isHash(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array && value.length === HASH_BYTES;
}

export function isSize(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

const isOdd = (n: number): boolean => n % 2 === 1;
const half = (n: number): number => Math.floor(n / 2);

/** The largest power of two that is at most `n`, for n ≥ 1, and its exponent. */
export function powerUpTo(n: number): { power: number; exponent: number } {
  let power = 1;
  let exponent = 0;
  while (power <= n - power) {
    power *= 2;
    exponent += 1;
  }
  return { power, exponent };
}

/** MTH of a whole tree from the roots of its perfect subtrees, which stand from left (largest) to right. */
export function join(subtrees: readonly Buffer[]): Buffer {
  return subtrees.length === 0 ? EMPTY_ROOT : subtrees.reduceRight((right, left) => nodeHash(left, right));
}

/** The sizes of the perfect subtrees that cover the leaves from `start` up to `end`, from left to right: each as large as it can be. */
export function perfectSubtrees(start: number, end: number): number[] {
  const sizes: number[] = [];
  for (let at = start; at < end; at += sizes.at(-1) ?? 0) {
    let size = 1;
    while (at % (2 * size) === 0 && at + 2 * size <= end) size *= 2;
    sizes.push(size);
  }
  return sizes;
}

/** Roots of a growing tree, in memory of one hash for each bit of its size. For going through a whole log. */
export class RootCalculator {
  private leaves = 0;
  /** The roots of the perfect subtrees that make the tree: one for each 1 in the binary form of its size. */
  private readonly subtrees: Buffer[] = [];

  get size(): number {
    return this.leaves;
  }

  /** A leaf hash, or the root of a perfect subtree of that many leaves, which stands at a multiple of its size. */
  append(root: Buffer, leaves = 1): void {
    if (!isHash(root)) throw new RangeError('A hash has 32 bytes');
    const place = this.leaves / leaves;
    if (!Number.isSafeInteger(place) || (leaves !== 1 && powerUpTo(leaves).power !== leaves)) {
      throw new RangeError(`After ${this.leaves} leaves there is no perfect subtree of ${leaves}`);
    }
    let right = root;
    // As in adding 1 in binary: each 1 at the end is carried.
    for (let n = place; isOdd(n); n = half(n)) {
      const left = this.subtrees.pop();
      if (left) right = nodeHash(left, right);
    }
    this.subtrees.push(right);
    this.leaves += leaves;
  }

  root(): Buffer {
    return join(this.subtrees);
  }
}

export interface Inclusion {
  readonly index: number;
  readonly size: number;
  readonly leaf: Uint8Array;
  readonly proof: readonly Uint8Array[];
  readonly root: Uint8Array;
}

/** Whether the leaf is at this index of the tree with this size and root. */
export function verifyInclusion({ index, size, leaf, proof, root }: Inclusion): boolean {
  if (!isSize(index) || !isSize(size) || index >= size || ![leaf, root, ...proof].every(isHash)) return false;
  let fn = index;
  let sn = size - 1;
  let r = leaf;
  for (const p of proof) {
    if (sn === 0) return false;
    if (isOdd(fn) || fn === sn) {
      r = nodeHash(p, r);
      while (!isOdd(fn) && fn !== 0) [fn, sn] = [half(fn), half(sn)];
    } else {
      r = nodeHash(r, p);
    }
    [fn, sn] = [half(fn), half(sn)];
  }
  return sn === 0 && Buffer.compare(r, root) === 0;
}

export interface Consistency {
  readonly size1: number;
  readonly size2: number;
  readonly root1: Uint8Array;
  readonly root2: Uint8Array;
  readonly proof: readonly Uint8Array[];
}

/**
 * Whether the second tree begins with all of the first. What the RFC leaves open: trees of one size must be the same tree, the empty
 * one has one root, it begins every tree, and nothing of this needs a proof, so that none may be given.
 */
export function verifyConsistency({ size1, size2, root1, root2, proof }: Consistency): boolean {
  if (!isSize(size1) || !isSize(size2) || size1 > size2 || ![root1, root2, ...proof].every(isHash)) return false;
  if (size2 === 0 && Buffer.compare(root2, EMPTY_ROOT) !== 0) return false;
  if (size1 === size2) return proof.length === 0 && Buffer.compare(root1, root2) === 0;
  if (size1 === 0) return proof.length === 0 && Buffer.compare(root1, EMPTY_ROOT) === 0;
  if (proof.length === 0) return false;
  // The first tree of a power of two is a node of the second, and so the proof begins with its root, unsaid.
  const [first, ...rest] = powerUpTo(size1).power === size1 ? [root1, ...proof] : proof;
  if (!first) return false;
  let fn = size1 - 1;
  let sn = size2 - 1;
  while (isOdd(fn)) [fn, sn] = [half(fn), half(sn)];
  let fr = first;
  let sr = first;
  for (const c of rest) {
    if (sn === 0) return false;
    if (isOdd(fn) || fn === sn) {
      fr = nodeHash(c, fr);
      sr = nodeHash(c, sr);
      while (!isOdd(fn) && fn !== 0) [fn, sn] = [half(fn), half(sn)];
    } else {
      sr = nodeHash(sr, c);
    }
    [fn, sn] = [half(fn), half(sn)];
  }
  return sn === 0 && Buffer.compare(fr, root1) === 0 && Buffer.compare(sr, root2) === 0;
}
