import { appendFile, cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from '../../src/config.js';
import { type EmbeddedPostgres, startEmbedded } from '../../src/database/embedded.js';
import { migrate } from '../../src/database/migrate.js';
import { SQL } from '../../src/database/sql-files.js';
import { catalogueOf } from '../support/catalogue.js';
import { type TestDatabase, withClient, withDatabase } from '../support/database.js';
import { runCli } from '../support/process.js';

const MIGRATIONS = SQL.migrations;

/** Migrates with the migrations of another folder. */
const migrateBy = (database: TestDatabase, migrations: string) => migrate(database, { ...SQL, migrations });

/** A copy of the migrations that a test may change. */
async function withMigrations(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'assent-migrations-'));
  try {
    await cp(MIGRATIONS, folder, { recursive: true });
    await use(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function namesOf(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
}

async function appliedTo(database: TestDatabase): Promise<string[]> {
  const { rows } = await withClient(database.superuser, (client) =>
    client.query<{ name: string }>('SELECT name FROM migrations.applied ORDER BY name'),
  );
  return rows.map(({ name }) => name);
}

async function expectConfigError(doing: Promise<unknown>, message: RegExp): Promise<void> {
  const error: unknown = await doing.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ConfigError);
  expect((error as Error).message).toMatch(message);
}

describe('migrate', () => {
  it('brings an empty database up to date, and does nothing the second time', () =>
    withDatabase({ migrated: false }, async (database) => {
      const names = await namesOf(MIGRATIONS);
      expect(await runCli(database, ['migrate'])).toEqual({ code: 0, stdout: `Applied ${names.join(', ')}, state\n`, stderr: '' });
      expect(await appliedTo(database)).toEqual(names);
      expect(await runCli(database, ['migrate'])).toEqual({ code: 0, stdout: 'The database is up to date.\n', stderr: '' });
    }));

  it('is harmless from three processes at once', () =>
    withDatabase({ migrated: false }, async (database) => {
      const ended = await Promise.all([1, 2, 3].map(() => runCli(database, ['migrate'])));
      expect(ended.map(({ code, stderr }) => ({ code, stderr }))).toEqual([1, 2, 3].map(() => ({ code: 0, stderr: '' })));
      const outputs = ended.map(({ stdout }) => stdout).sort();
      expect(outputs).toEqual([expect.stringMatching(/^Applied /), ...Array<string>(2).fill('The database is up to date.\n')]);
      expect(await appliedTo(database)).toEqual(await namesOf(MIGRATIONS));
    }));

  it('is harmless from eight connections at once, on a database that is up to date', () =>
    withDatabase({}, async (database) => {
      const applied = await Promise.all(Array.from({ length: 8 }, () => migrate(database)));
      expect(applied.flat()).toEqual([]);
    }));

  it('refuses a file that changed after it was applied, and applies nothing', () =>
    withDatabase({}, (database) =>
      withMigrations(async (folder) => {
        const [first = ''] = await namesOf(folder);
        await appendFile(join(folder, first), '-- one more comment\n');
        await writeFile(join(folder, '9999-later.sql'), 'CREATE TABLE app.later ();');
        await expectConfigError(migrateBy(database, folder), new RegExp(`^${first} was changed after it was applied`));
        expect(await appliedTo(database)).toEqual(await namesOf(MIGRATIONS));
      }),
    ));

  it('doesn’t mind line endings', () =>
    withDatabase({}, (database) =>
      withMigrations(async (folder) => {
        for (const name of await namesOf(folder)) {
          const sql = await readFile(join(folder, name), 'utf8');
          await writeFile(join(folder, name), sql.replaceAll('\n', '\r\n'));
        }
        expect(await migrateBy(database, folder)).toEqual([]);
      }),
    ));

  it('applies what is new, and then the code without it is too old', () =>
    withDatabase({}, (database) =>
      withMigrations(async (folder) => {
        await writeFile(join(folder, '9998-next.sql'), 'CREATE TABLE app.next ();');
        await writeFile(join(folder, 'notes.txt'), 'no SQL');
        expect(await migrateBy(database, folder)).toEqual(['9998-next.sql', 'state']);
        await expectConfigError(migrate(database), /^The database is newer than this version of Assent: it has 9998-next\.sql\.$/);
        const { code, stderr } = await runCli(database, ['migrate']);
        expect({ code, stderr }).toEqual({ code: 1, stderr: 'The database is newer than this version of Assent: it has 9998-next.sql.\n' });
      }),
    ));

  it('leaves nothing of an upgrade in which one fails, and the database as it was', () =>
    withDatabase({}, (database) =>
      withMigrations(async (folder) => {
        const before = await catalogueOf(database);
        await writeFile(join(folder, '9998-good.sql'), 'CREATE TABLE app.good ();');
        await writeFile(join(folder, '9999-bad.sql'), 'CREATE TABLE app.half (); SELECT 1 / 0;');
        await expect(migrateBy(database, folder)).rejects.toThrow('9999-bad.sql: division by zero');
        expect(await appliedTo(database)).toEqual(await namesOf(MIGRATIONS));
        const { rows } = await withClient(database.superuser, (client) =>
          client.query(`SELECT to_regclass('app.good') IS NOT NULL AS good, to_regclass('app.half') IS NOT NULL AS half`),
        );
        expect(rows).toEqual([{ good: false, half: false }]);
        expect(await catalogueOf(database)).toEqual(before);
        await writeFile(join(folder, '9999-bad.sql'), 'CREATE TABLE app.half ();');
        expect(await migrateBy(database, folder)).toEqual(['9998-good.sql', '9999-bad.sql', 'state']);
      }),
    ));

  it.each([
    ['DATABASE_URL', 'assent_app', (urls: TestDatabase) => ({ ...urls, app: urls.owner })],
    ['DATABASE_URL', 'assent_app', (urls: TestDatabase) => ({ ...urls, app: urls.identity })],
    ['DATABASE_IDENTITY_URL', 'assent_identity', (urls: TestDatabase) => ({ ...urls, identity: urls.app })],
    ['DATABASE_SEALER_URL', 'assent_sealer', (urls: TestDatabase) => ({ ...urls, sealer: urls.owner })],
  ])('refuses another role in %s than %s', (variable, role, change) =>
    withDatabase({}, (database) =>
      expectConfigError(migrate(change(database)), new RegExp(`^${variable} must sign in as the role ${role}, not assent_\\w+\\.$`)),
    ),
  );
});

describe('the roles that serve', () => {
  let dataDir: string;
  let postgres: EmbeddedPostgres;
  // Roles belong to the whole server, so that these tests have one of their own.
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'assent-roles-'));
    postgres = await startEmbedded({ dataDir, settings: { fsync: 'off' } });
    await asSuperuser('DROP OWNED BY assent_app, assent_identity, assent_sealer; DROP ROLE assent_app, assent_identity, assent_sealer');
  });
  afterEach(async () => {
    await postgres.stop();
    await rm(dataDir, { recursive: true });
  });

  const urls = () => ({ owner: postgres.ownerUrl, app: postgres.appUrl, identity: postgres.identityUrl, sealer: postgres.sealerUrl });

  function asSuperuser(sql: string): Promise<unknown> {
    const url = new URL(postgres.superuserUrl);
    url.pathname = new URL(postgres.ownerUrl).pathname;
    return withClient(url.href, (client) => client.query(sql));
  }

  it('are created with the passwords of their URLs', async () => {
    const names = await namesOf(MIGRATIONS);
    expect(await migrate({ ...urls(), app: postgres.appUrl.replace(/:[^:@]+@/, ":it's%20%C3%A5%40@") })).toEqual([...names, 'state']);
    const app = postgres.appUrl.replace(/:[^:@]+@/, ":it's%20%C3%A5%40@");
    for (const [url, role] of [
      [app, 'assent_app'],
      [postgres.identityUrl, 'assent_identity'],
      [postgres.sealerUrl, 'assent_sealer'],
    ] as const) {
      const { rows } = await withClient(url, (client) => client.query('SELECT current_user AS role'));
      expect(rows).toEqual([{ role }]);
    }
  });

  it('are asked for, with the SQL to run, where the owner may not create them', async () => {
    await asSuperuser('ALTER ROLE assent_owner NOCREATEROLE');
    for (const role of ['assent_app', 'assent_identity', 'assent_sealer']) {
      await expectConfigError(
        migrate(urls()),
        new RegExp(`^The owner may not create the role ${role}\\. .*: CREATE ROLE ${role} LOGIN PASSWORD '…';$`),
      );
      await asSuperuser(`CREATE ROLE ${role} LOGIN PASSWORD 'as the message says'`);
    }
    expect(await migrate(urls())).toEqual([...(await namesOf(MIGRATIONS)), 'state']);
  });

  it.each(['SUPERUSER', 'BYPASSRLS'])('must not be %s', async (right) => {
    await migrate(urls());
    for (const role of ['assent_app', 'assent_identity', 'assent_sealer']) {
      await asSuperuser(`ALTER ROLE ${role} ${right}`);
      await expectConfigError(migrate(urls()), new RegExp(`^The role ${role} must not .*ALTER ROLE ${role} NOSUPERUSER NOBYPASSRLS;$`));
      await asSuperuser(`ALTER ROLE ${role} NOSUPERUSER NOBYPASSRLS`);
    }
    expect(await migrate(urls())).toEqual([]);
  });
});
