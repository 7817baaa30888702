import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import { ConfigError, type DatabaseUrls } from '../config.js';
import { digestOf, readMigrations, readSql, readState, SQL, type SqlFile, type SqlSources } from './sql-files.js';

const OLDEST_POSTGRES = 180_000;
/** Any number will do; parallel migrations take turns by it. */
const MIGRATION_LOCK = 7_302_115_881;
const DROP_STATE = fileURLToPath(new URL('drop-state.sql', import.meta.url));

/** The migrations of version 0.1.0, which the baseline replaces: the digest of their names and hashes. */
const RELEASED_0_1_0 = 'd044721aec561a040dacad5ec8bbbdc5bf86a694a9f524a54a13464c89d17182';
const FIRST_OF_0_1_0 = '0001-who-is-asking.sql';

type Applied = Pick<SqlFile, 'name' | 'sha256'>;

/** Brings the database up to date. Returns what it applied: the names of migrations, and "state"; nothing when it already was. */
export async function migrate(urls: DatabaseUrls, sources = SQL): Promise<string[]> {
  const client = new Client({ connectionString: urls.owner, application_name: 'assent migrate' });
  await connect(client);
  try {
    await checkVersion(client);
    await client.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await createRole(client, 'DATABASE_URL', urls.app, 'assent_app');
    await createRole(client, 'DATABASE_IDENTITY_URL', urls.identity, 'assent_identity');
    await createRole(client, 'DATABASE_SEALER_URL', urls.sealer, 'assent_sealer');
    await secureDatabase(client);
    const applied = await upgrade(client, sources);
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

async function upgrade(client: Client, sources: SqlSources): Promise<string[]> {
  await client.query(`
    CREATE SCHEMA IF NOT EXISTS migrations;
    CREATE TABLE IF NOT EXISTS migrations.applied (
      name       text        PRIMARY KEY,
      sha256     text        NOT NULL,
      applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
    );
    CREATE TABLE IF NOT EXISTS migrations.state (
      sha256     text        NOT NULL,
      applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
    );
    -- Where a migration says which rows it wrote: all without an event, or these columns of all.
    CREATE TABLE IF NOT EXISTS migrations.unrecorded (
      name    regclass NOT NULL,
      columns text[]
    )`);
  const migrations = await readMigrations(sources);
  const state = await readState(sources);
  const { rows: applied } = await client.query<Applied>('SELECT name, sha256 FROM migrations.applied ORDER BY name COLLATE "C"');
  const { rows: noted } = await client.query<{ sha256: string }>('SELECT sha256 FROM migrations.state');

  const baseline = recogniseReleased(applied, migrations);
  const pending = pendingOf(migrations, baseline ? [baseline] : applied);
  if (pending.length === 0 && noted[0]?.sha256 === digestOf(state)) return [];

  // One transaction, so that no table is ever without its rules, and a failure leaves the database as it was.
  await client.query('BEGIN');
  if (baseline) {
    await client.query('DELETE FROM migrations.applied');
    await noteApplied(client, baseline);
  }
  if (applied.length > 0) await run(client, await readSql(DROP_STATE));
  for (const migration of pending) {
    await run(client, migration);
    await noteApplied(client, migration);
  }
  for (const file of state) await run(client, file);
  await createPartitions(client);
  await client.query(`
    SELECT audit.record_present(name, columns) FROM migrations.unrecorded;
    DELETE FROM migrations.unrecorded;
    DELETE FROM migrations.state`);
  await client.query('INSERT INTO migrations.state (sha256) VALUES ($1)', [digestOf(state)]);
  await client.query('COMMIT');
  return [...pending.map(({ name }) => name), 'state'];
}

/** The baseline, where the database was made by the 18 migrations that it replaces. Refuses one that has only some of them. */
function recogniseReleased(applied: readonly Applied[], migrations: readonly SqlFile[]): SqlFile | undefined {
  if (digestOf(applied) === RELEASED_0_1_0) return migrations[0];
  if (applied.some(({ name }) => name === FIRST_OF_0_1_0)) {
    throw new ConfigError('The database is older than version 0.1.0 of Assent: upgrade it with that version first.');
  }
  return undefined;
}

function pendingOf(migrations: readonly SqlFile[], applied: readonly Applied[]): SqlFile[] {
  const unknown = applied.filter(({ name }) => !migrations.some((migration) => migration.name === name)).map(({ name }) => name);
  if (unknown.length > 0) throw new ConfigError(`The database is newer than this version of Assent: it has ${unknown.join(', ')}.`);
  return migrations.filter(({ name, sha256 }) => {
    const before = applied.find((earlier) => earlier.name === name);
    if (before && before.sha256 !== sha256) {
      throw new ConfigError(`${name} was changed after it was applied. Put it back, and add a new migration.`);
    }
    return !before;
  });
}

async function run(client: Client, { name, sql }: SqlFile): Promise<void> {
  try {
    await client.query(sql);
  } catch (error) {
    throw new Error(`${name}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

async function noteApplied(client: Client, { name, sha256 }: SqlFile): Promise<void> {
  await client.query('INSERT INTO migrations.applied (name, sha256) VALUES ($1, $2)', [name, sha256]);
}

/** The audit trail has a partition for each month, made ahead. */
async function createPartitions(client: Client): Promise<void> {
  await client.query('SELECT audit.create_partitions(24)');
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
