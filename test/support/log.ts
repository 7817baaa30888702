import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from 'pg';
import type { Trust } from '../../src/log/format/checkpoint.js';
import { readSigner, type Signer } from '../../src/log/format/keys.js';
import { type TestDatabase, withClient } from './database.js';
import { type Ended, runCli } from './process.js';

/** Looks again until it is so. Gives up before the test's own time is over, so that what the test started is stopped. */
export async function until(isSo: () => Promise<boolean>): Promise<void> {
  const last = Date.now() + 300_000;
  while (!(await isSo())) {
    if (Date.now() > last) throw new Error(`It isn't so after five minutes: ${isSo.toString()}`);
    await delay(50);
  }
}

export async function rowsOf<T = Record<string, string>>(database: TestDatabase, sql: string, values: unknown[] = []): Promise<T[]> {
  return withClient(database.superuser, async (client) => (await client.query(sql, values)).rows as T[]);
}

/** Once nothing waits for the log any more. */
export function sealed(database: TestDatabase): Promise<void> {
  return withClient(database.superuser, (client) =>
    until(async () => (await client.query('SELECT FROM audit.unsealed LIMIT 1')).rowCount === 0),
  );
}

/** As somebody with every right on the database, past triggers and foreign keys. */
export function tamper(database: TestDatabase, how: (client: Client) => Promise<unknown>): Promise<unknown> {
  return withClient(database.superuser, async (client) => {
    await client.query('SET session_replication_role = replica');
    return how(client);
  });
}

export const verify = (database: TestDatabase, args: string[] = [], env: Readonly<Record<string, string>> = {}): Promise<Ended> =>
  runCli(database, ['verify', ...args], env);

/** What verification found: each line but the summary. */
export const findings = ({ stdout }: Ended): string[] =>
  stdout.split('\n').filter((line) => line && !/^(All is as|\d+ findings|No independent copy)/.test(line));

export async function logSigner({ dataDir }: TestDatabase): Promise<Signer> {
  return readSigner((await readFile(join(dataDir, 'log-key'), 'utf8')).trim().split(/\s/)[0] ?? '');
}

export async function trustOf(database: TestDatabase): Promise<Trust> {
  const { name, verifier } = await logSigner(database);
  return { origin: name, log: [verifier], witnesses: [], quorum: 0 };
}
