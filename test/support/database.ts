import { randomBytes } from 'node:crypto';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Pool, type PoolClient } from 'pg';

export interface TestDatabase {
  /** DATA_DIR of the servers and commands on this database: the log's key is there. */
  readonly dataDir: string;
  readonly superuser: string;
  readonly owner: string;
  readonly app: string;
  readonly identity: string;
  readonly sealer: string;
  drop(): Promise<void>;
}

/** A database of its own for a test file, copied from the migrated one; or one without anything in it. */
export async function createDatabase({ migrated = true } = {}): Promise<TestDatabase> {
  return copy(migrated ? 'assent' : 'template0', await mkdtemp(join(tmpdir(), 'assent-data-')));
}

/** As a backup is, with the same key: nobody may be connected meanwhile. */
export async function copyDatabase({ superuser, dataDir }: TestDatabase): Promise<TestDatabase> {
  const copyDir = await mkdtemp(join(tmpdir(), 'assent-data-'));
  await cp(dataDir, copyDir, { recursive: true });
  const name = nameOf(superuser);
  await closePools(name);
  return copy(name, copyDir);
}

async function copy(template: string, dataDir: string): Promise<TestDatabase> {
  const urls = JSON.parse(process.env['ASSENT_TEST_POSTGRES'] ?? '{}') as Record<
    'superuser' | 'owner' | 'app' | 'identity' | 'sealer',
    string
  >;
  const name = `test_${randomBytes(6).toString('hex')}`;
  await administer(
    urls.superuser,
    `CREATE DATABASE ${name} TEMPLATE ${template} OWNER assent_owner STRATEGY file_copy`,
    // Rights on a database aren't copied with a template; the server's own start grants these again.
    `REVOKE ALL ON DATABASE ${name} FROM PUBLIC`,
    `GRANT CONNECT ON DATABASE ${name} TO assent_app, assent_identity, assent_sealer`,
  );
  return {
    dataDir,
    superuser: inDatabase(urls.superuser, name),
    owner: inDatabase(urls.owner, name),
    app: inDatabase(urls.app, name),
    identity: inDatabase(urls.identity, name),
    sealer: inDatabase(urls.sealer, name),
    drop: async () => {
      await closePools(name);
      await administer(urls.superuser, `DROP DATABASE ${name} WITH (FORCE)`);
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** A database that one test needs for itself. */
export async function withDatabase<T>(options: { migrated?: boolean }, use: (database: TestDatabase) => Promise<T>): Promise<T> {
  const database = await createDatabase(options);
  try {
    return await use(database);
  } finally {
    await database.drop();
  }
}

/** By URL. */
const pools = new Map<string, Pool>();
/** What a connection that was closed would lose. */
const AS_NEW = 'ROLLBACK; RESET ALL; RESET SESSION AUTHORIZATION; SELECT pg_advisory_unlock_all()';

/** A connection as if it were new. The first statements of a new one cost PostgreSQL some 20 ms, so it is kept until its database is dropped. */
export async function withClient<T>(url: string, use: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await poolOf(url).connect();
  try {
    return await use(client);
  } finally {
    await client.query(AS_NEW).then(
      () => client.release(),
      () => client.release(true),
    );
  }
}

function poolOf(url: string): Pool {
  const pool =
    pools.get(url) ??
    new Pool({ connectionString: url, options: '-c TimeZone=UTC', max: 100, idleTimeoutMillis: 0, allowExitOnIdle: true });
  if (!pools.has(url)) {
    pools.set(url, pool);
    // A test ended an idle connection at the server's end: the pool opens another.
    pool.on('error', () => undefined);
  }
  return pool;
}

async function closePools(name: string): Promise<void> {
  for (const [url, pool] of pools) {
    if (nameOf(url) !== name) continue;
    pools.delete(url);
    await pool.end();
  }
}

/** From the database "postgres", statement by statement. */
async function administer(url: string, ...statements: string[]): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

const nameOf = (url: string): string => new URL(url).pathname.slice(1);

function inDatabase(url: string, name: string): string {
  const copy = new URL(url);
  copy.pathname = `/${name}`;
  return copy.href;
}
