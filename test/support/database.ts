import { randomBytes } from 'node:crypto';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';

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
  return copy(new URL(superuser).pathname.slice(1), copyDir);
}

async function copy(template: string, dataDir: string): Promise<TestDatabase> {
  const urls = JSON.parse(process.env['ASSENT_TEST_POSTGRES'] ?? '{}') as Record<
    'superuser' | 'owner' | 'app' | 'identity' | 'sealer',
    string
  >;
  const name = `test_${randomBytes(6).toString('hex')}`;
  await withClient(urls.superuser, (client) => client.query(`CREATE DATABASE ${name} TEMPLATE ${template} OWNER assent_owner`));
  // Rights on a database aren't copied with a template; the server's own start grants these again.
  await withClient(inDatabase(urls.superuser, name), (client) =>
    client.query(
      `REVOKE ALL ON DATABASE ${name} FROM PUBLIC; GRANT CONNECT ON DATABASE ${name} TO assent_app, assent_identity, assent_sealer`,
    ),
  );
  return {
    dataDir,
    superuser: inDatabase(urls.superuser, name),
    owner: inDatabase(urls.owner, name),
    app: inDatabase(urls.app, name),
    identity: inDatabase(urls.identity, name),
    sealer: inDatabase(urls.sealer, name),
    drop: async () => {
      await withClient(urls.superuser, (client) => client.query(`DROP DATABASE ${name} WITH (FORCE)`));
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

export async function withClient<T>(url: string, use: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url, options: '-c TimeZone=UTC' });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

function inDatabase(url: string, name: string): string {
  const copy = new URL(url);
  copy.pathname = `/${name}`;
  return copy.href;
}
