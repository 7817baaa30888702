import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PROJECT_ROOT } from '../config.js';

export interface SqlFile {
  readonly name: string;
  readonly sql: string;
  readonly sha256: string;
}

export interface SqlSources {
  /** The folder of the migrations, which are applied once, in the order of their names. */
  readonly migrations: string;
  /** The files of the state, in the order in which they are applied. */
  readonly state: readonly string[];
}

/**
 * History is tables and data; state is what the database does with them: functions, views, triggers, policies, grants, and defaults that
 * call our functions. State lies beside its subject's module. PostgreSQL looks for the functions of a policy, a default, a trigger, or
 * another function's standard SQL body when it creates that, so a file comes after those that it builds on.
 */
export const SQL: SqlSources = {
  migrations: join(PROJECT_ROOT, 'migrations'),
  state: [
    'database/database.sql',
    'identity/identity.sql',
    'audit/audit.sql',
    'log/log.sql',
    'clinics/clinics.sql',
    'staff/staff.sql',
    'keys/keys.sql',
    'request/idempotency.sql',
    'patients/patients.sql',
    'patients/likeness.sql',
    'screening/screening.sql',
    'consent/consent.sql',
    'sessions/sessions.sql',
    'retention/retention.sql',
    // In dist they lie where they lie in src.
  ].map((path) => fileURLToPath(new URL(`../${path}`, import.meta.url))),
};

export async function readMigrations({ migrations }: SqlSources): Promise<SqlFile[]> {
  const names = (await readdir(migrations)).filter((name) => name.endsWith('.sql')).sort();
  return Promise.all(names.map((name) => readSql(join(migrations, name))));
}

export function readState({ state }: SqlSources): Promise<SqlFile[]> {
  return Promise.all(state.map(readSql));
}

export async function readSql(path: string): Promise<SqlFile> {
  const sql = await readFile(path, 'utf8');
  // Line endings may differ between checkouts; the statements don't.
  return { name: basename(path), sql, sha256: sha256(sql.replaceAll('\r\n', '\n')) };
}

/** One digest of many files, of their names and of their order. */
export function digestOf(files: readonly { readonly name: string; readonly sha256: string }[]): string {
  return sha256(files.map((file) => `${file.name} ${file.sha256}\n`).join(''));
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
