import { Client } from 'pg';
import type { Anchor } from '../anchors.js';
import type { LogKeys } from '../log-keys.js';
import type { Query } from '../log-table.js';
import { verifyAnchored } from './anchored.js';
import { verifyErasures } from './erasures.js';
import type { Report } from './findings.js';
import { verifyLog, verifyWaiting } from './log.js';
import { verifyRows } from './rows.js';

export type Phase = 'log' | 'waiting' | 'anchors' | 'rows';

export interface Verification {
  /** URL of the database as its owner, who reads everything. Nothing is written. */
  readonly databaseUrl: string;
  readonly keys: LogKeys;
  readonly anchors: readonly Anchor[];
  readonly report: Report;
  readonly progress: (phase: Phase, done: number, total: number) => Promise<void> | void;
}

export interface Verified {
  readonly entries: number;
  readonly anchored: number;
  readonly rows: number;
}

/** All that can be told from inside a database and its anchors, in one snapshot, while others go on writing. */
export async function verify({ databaseUrl, keys, anchors, report, progress }: Verification): Promise<Verified> {
  const client = new Client({ connectionString: databaseUrl, application_name: 'assent verify' });
  await client.connect();
  try {
    const query: Query = async (sql, values) => (await client.query(sql, values)).rows;
    await query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    // As events were written; and nobody's limit ends it.
    await query(`SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO, MDY'; SET LOCAL statement_timeout = 0; SET LOCAL jit = off`);
    const entries = await verifyLog(query, keys, report, (done, total) => progress('log', done, total));
    await progress('waiting', 0, 1);
    await verifyWaiting(query, report);
    await verifyErasures(query, report);
    await progress('anchors', 0, anchors.length);
    const anchored = await verifyAnchored(query, entries, { keys, anchors, report });
    const rows = await verifyRows(query, report, (done, total) => progress('rows', done, total));
    return { entries, anchored, rows };
  } finally {
    await client.end();
  }
}
