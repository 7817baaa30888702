import { HASH_BYTES, RootCalculator } from '../format/merkle.js';
import { TILE_WIDTH } from '../format/tiles.js';
import type { LogKeys } from '../log-keys.js';
import type { Query } from '../log-table.js';
import { CheckpointCheck } from './checkpoints.js';
import { BATCH, type Batch, ENTRY, ERASED, type Found, readBatch } from './events.js';
import type { Report } from './findings.js';
import { hashesOf, TileCheck } from './tiles.js';

const PROBLEMS: Readonly<Partial<Record<Found, string>>> = {
  u: 'was changed: its details are missing, and no erasure removed them',
  d: 'was changed: its details aren’t those that were recorded',
  c: 'belongs to one clinic in the log and to another in the audit trail',
  '-': 'is missing from the audit trail',
  l: 'is missing from the log',
};

export interface Progress {
  /** Of entries, or of rows. */
  (done: number, total: number): Promise<void> | void;
}

interface LogVerification {
  readonly query: Query;
  /** Of the same snapshot on another connection, so that PostgreSQL reads the next batch while this one is hashed. */
  readonly read: Query;
  readonly keys: LogKeys;
  readonly report: Report;
  readonly progress: Progress;
}

/** Every entry against its event and the tree, every node of the tree, and every signed root. Returns how many entries there are. */
export async function verifyLog({ query, read, keys, report, progress }: LogVerification): Promise<number> {
  const [row] = await query<{ size: string }>('SELECT COALESCE(max(leaf_index) + 1, 0) AS size FROM audit.leaves');
  const size = Number(row?.size);
  const tree = new RootCalculator();
  const tiles = new TileCheck(query, report);
  const checkpoints = new CheckpointCheck(query, keys, report);
  let next = size > 0 ? readBatch(read, 0, size) : undefined;
  for (let start = 0; next; start += BATCH) {
    const batch = await next;
    next = start + BATCH < size ? readBatch(read, start + BATCH, size) : undefined;
    // A rejection is dealt with when it is awaited.
    next?.catch(() => undefined);
    await verifyBatch(batch, { query, tree, tiles, checkpoints, report });
    await progress(Math.min(start + BATCH, size), size);
  }
  await tiles.end();
  await checkpoints.end(size);
  return size;
}

interface Checks {
  readonly query: Query;
  readonly tree: RootCalculator;
  readonly tiles: TileCheck;
  readonly checkpoints: CheckpointCheck;
  readonly report: Report;
}

async function verifyBatch(
  { start, hashes: ofEvents, found, tiles: stored }: Batch,
  { query, tree, tiles, checkpoints, report }: Checks,
): Promise<void> {
  for (let from = 0; from < found.length; from += TILE_WIDTH) {
    const index = (start + from) / TILE_WIDTH;
    const tile = stored.get(index) ?? Buffer.alloc(0);
    const there = hashesOf(tile);
    const width = Math.min(TILE_WIDTH, found.length - from);
    const hashes: Buffer[] = [];
    for (let i = 0; i < width; i += 1) {
      const leaf = start + from + i;
      const letter = found[from + i] as Found;
      const hash = ofEvents.subarray((from + i) * HASH_BYTES, (from + i + 1) * HASH_BYTES);
      const known = there[i];
      // Where the tile ends too early, it is the tile that is reported.
      const same = known?.equals(hash) ?? true;
      if (!same || PROBLEMS[letter]) {
        await reportLeaf(query, report, leaf, PROBLEMS[letter] ?? `isn’t the entry in the log: it was changed, or tile 0/${index} was`);
      }
      // What the tree says goes on into it, so that one changed event isn't everybody's problem.
      hashes.push(known ?? hash);
      tree.append(known ?? hash);
      if (checkpoints.isDue(tree.size)) await checkpoints.compare(tree.size, tree.root());
    }
    if (tile.length !== width * HASH_BYTES) {
      const problem = `has ${tile.length / HASH_BYTES} hashes where there should be ${width}`;
      await report({ clinicId: null, subject: `tile 0/${index}`, problem });
    }
    await tiles.addTile(hashes);
  }
}

async function reportLeaf(query: Query, report: Report, leaf: number, problem: string): Promise<void> {
  const [row] = await query<{ event_id: string; clinic_id: string | null }>(
    'SELECT event_id, clinic_id FROM audit.leaves WHERE leaf_index = $1',
    [leaf],
  );
  await report({ clinicId: row?.clinic_id ?? null, subject: row ? `event ${row.event_id} (entry ${leaf})` : `entry ${leaf}`, problem });
}

/** Events that the log should have and hasn't. */
export async function verifyWaiting(query: Query, report: Report): Promise<void> {
  const altered = await query<{ event_id: string; clinic_id: string | null; gone: boolean }>(
    `SELECT u.event_id, e.clinic_id, e.id IS NULL AS gone
       FROM audit.unsealed u LEFT JOIN audit.events e ON e.id = u.event_id AND e.occurred_at = u.occurred_at
      WHERE e.id IS NULL OR sha256('\\x00'::bytea || convert_to(${ENTRY}, 'UTF8')) <> u.leaf_hash
         OR e.details IS NOT NULL AND sha256(e.salt || convert_to(e.details, 'UTF8')) IS DISTINCT FROM e.details_sha256
         OR e.details IS NULL AND e.details_sha256 IS NOT NULL AND NOT ${ERASED}
      ORDER BY u.event_id`,
  );
  for (const { event_id: id, clinic_id: clinicId, gone } of altered) {
    await report({
      clinicId,
      subject: `event ${id}`,
      problem: gone ? 'was removed before it got into the log' : 'was changed before it got into the log',
    });
  }
  const twice = await query<{ event_id: string; clinic_id: string | null }>(
    'SELECT event_id, clinic_id FROM audit.unsealed JOIN audit.leaves USING (event_id) ORDER BY event_id LIMIT 1000',
  );
  for (const { event_id: id, clinic_id: clinicId } of twice) {
    await report({ clinicId, subject: `event ${id}`, problem: 'is in the log, but was made to wait for it again' });
  }
  const unknown = await query<{ id: string; clinic_id: string | null }>(
    `SELECT e.id, e.clinic_id FROM audit.events e
      WHERE NOT EXISTS (SELECT FROM audit.leaves l WHERE l.event_id = e.id AND l.occurred_at = e.occurred_at)
        AND NOT EXISTS (SELECT FROM audit.unsealed u WHERE u.event_id = e.id AND u.occurred_at = e.occurred_at)
      ORDER BY e.id LIMIT 1000`,
  );
  for (const { id, clinic_id: clinicId } of unknown) {
    await report({
      clinicId,
      subject: `event ${id}`,
      problem: 'isn’t in the log and isn’t waiting for it: it wasn’t recorded by the application',
    });
  }
}
