import type { ReadTiles, Tile, TileKey } from '../../src/log/format/tiles.js';

/** Tiles in memory, as a table would keep them: one row for each level and index, replaced when it grows. */
export class TileStore {
  readonly tiles = new Map<string, Buffer>();
  /** What was asked for, call by call. */
  readonly readings: (readonly TileKey[])[] = [];

  write(tiles: readonly Tile[]): void {
    for (const { level, index, hashes } of tiles) this.tiles.set(`${level}/${index}`, hashes);
  }

  /** For comparing: Jest takes seconds for some hundred buffers. */
  get contents(): string[] {
    return [...this.tiles].map(([key, hashes]) => `${key} ${hashes.toString('base64')}`).sort();
  }

  readonly read: ReadTiles = async (keys) => {
    this.readings.push(keys);
    return keys.map(({ level, index }) => {
      const tile = this.tiles.get(`${level}/${index}`);
      if (!tile) throw new Error(`There is no tile ${level}/${index}`);
      return tile;
    });
  };
}
