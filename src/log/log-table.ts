import type { ClientBase, Pool } from 'pg';
import type { TileKey } from './format/tiles.js';

/** A connection or a transaction, of any owner. */
export type Query = <Row>(sql: string, values?: unknown[]) => Promise<Row[]>;

export const queryOn =
  (client: ClientBase | Pool): Query =>
  async (sql, values) =>
    (await client.query(sql, values)).rows;

/** A checkpoint as it is stored. */
export interface StoredCheckpoint {
  readonly id: string;
  readonly size: number;
  readonly root: Buffer;
  readonly note: string;
  readonly signedAt: Date;
}

interface CheckpointRow {
  readonly id: string;
  /** A bigint, as pg gives it. */
  readonly tree_size: string;
  readonly root: Buffer;
  readonly note: string;
  readonly signed_at: Date;
}

const toCheckpoint = ({ id, tree_size: size, root, note, signed_at: signedAt }: CheckpointRow): StoredCheckpoint => ({
  id,
  size: Number(size),
  root,
  note,
  signedAt,
});

export async function latestCheckpoint(query: Query): Promise<StoredCheckpoint | undefined> {
  const [row] = await query<CheckpointRow>('SELECT * FROM audit.checkpoints ORDER BY id DESC LIMIT 1');
  return row && toCheckpoint(row);
}

/** The last signed state, with what witnesses said of it. */
export async function latestNote(query: Query): Promise<{ readonly size: number; readonly note: string } | undefined> {
  const latest = await latestCheckpoint(query);
  if (!latest) return undefined;
  const receipts = await query<{ receipt: string }>(
    'SELECT receipt FROM audit.anchorings WHERE checkpoint_id = $1 AND receipt IS NOT NULL ORDER BY anchor',
    [latest.id],
  );
  return { size: latest.size, note: latest.note + receipts.map(({ receipt }) => receipt).join('') };
}

export const readTilesWith =
  (query: Query) =>
  async (keys: readonly TileKey[]): Promise<Buffer[]> => {
    const rows = await query<{ level: number; tile_index: string; hashes: Buffer }>(
      'SELECT level, tile_index, hashes FROM audit.tiles JOIN unnest($1::smallint[], $2::bigint[]) AS wanted (level, tile_index) USING (level, tile_index)',
      [keys.map(({ level }) => level), keys.map(({ index }) => index)],
    );
    const tiles = new Map(rows.map(({ level, tile_index: index, hashes }) => [`${level}/${index}`, hashes]));
    // What is missing is noticed where its hashes are.
    return keys.map(({ level, index }) => tiles.get(`${level}/${index}`) ?? Buffer.alloc(0));
  };
