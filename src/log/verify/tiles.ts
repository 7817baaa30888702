import { HASH_BYTES } from '../format/merkle.js';
import { perfectRoot, TILE_WIDTH } from '../format/tiles.js';
import type { Query } from '../log-table.js';
import type { Report } from './findings.js';

/** Goes through a tree's leaves and says which stored tiles above them aren't what follows from those below. */
export class TileCheck {
  /** Of each level's last tile. Those of level 0 come whole. */
  private readonly levels: Buffer[][] = [[]];
  private tiles = 0;

  constructor(
    private readonly query: Query,
    private readonly report: Report,
  ) {}

  /** A whole tile of leaves, or the last one. Its own hashes were compared already. */
  async addTile(hashes: readonly Buffer[]): Promise<void> {
    this.tiles += 1;
    if (hashes.length === TILE_WIDTH) await this.add(1, perfectRoot(hashes));
  }

  /** The tiles that aren't full, and that there are no others. */
  async end(): Promise<void> {
    for (const [level, hashes] of this.levels.entries()) {
      if (hashes.length > 0) await this.compare(level, this.indices[level] ?? 0, hashes);
    }
    const [row] = await this.query<{ count: string }>('SELECT count(*) FROM audit.tiles');
    if (Number(row?.count) !== this.tiles) {
      await this.report({ clinicId: null, subject: 'tree', problem: `has ${row?.count} tiles where there should be ${this.tiles}` });
    }
  }

  private readonly indices: number[] = [];

  private async add(level: number, hash: Buffer): Promise<void> {
    const hashes = (this.levels[level] ??= []);
    hashes.push(hash);
    if (hashes.length < TILE_WIDTH) return;
    const index = this.indices[level] ?? 0;
    await this.compare(level, index, hashes);
    this.indices[level] = index + 1;
    this.levels[level] = [];
    await this.add(level + 1, perfectRoot(hashes));
  }

  private async compare(level: number, index: number, hashes: readonly Buffer[]): Promise<void> {
    this.tiles += 1;
    const [row] = await this.query<{ hashes: Buffer }>('SELECT hashes FROM audit.tiles WHERE level = $1 AND tile_index = $2', [
      level,
      index,
    ]);
    if (!row) {
      // The count of tiles is off by this one, and this says which.
      this.tiles -= 1;
      await this.report({ clinicId: null, subject: `tile ${level}/${index}`, problem: 'is missing' });
    } else if (!row.hashes.equals(Buffer.concat(hashes))) {
      await this.report({ clinicId: null, subject: `tile ${level}/${index}`, problem: 'doesn’t match the entries below it' });
    }
  }
}

export function hashesOf(tile: Buffer): Buffer[] {
  return Array.from({ length: Math.floor(tile.length / HASH_BYTES) }, (_, i) => tile.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES));
}
