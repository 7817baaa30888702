import { Client } from 'pg';
import { ConfigError } from '../../config.js';
import type { Anchor } from '../anchors.js';
import type { LogKeys } from '../log-keys.js';
import { type Query, queryOn } from '../log-table.js';
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

/**
 * As events were written, and nobody's limit ends it. Who alters rows may have put functions or operators of the same names before
 * PostgreSQL's own, or policies that hide rows from their owner: the latter end in an error.
 */
const SETTINGS = `
  SET search_path = pg_catalog, pg_temp;
  SET row_security = off;
  SET TimeZone = 'UTC';
  SET DateStyle = 'ISO, MDY';
  SET IntervalStyle = 'postgres';
  SET bytea_output = 'hex';
  SET extra_float_digits = 1;
  SET statement_timeout = 0;
  SET transaction_timeout = 0;
  SET jit = off`;

/** Everything that a database and its anchors can prove, read in one snapshot while others go on writing. */
export async function verify({ databaseUrl, keys, anchors, report, progress }: Verification): Promise<Verified> {
  const [client, reader, later] = [0, 1, 2].map(
    () => new Client({ connectionString: databaseUrl, application_name: 'assent verify', keepAlive: true }),
  ) as [Client, Client, Client];
  try {
    const [query, read, now] = (await Promise.all([client, reader, later].map(connect))) as [Query, Query, Query];
    await query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const [snapshot] = await query<{ id: string }>('SELECT pg_export_snapshot() AS id');
    await read(`BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET TRANSACTION SNAPSHOT '${snapshot?.id}'`);
    const entries = await verifyLog({ query, read, keys, report, progress: (done, total) => progress('log', done, total) });
    await progress('waiting', 0, 1);
    await verifyWaiting(query, report);
    await verifyErasures(query, report);
    await progress('anchors', 0, anchors.length);
    const anchored = await verifyAnchored(query, entries, { now, keys, anchors, report });
    const rows = await verifyRows(query, report, (done, total) => progress('rows', done, total));
    return { entries, anchored, rows };
  } finally {
    await Promise.all([client, reader, later].map((one) => one.end().catch(() => undefined)));
  }
}

async function connect(client: Client): Promise<Query> {
  // The caller who waits for an answer gets the error.
  client.on('error', () => undefined);
  await client.connect().catch((cause: unknown) => {
    // An address that has several has an error for each.
    const reason = cause instanceof AggregateError ? cause.errors.join('; ') : String(cause);
    throw new ConfigError(`The database can't be used: ${reason}`, { cause });
  });
  await client.query(SETTINGS);
  return queryOn(client);
}
