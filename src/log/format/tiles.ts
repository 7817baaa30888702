import { EMPTY_ROOT, HASH_BYTES, isHash, isSize, join, nodeHash, perfectSubtrees, powerUpTo } from './merkle.js';

/**
 * The tree's nodes as c2sp.org/tlog-tiles keeps them: tile n of level l has the roots of the 256 perfect subtrees of 256^l leaves from
 * leaf n · 256^(l+1) on. The nodes between two levels are hashed again when they are needed. The last tile of a level grows until it
 * is full, and nothing that was written ever changes.
 */

export const TILE_WIDTH = 256;
const TILE_HEIGHT = 8;

export interface TileKey {
  readonly level: number;
  readonly index: number;
  /** How many hashes the tile has in a tree of the size in question, 1 to 256. */
  readonly width: number;
}

export interface Tile extends TileKey {
  /** The hashes, one after the other. */
  readonly hashes: Buffer;
}

/**
 * Gives the tiles, in the order of the keys. A tile that has grown since may come as it is now: it begins with what it was. Each
 * function below asks once, for all that it needs.
 */
export type ReadTiles = (keys: readonly TileKey[]) => Promise<readonly Uint8Array[]>;

export interface Appended {
  readonly size: number;
  readonly root: Buffer;
  /** Before: to compare with the last signed root, since a tile that somebody changed would be built upon. */
  readonly previousRoot: Buffer;
  /** The new ones and those that grew, whole. */
  readonly tiles: readonly Tile[];
}

/** The leaves from `start` up to `end`, without it. `start` is a multiple of a power of two that is at least the length. */
type Range = readonly [start: number, end: number];

/** The root of the tree's first `size` leaves. */
export async function treeRoot(size: number, readTiles: ReadTiles): Promise<Buffer> {
  const [root] = await rangeRoots(size, [[0, checked(size)]], readTiles);
  return root ?? EMPTY_ROOT;
}

/** PATH of RFC 6962 §2.1.1: that the leaf is in the tree. */
export async function inclusionProof(index: number, size: number, readTiles: ReadTiles): Promise<Buffer[]> {
  if (checked(index) >= checked(size)) throw new RangeError(`A tree of ${size} has no leaf ${index}`);
  const ranges: Range[] = [];
  let [start, end] = [0, size];
  while (end - start > 1) {
    const middle = start + split(end - start);
    ranges.push(index < middle ? [middle, end] : [start, middle]);
    if (index < middle) end = middle;
    else start = middle;
  }
  return rangeRoots(size, ranges.toReversed(), readTiles);
}

/** PROOF of RFC 6962 §2.1.2: that the tree of `size2` begins with that of `size1`. */
export async function consistencyProof(size1: number, size2: number, readTiles: ReadTiles): Promise<Buffer[]> {
  if (checked(size1) > checked(size2)) throw new RangeError(`A tree of ${size2} doesn't begin with one of ${size1}`);
  if (size1 === 0) return [];
  const ranges: Range[] = [];
  let [start, end] = [0, size2];
  while (end !== size1) {
    const middle = start + split(end - start);
    ranges.push(size1 <= middle ? [middle, end] : [start, middle]);
    if (size1 <= middle) end = middle;
    else start = middle;
  }
  // Who asks knows the root of the first tree, which is what is left at the left edge.
  if (start !== 0) ranges.push([start, end]);
  return rangeRoots(size2, ranges.toReversed(), readTiles);
}

/** For each range of leaves, which may begin and end anywhere, the roots of its perfect subtrees from left to right. */
export async function coverRoots(size: number, ranges: readonly (readonly [number, number])[], readTiles: ReadTiles): Promise<Buffer[][]> {
  const covers = ranges.map(([start, end]) => {
    let at = start;
    return perfectSubtrees(start, end).map((length): Range => [at, (at += length)]);
  });
  const roots = await rangeRoots(checked(size), covers.flat(), readTiles);
  let at = 0;
  return covers.map(({ length }) => roots.slice(at, (at += length)));
}

/** Appends leaf hashes to a tree, of which it reads the right edge alone: at most one tile a level. */
export async function append(size: number, leaves: readonly Buffer[], readTiles: ReadTiles): Promise<Appended> {
  checked(size);
  const newSize = checked(size + leaves.length);
  if (!leaves.every(isHash)) throw new RangeError('A leaf hash has 32 bytes');
  const edge = rightEdge(size);
  const before = await readHashes(edge, readTiles);
  const known = new Map(edge.map(({ level }, i) => [level, before[i] ?? []]));
  const rights: Buffer[][] = [];
  const tiles: Tile[] = [];
  let added: readonly Buffer[] = leaves;
  // A tile of the level above gets one hash for each that is full.
  for (let level = 0, nodes = size; nodes > 0 || added.length > 0; level += 1, nodes = Math.floor(nodes / TILE_WIDTH)) {
    const hashes = [...(known.get(level) ?? [])];
    const full: Buffer[] = [];
    let index = Math.floor(nodes / TILE_WIDTH);
    for (const hash of added) {
      hashes.push(hash);
      if (hashes.length < TILE_WIDTH) continue;
      tiles.push(tile(level, index, hashes));
      full.push(perfectRoot(hashes));
      hashes.length = 0;
      index += 1;
    }
    if (added.length > 0 && hashes.length > 0) tiles.push(tile(level, index, hashes));
    rights.push(hashes);
    added = full;
  }
  return { size: newSize, root: rootOfEdge(rights), previousRoot: rootOfEdge(before), tiles };
}

/** The tiles of a tree that aren't full, from level 0 on. */
export function rightEdge(size: number): TileKey[] {
  const keys: TileKey[] = [];
  for (let level = 0, nodes = size; nodes > 0; level += 1, nodes = Math.floor(nodes / TILE_WIDTH)) {
    const width = nodes % TILE_WIDTH;
    if (width > 0) keys.push({ level, index: Math.floor(nodes / TILE_WIDTH), width });
  }
  return keys;
}

function checked(size: number): number {
  if (!isSize(size)) throw new RangeError(`Not a size: ${size}`);
  return size;
}

/** k of RFC 6962: the largest power of two smaller than `n`. */
const split = (n: number): number => powerUpTo(n - 1).power;

/** The hashes of some perfect subtree's leaves or nodes, as they stand in a tile. */
interface Part {
  readonly key: TileKey;
  readonly from: number;
  readonly count: number;
}

/** The perfect subtrees that make the range, from left to right. */
function partsOf([start, end]: Range, size: number): Part[] {
  const parts: Part[] = [];
  for (let at = start; at < end;) {
    const { power, exponent } = powerUpTo(end - at);
    const level = Math.floor(exponent / TILE_HEIGHT);
    const span = TILE_WIDTH ** level;
    const index = Math.floor(at / span / TILE_WIDTH);
    const width = Math.min(TILE_WIDTH, Math.floor(size / span) - index * TILE_WIDTH);
    parts.push({ key: { level, index, width }, from: at / span - index * TILE_WIDTH, count: power / span });
    at += power;
  }
  return parts;
}

const name = ({ level, index }: TileKey): string => `${level}/${index}`;

/** MTH of each range, with one reading. */
async function rangeRoots(size: number, ranges: readonly Range[], readTiles: ReadTiles): Promise<Buffer[]> {
  const parts = ranges.map((range) => partsOf(range, size));
  const keys = [...new Map(parts.flat().map(({ key }) => [name(key), key])).values()];
  const read = await readHashes(keys, readTiles);
  const tiles = new Map(keys.map((key, i) => [name(key), read[i] ?? []]));
  return parts.map((some) => join(some.map(({ key, from, count }) => perfectRoot((tiles.get(name(key)) ?? []).slice(from, from + count)))));
}

async function readHashes(keys: readonly TileKey[], readTiles: ReadTiles): Promise<Buffer[][]> {
  if (keys.length === 0) return [];
  const tiles = await readTiles(keys);
  return keys.map(({ level, index, width }, i) => {
    const bytes = tiles[i];
    if (!bytes || bytes.length < width * HASH_BYTES || bytes.length > TILE_WIDTH * HASH_BYTES || bytes.length % HASH_BYTES !== 0) {
      throw new Error(`Tile ${level}/${index} has ${bytes?.length ?? 'no'} bytes where ${width} hashes are needed`);
    }
    const tile = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    return Array.from({ length: width }, (_, n) => tile.subarray(n * HASH_BYTES, (n + 1) * HASH_BYTES));
  });
}

function tile(level: number, index: number, hashes: readonly Buffer[]): Tile {
  return { level, index, width: hashes.length, hashes: Buffer.concat(hashes) };
}

/** The root of a perfect tree. */
export function perfectRoot(hashes: readonly Buffer[]): Buffer {
  let row = hashes;
  while (row.length > 1) row = Array.from({ length: row.length / 2 }, (_, i) => nodeHash(at(row, 2 * i), at(row, 2 * i + 1)));
  return at(row, 0);
}

function at(row: readonly Buffer[], i: number): Buffer {
  const hash = row[i];
  if (!hash) throw new RangeError('A hash is missing');
  return hash;
}

/** The root of a tree from the hashes of its tiles that aren't full, from level 0 on. */
function rootOfEdge(rights: readonly (readonly Buffer[])[]): Buffer {
  const subtrees: Buffer[] = [];
  for (const hashes of rights.toReversed()) {
    for (let from = 0; from < hashes.length;) {
      const { power } = powerUpTo(hashes.length - from);
      subtrees.push(perfectRoot(hashes.slice(from, from + power)));
      from += power;
    }
  }
  return join(subtrees);
}
