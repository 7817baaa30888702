import * as fc from 'fast-check';
import { EMPTY_ROOT, HASH_BYTES, verifyConsistency, verifyInclusion } from '../../src/log/format/merkle.js';
import { append, consistencyProof, inclusionProof, type ReadTiles, rightEdge, TILE_WIDTH, treeRoot } from '../../src/log/format/tiles.js';
import { naiveLeaf, NaiveTree, SparseTree } from '../support/naive-merkle.js';
import { TileStore } from '../support/tile-store.js';

const leaves = Array.from({ length: 66_000 }, (_, i) => naiveLeaf(Buffer.from(`entry ${i}`)));
const naive = new NaiveTree(leaves);
const leafAt = (index: number): Buffer => leaves[index] ?? EMPTY_ROOT;

/** A store with a tree that was appended in batches of these lengths. */
async function grown(batches: readonly number[]): Promise<{ store: TileStore; size: number }> {
  const store = new TileStore();
  let size = 0;
  for (const batch of batches) {
    const appended = await append(size, leaves.slice(size, size + batch), store.read);
    expect(appended.previousRoot).toEqual(naive.MTH(0, size));
    store.write(appended.tiles);
    size += batch;
    expect(appended.size).toBe(size);
    expect(appended.root).toEqual(naive.MTH(0, size));
  }
  return { store, size };
}

describe('the proofs from tiles', () => {
  it('are those of the RFC’s own definition, for all sizes up to 128', async () => {
    const { store } = await grown([128]);
    for (let size = 1; size <= 128; size += 1) {
      expect(await treeRoot(size, store.read)).toEqual(naive.MTH(0, size));
      for (let index = 0; index < size; index += 1) {
        // One comparison of all that was got: expect() is slow, and this is 16,000 proofs.
        const inclusion = await inclusionProof(index, size, store.read);
        const consistency = await consistencyProof(index, size, store.read);
        const expected = [...naive.PATH(index, 0, size), ...(index === 0 ? [] : naive.PROOF(index, size))];
        if (!Buffer.concat([...inclusion, ...consistency]).equals(Buffer.concat(expected))) throw new Error(`${index} of ${size}`);
      }
      expect(await consistencyProof(size, size, store.read)).toEqual([]);
    }
  });

  it.each([255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537])('are right at the edges of tiles: %i', async (size) => {
    const { store } = await grown([66_000]);
    expect(await treeRoot(size, store.read)).toEqual(naive.MTH(0, size));
    for (const index of [0, 1, 254, 255, 256, 257, 65_280, 65_534, 65_535, 65_536, size - 2, size - 1]) {
      if (index >= size) continue;
      expect(await inclusionProof(index, size, store.read)).toEqual(naive.PATH(index, 0, size));
      expect(await consistencyProof(index + 1, size, store.read)).toEqual(naive.PROOF(index + 1, size));
    }
  });

  it('need one reading, of few tiles, each once', async () => {
    const { store, size } = await grown([65_537]);
    for (const proof of [
      () => inclusionProof(300, size, store.read),
      () => consistencyProof(300, size, store.read),
      () => treeRoot(size, store.read),
      () => append(size, [leafAt(0)], store.read),
    ]) {
      store.readings.length = 0;
      await proof();
      expect(store.readings).toHaveLength(1);
      const keys = store.readings.flat().map(({ level, index }) => `${level}/${index}`);
      expect(new Set(keys).size).toBe(keys.length);
      expect(keys.length).toBeLessThanOrEqual(4);
    }
  });

  it('need no reading where there is nothing to prove', async () => {
    const store = new TileStore();
    expect(await treeRoot(0, store.read)).toEqual(EMPTY_ROOT);
    expect(await inclusionProof(0, 1, store.read)).toEqual([]);
    expect(await consistencyProof(0, 5, store.read)).toEqual([]);
    expect(await consistencyProof(5, 5, store.read)).toEqual([]);
    expect(store.readings).toEqual([]);
  });

  it('aren’t given for what isn’t in the tree', async () => {
    const { read } = new TileStore();
    await expect(inclusionProof(5, 5, read)).rejects.toThrow(RangeError);
    await expect(inclusionProof(-1, 5, read)).rejects.toThrow(RangeError);
    await expect(inclusionProof(0.5, 5, read)).rejects.toThrow(RangeError);
    await expect(inclusionProof(0, 2 ** 53, read)).rejects.toThrow(RangeError);
    await expect(consistencyProof(6, 5, read)).rejects.toThrow(RangeError);
    await expect(treeRoot(-1, read)).rejects.toThrow(RangeError);
  });

  it.each([
    ['missing', undefined],
    ['too short', Buffer.alloc(4 * HASH_BYTES)],
    ['cut within a hash', Buffer.alloc(5 * HASH_BYTES + 1)],
    ['too long', Buffer.alloc((TILE_WIDTH + 1) * HASH_BYTES)],
  ])('aren’t made of a tile that is %s', async (_, tile) => {
    const read: ReadTiles = async () => (tile ? [tile] : []);
    await expect(treeRoot(5, read)).rejects.toThrow('Tile 0/0');
    await expect(append(5, [leafAt(5)], read)).rejects.toThrow('Tile 0/0');
  });
});

describe('appending', () => {
  it('gives the tiles of a tree of 70,000 that the specification tells of', () => {
    expect(rightEdge(70_000)).toEqual([
      { level: 0, index: 273, width: 112 },
      { level: 1, index: 1, width: 17 },
      { level: 2, index: 0, width: 1 },
    ]);
    expect(rightEdge(256)).toEqual([{ level: 1, index: 0, width: 1 }]);
    expect(rightEdge(0)).toEqual([]);
  });

  it('gives each tile as the specification defines it', async () => {
    const { store } = await grown([65_537]);
    const expected = new TileStore();
    for (let level = 0; level <= 2; level += 1) {
      const span = TILE_WIDTH ** level;
      const nodes = Math.floor(65_537 / span);
      for (let index = 0; index * TILE_WIDTH < nodes; index += 1) {
        const width = Math.min(TILE_WIDTH, nodes - index * TILE_WIDTH);
        const start = (i: number): number => (index * TILE_WIDTH + i) * span;
        const hashes = Buffer.concat(Array.from({ length: width }, (_, i) => naive.MTH(start(i), start(i + 1))));
        expected.write([{ level, index, width, hashes }]);
      }
    }
    expect(store.contents).toEqual(expected.contents);
  });

  it('gives the same in any batches as at once', async () => {
    const atOnce = new Map<number, string[]>();
    const batches = fc.array(
      fc.oneof(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 250, max: 260 }), fc.integer({ min: 0, max: 2_000 })),
      {
        maxLength: 12,
      },
    );
    await fc.assert(
      fc.asyncProperty(batches, async (lengths) => {
        const { store, size } = await grown(lengths);
        if (!atOnce.has(size)) atOnce.set(size, (await grown([size])).store.contents);
        expect(store.contents).toEqual(atOnce.get(size));
      }),
      { numRuns: 40 },
    );
  });

  it.each([255, 256, 257, 65_535, 65_536, 65_537])('goes on from %i', async (size) => {
    const { store } = await grown([size, 1, 2, 255, 1]);
    expect(store.contents).toEqual((await grown([size + 259])).store.contents);
  });

  it('reads the right edge alone, and gives only what changed', async () => {
    const { store, size } = await grown([65_537]);
    store.readings.length = 0;
    const { tiles } = await append(size, [leafAt(size)], store.read);
    expect(store.readings).toEqual([rightEdge(size)]);
    expect(tiles.map(({ level, index, width }) => [level, index, width])).toEqual([[0, 256, 2]]);
  });

  it('shows by the previous root that a tile was changed', async () => {
    const { store, size } = await grown([300]);
    store.tiles.set('0/1', Buffer.concat([naiveLeaf(Buffer.of(1)), (store.tiles.get('0/1') ?? Buffer.alloc(0)).subarray(HASH_BYTES)]));
    expect((await append(size, [leafAt(size)], store.read)).previousRoot).not.toEqual(naive.MTH(0, size));
  });

  it('refuses what is no hash, and a tree too large to count', async () => {
    const { read } = new TileStore();
    await expect(append(0, [Buffer.alloc(31)], read)).rejects.toThrow(RangeError);
    await expect(append(Number.MAX_SAFE_INTEGER, [leafAt(0)], read)).rejects.toThrow(RangeError);
  });
});

describe.each([2 ** 31 + 1, 2 ** 32 - 1, 2 ** 40, 2 ** 40 + 12_345, Number.MAX_SAFE_INTEGER])('a tree of %i', (size) => {
  const odd = Math.floor(size * 0.7) + 1;
  const tree = new SparseTree(odd);
  const read: ReadTiles = async (keys) =>
    keys.map(({ level, index, width }) => {
      const span = TILE_WIDTH ** level;
      const start = (i: number): number => (index * TILE_WIDTH + i) * span;
      // No tile may be asked for that the tree hasn't.
      expect(start(width)).toBeLessThanOrEqual(size);
      return Buffer.concat(Array.from({ length: width }, (_, i) => tree.root(start(i), start(i + 1))));
    });

  it('has the root, and proves each leaf at its index', async () => {
    const root = await treeRoot(size, read);
    expect(root).toEqual(tree.root(0, size));
    for (const index of [0, 1, 2 ** 31 - 1, 2 ** 31, odd - 1, odd, odd + 1, size - 2, size - 1]) {
      const leaf = index === odd ? tree.odd : tree.same;
      const proof = await inclusionProof(index, size, read);
      expect(verifyInclusion({ index, size, leaf, proof, root })).toBe(true);
      expect(verifyInclusion({ index, size, leaf: index === odd ? tree.same : tree.odd, proof, root })).toBe(false);
    }
  });

  it('proves that it begins with each smaller one', async () => {
    const root2 = tree.root(0, size);
    for (const size1 of [1, 2, 2 ** 31 - 1, 2 ** 31, odd - 1, odd, odd + 1, size - 1]) {
      const proof = await consistencyProof(size1, size, read);
      const root1 = tree.root(0, size1);
      expect(verifyConsistency({ size1, size2: size, root1, root2, proof })).toBe(true);
      expect(verifyConsistency({ size1, size2: size, root1: root2, root2, proof })).toBe(false);
    }
  });

  it('grows', async () => {
    const from = size - 300;
    const added = Array.from({ length: 300 }, () => tree.same);
    const { root, previousRoot } = await append(from, added, read);
    expect(previousRoot).toEqual(tree.root(0, from));
    expect(root).toEqual(tree.root(0, size));
  });
});
