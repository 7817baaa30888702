import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { ConfigError, type DatabaseUrls, PROJECT_ROOT } from '../config.js';

const OLDEST_POSTGRES = 180_000;
/** Any number will do; two migrations that run at once take turns by it. */
const MIGRATION_LOCK = 7_302_115_881;

/** Brings the database up to date. Returns the names of the migrations that it applied; none when it already was. */
export async function migrate(urls: DatabaseUrls, folder = join(PROJECT_ROOT, 'migrations')): Promise<string[]> {
  const client = new Client({ connectionString: urls.owner, application_name: 'assent migrate' });
  await connect(client);
  try {
    await checkVersion(client);
    await client.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await createRole(client, 'DATABASE_URL', urls.app, 'assent_app');
    await createRole(client, 'DATABASE_IDENTITY_URL', urls.identity, 'assent_identity');
    await createRole(client, 'DATABASE_SEALER_URL', urls.sealer, 'assent_sealer');
    await secureDatabase(client);
    const applied = await applyMigrations(client, folder);
    await createPartitions(client);
    return applied;
  } finally {
    await client.end();
  }
}

async function connect(client: Client): Promise<void> {
  try {
    await client.connect();
  } catch (error) {
    // An address that has several has an error for each.
    const reason = error instanceof AggregateError ? error.errors.join('; ') : String(error);
    throw new ConfigError(`DATABASE_OWNER_URL: ${client.host}:${client.port} can't be used: ${reason}`, { cause: error });
  }
}

async function checkVersion(client: Client): Promise<void> {
  const { rows } = await client.query<{ number: number; name: string }>(
    `SELECT current_setting('server_version_num')::int AS number, current_setting('server_version') AS name`,
  );
  if (rows[0] && rows[0].number < OLDEST_POSTGRES) {
    throw new ConfigError(`Assent needs PostgreSQL 18 or newer (temporal keys); this server is PostgreSQL ${rows[0].name}.`);
  }
}

/** Creates a role that serves, with the password of its URL, when it is missing and the owner may. */
async function createRole(client: Client, variable: string, url: string, name: string): Promise<void> {
  const { username, password } = new URL(url);
  if (decodeURIComponent(username) !== name) {
    throw new ConfigError(`${variable} must sign in as the role ${name}, not ${decodeURIComponent(username)}.`);
  }
  const { rows } = await client.query<{ rolsuper: boolean; rolbypassrls: boolean }>(
    'SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = $1',
    [name],
  );
  if (rows[0]) {
    if (rows[0].rolsuper || rows[0].rolbypassrls) {
      throw new ConfigError(
        `The role ${name} must not be a superuser or bypass row-level security. Run: ALTER ROLE ${name} NOSUPERUSER NOBYPASSRLS;`,
      );
    }
    return;
  }
  try {
    await client.query(`CREATE ROLE ${name} LOGIN PASSWORD ${client.escapeLiteral(decodeURIComponent(password))}`);
  } catch (error) {
    if (!isCode(error, '42501')) throw error;
    throw new ConfigError(
      `The owner may not create the role ${name}. Run as an administrator of the server: CREATE ROLE ${name} LOGIN PASSWORD '…';`,
    );
  }
}

/** Only the four roles connect, and none of those that serve makes temporary tables. Not copied with a template, so done each time. */
async function secureDatabase(client: Client): Promise<void> {
  const { rows } = await client.query<{ name: string }>('SELECT quote_ident(current_database()) AS name');
  const name = rows[0]?.name ?? '';
  await client.query(
    `REVOKE ALL ON DATABASE ${name} FROM PUBLIC; GRANT CONNECT ON DATABASE ${name} TO assent_app, assent_identity, assent_sealer`,
  );
}

async function applyMigrations(client: Client, folder: string): Promise<string[]> {
  await client.query(`
    CREATE SCHEMA IF NOT EXISTS migrations;
    CREATE TABLE IF NOT EXISTS migrations.applied (
      name       text        PRIMARY KEY,
      sha256     text        NOT NULL,
      applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
    )`);
  const { rows } = await client.query<{ name: string; sha256: string }>('SELECT name, sha256 FROM migrations.applied');
  const earlier = new Map(rows.map(({ name, sha256 }) => [name, sha256]));
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();

  const unknown = [...earlier.keys()].filter((name) => !names.includes(name));
  if (unknown.length > 0) throw new ConfigError(`The database is newer than this version of Assent: it has ${unknown.join(', ')}.`);

  const applied: string[] = [];
  for (const name of names) {
    const sql = await readFile(join(folder, name), 'utf8');
    // Line endings may differ between checkouts; the statements don't.
    const sha256 = createHash('sha256').update(sql.replaceAll('\r\n', '\n')).digest('hex');
    const before = earlier.get(name);
    if (before === sha256) continue;
    if (before) throw new ConfigError(`${name} was changed after it was applied. Put it back, and add a new migration.`);
    await client.query(`BEGIN;\n${sql}`);
    await client.query('INSERT INTO migrations.applied (name, sha256) VALUES ($1, $2)', [name, sha256]);
    await client.query('COMMIT');
    applied.push(name);
  }
  return applied;
}

/** The record of what happened has a partition for each month, made ahead. None before the migration that makes the table. */
async function createPartitions(client: Client): Promise<void> {
  const { rows } = await client.query<{ exists: boolean }>(`SELECT to_regclass('audit.events') IS NOT NULL AS exists`);
  if (rows[0]?.exists) await client.query('SELECT audit.create_partitions(24)');
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
