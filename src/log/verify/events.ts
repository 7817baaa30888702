import { TILE_WIDTH } from '../format/tiles.js';
import type { Query } from '../log-table.js';

/**
 * Entries are written here by PostgreSQL, in canonical JSON: it is several times as fast as handing over each column. Not by the
 * function in the database that does the same, since who alters events may alter functions.
 */
export const ENTRY = `'{"action":' || to_json(e.action)
  || ',"address":' || COALESCE(to_json(e.address)::text, 'null')
  || ',"clinicId":' || COALESCE('"' || e.clinic_id || '"', 'null')
  || ',"detailsSha256":' || COALESCE('"' || encode(e.details_sha256, 'hex') || '"', 'null')
  || ',"id":"' || e.id
  || '","nonce":"' || encode(e.nonce, 'hex')
  || '","occurredAt":"' || to_char(e.occurred_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
  || '","outcome":' || to_json(e.outcome)
  || ',"patientId":' || COALESCE('"' || e.patient_id || '"', 'null')
  || ',"requestId":' || COALESCE(to_json(e.request_id)::text, 'null')
  || ',"staffId":' || COALESCE('"' || e.staff_id || '"', 'null')
  || ',"staffName":' || COALESCE(to_json(e.staff_name)::text, 'null')
  || ',"staffRole":' || COALESCE(to_json(e.staff_role)::text, 'null')
  || ',"subject":' || COALESCE(to_json(e.subject)::text, 'null')
  || ',"subjectId":' || COALESCE(to_json(e.subject_id)::text, 'null')
  || ',"userAgent":' || COALESCE(to_json(e.user_agent)::text, 'null') || '}'`;

/** An erasure took the details of this event. That the list of those is the one recorded is verified by itself. */
export const ERASED = 'EXISTS (SELECT FROM audit.erased_events x WHERE x.clinic_id = e.clinic_id AND x.event_id = e.id)';

/**
 * What was found of a leaf: `k` as recorded, `.` without details, `e` its details were erased, `u` they are gone and no erasure took them,
 * `d` they were changed, `c` it is said to be another clinic's, `-` there is no event, `l` there is no leaf.
 */
export type Found = 'k' | '.' | 'e' | 'u' | 'd' | 'c' | '-' | 'l';

/** Leaves that lie side by side, with their events. */
export interface Batch {
  readonly start: number;
  /** Of the entries that the events make, one after the other; zeros where there is no event. */
  readonly hashes: Buffer;
  /** One letter for each. */
  readonly found: string;
  /** Tiles of level 0 by their index: the hashes as the tree has them. */
  readonly tiles: ReadonlyMap<number, Buffer>;
}

const TILES = 16;
/** Whole tiles. */
export const BATCH = TILES * TILE_WIDTH;

export async function readBatch(query: Query, start: number, size: number): Promise<Batch> {
  const leaves = [start, Math.min(start + BATCH, size) - 1];
  // Neighbours in the log are neighbours in the record: without their range each batch would read all of it.
  const [range] = await query<{ first: string; last: string; since: string; until: string }>(
    `SELECT (array_agg(event_id ORDER BY event_id))[1] AS first, (array_agg(event_id ORDER BY event_id DESC))[1] AS last,
            min(occurred_at)::text AS since, max(occurred_at)::text AS until
       FROM audit.leaves WHERE leaf_index BETWEEN $1 AND $2`,
    leaves,
  );
  const [row] = await query<{ hashes: Buffer | null; found: string | null }>(
    // Hashed here, too: handing over the entries costs more than hashing them.
    `SELECT string_agg(COALESCE(sha256('\\x00'::bytea || convert_to(${ENTRY}, 'UTF8')), decode(repeat('00', 32), 'hex')), ''::bytea ORDER BY n) AS hashes,
            string_agg(CASE WHEN l.leaf_index IS NULL THEN 'l'
                            WHEN e.id IS NULL THEN '-'
                            WHEN e.clinic_id IS DISTINCT FROM l.clinic_id THEN 'c'
                            WHEN e.details_sha256 IS NULL THEN CASE WHEN e.details IS NULL THEN '.' ELSE 'd' END
                            WHEN e.details IS NULL THEN CASE WHEN ${ERASED} THEN 'e' ELSE 'u' END
                            WHEN sha256(e.salt || convert_to(e.details, 'UTF8')) = e.details_sha256 THEN 'k' ELSE 'd' END, '' ORDER BY n) AS found
       FROM generate_series($1::bigint, $2::bigint) AS n
       LEFT JOIN audit.leaves l ON l.leaf_index = n AND l.leaf_index BETWEEN $1 AND $2
       LEFT JOIN audit.events e ON e.id = l.event_id AND e.occurred_at = l.occurred_at
                               AND e.id BETWEEN $3 AND $4 AND e.occurred_at BETWEEN $5 AND $6`,
    [...leaves, range?.first, range?.last, range?.since, range?.until],
  );
  const tiles = await query<{ tile_index: string; hashes: Buffer }>(
    'SELECT tile_index, hashes FROM audit.tiles WHERE level = 0 AND tile_index >= $1 AND tile_index < $1 + $2',
    [start / TILE_WIDTH, TILES],
  );
  return {
    start,
    hashes: row?.hashes ?? Buffer.alloc(0),
    found: row?.found ?? '',
    tiles: new Map(tiles.map(({ tile_index: index, hashes }) => [Number(index), hashes])),
  };
}
