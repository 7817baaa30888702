import * as fc from 'fast-check';
import { perfectSubtrees, RootCalculator } from '../../src/log/format/merkle.js';
import { append, coverRoots } from '../../src/log/format/tiles.js';
import { naiveLeaf, NaiveTree } from '../support/naive-merkle.js';
import { TileStore } from '../support/tile-store.js';

const LEAVES = 1_500;
const leaves = Array.from({ length: LEAVES }, (_, i) => naiveLeaf(Buffer.from(`entry ${i}`)));
const naive = new NaiveTree(leaves);
const store = new TileStore();
beforeAll(async () => {
  store.write((await append(0, leaves, store.read)).tiles);
});

/** Cuts a tree of some size into ranges. */
const cuts = fc
  .tuple(fc.integer({ min: 1, max: LEAVES }), fc.array(fc.nat(LEAVES), { maxLength: 12 }))
  .map(([size, at]) => [...new Set([0, ...at.filter((cut) => cut < size), size])].sort((a, b) => a - b));
const rangesOf = (bounds: readonly number[]) => bounds.slice(1).map((end, i): [number, number] => [bounds[i] ?? 0, end]);

describe('a range of leaves', () => {
  it('is covered by perfect subtrees, each of which stands at a multiple of its size and couldn’t be larger', () => {
    fc.assert(
      fc.property(fc.nat(100_000), fc.nat(100_000), (start, length) => {
        let at = start;
        for (const size of perfectSubtrees(start, start + length)) {
          expect(Number.isInteger(Math.log2(size)) && at % size === 0).toBe(true);
          expect(at % (2 * size) === 0 && at + 2 * size <= start + length).toBe(false);
          at += size;
        }
        expect(at).toBe(start + length);
      }),
    );
  });

  it('leads to the tree’s root with the others, whichever way the tree is cut', async () => {
    await fc.assert(
      fc.asyncProperty(cuts, async (bounds) => {
        const [size, ranges] = [bounds.at(-1) ?? 0, rangesOf(bounds)];
        const before = store.readings.length;
        const roots = await coverRoots(size, ranges, store.read);
        expect(store.readings.length).toBeLessThanOrEqual(before + 1);
        const tree = new RootCalculator();
        for (const [i, [start, end]] of ranges.entries()) {
          const sizes = perfectSubtrees(start, end);
          expect(roots[i]).toHaveLength(sizes.length);
          for (const [n, root] of (roots[i] ?? []).entries()) tree.append(root, sizes[n]);
        }
        expect([tree.size, tree.root().toString('hex')]).toEqual([size, naive.MTH(0, size).toString('hex')]);
      }),
    );
  });

  it.each([
    [1, 2],
    [4, 8],
    [0, 3],
    [8, 0],
    [8, -8],
    [8, 1.5],
  ])('after %i leaves has no perfect subtree of %i', (before, size) => {
    const tree = new RootCalculator();
    for (const leaf of leaves.slice(0, before)) tree.append(leaf);
    expect(() => tree.append(leaves[0] as Buffer, size)).toThrow(RangeError);
  });
});
