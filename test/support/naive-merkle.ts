import { createHash } from 'node:crypto';

/** RFC 6962 §2.1, word for word and slowly: the second opinion on src/audit/merkle.ts and tiles.ts, from which it takes nothing. */

const sha256 = (...parts: Uint8Array[]): Buffer => createHash('sha256').update(Buffer.concat(parts)).digest();

/** The largest power of two smaller than n. */
function k(n: number): number {
  let power = 1;
  while (power * 2 < n) power *= 2;
  return power;
}

export const naiveLeaf = (data: Uint8Array): Buffer => sha256(Buffer.of(0), data);
export const naiveNode = (left: Uint8Array, right: Uint8Array): Buffer => sha256(Buffer.of(1), left, right);

/** D[start:end] as MTH, PATH and SUBPROOF see it. Roots are remembered: there are few, and each is needed often. */
export class NaiveTree {
  private readonly roots = new Map<string, Buffer>();

  constructor(private readonly leaves: readonly Buffer[]) {}

  MTH(start: number, end: number): Buffer {
    const known = this.roots.get(`${start}:${end}`);
    if (known) return known;
    const n = end - start;
    const only = this.leaves[start];
    if (n === 0) return sha256();
    if (n === 1 && only) return only;
    const root = naiveNode(this.MTH(start, start + k(n)), this.MTH(start + k(n), end));
    this.roots.set(`${start}:${end}`, root);
    return root;
  }

  PATH(m: number, start: number, end: number): Buffer[] {
    const n = end - start;
    if (n === 1) return [];
    const middle = start + k(n);
    if (m < k(n)) return [...this.PATH(m, start, middle), this.MTH(middle, end)];
    return [...this.PATH(m - k(n), middle, end), this.MTH(start, middle)];
  }

  PROOF(m: number, n: number): Buffer[] {
    return this.SUBPROOF(m, 0, n, true);
  }

  private SUBPROOF(m: number, start: number, end: number, b: boolean): Buffer[] {
    const n = end - start;
    if (m === n) return b ? [] : [this.MTH(start, end)];
    const middle = start + k(n);
    if (m <= k(n)) return [...this.SUBPROOF(m, start, middle, b), this.MTH(middle, end)];
    return [...this.SUBPROOF(m - k(n), middle, end, false), this.MTH(start, middle)];
  }
}

/**
 * A tree of any size whose leaves are all the same but one, so that its nodes needn't be counted: what a subtree's root is depends on
 * whether the odd leaf is in it, and where.
 */
export class SparseTree {
  private readonly zeros: Buffer[] = [naiveLeaf(Buffer.from('same'))];
  readonly odd = naiveLeaf(Buffer.from('odd'));
  readonly same: Buffer;

  constructor(readonly at: number) {
    for (let i = 0; i < 53; i += 1) this.zeros.push(naiveNode(this.zero(i), this.zero(i)));
    this.same = this.zero(0);
  }

  /** MTH(D[start:end]). */
  root(start: number, end: number): Buffer {
    const n = end - start;
    const has = start <= this.at && this.at < end;
    if (n === 1) return has ? this.odd : this.same;
    // Math.log2 alone would take 2^53 - 1 for a power of two.
    const level = Math.round(Math.log2(n));
    if (!has && 2 ** level === n) return this.zero(level);
    return naiveNode(this.root(start, start + k(n)), this.root(start + k(n), end));
  }

  private zero(i: number): Buffer {
    const zero = this.zeros[i];
    if (!zero) throw new RangeError(`No level ${i}`);
    return zero;
  }
}
