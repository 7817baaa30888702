import { appendFile, copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { migrate } from '../../src/database/migrate.js';
import { readMigrations, readState, SQL, type SqlSources } from '../../src/database/sql-files.js';
import { catalogueOf } from '../support/catalogue.js';
import { createDatabase, type TestDatabase, withClient, withDatabase } from '../support/database.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

async function names(sql: string, { superuser }: TestDatabase = database): Promise<string[]> {
  const { rows } = await withClient(superuser, (client) => client.query<{ name: string }>(sql));
  return rows.map(({ name }) => name).sort();
}

const DEFINITION = /^CREATE (?:(FUNCTION|VIEW) (?!pg_temp\.)([\w.]+)|(TRIGGER|POLICY) (\w+|"\w+")\s(?:[^;]*?\s)?ON ([\w."]+))/gm;

/** Every function, view, trigger and policy that a text defines. */
function definedIn(sql: string): string[] {
  return [...sql.matchAll(DEFINITION)].map(([, kind, name, rule, ruleName, table]) =>
    kind ? `${kind} ${name}` : `${rule} ${ruleName?.replaceAll('"', '')} ON ${table}`,
  );
}

/** A copy of the files of the state that a test may change. */
async function withState(use: (sources: SqlSources, pathOf: (name: string) => string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'assent-state-'));
  try {
    for (const path of SQL.state) await copyFile(path, join(folder, basename(path)));
    await use({ ...SQL, state: SQL.state.map((path) => join(folder, basename(path))) }, (name) => join(folder, name));
  } finally {
    await rm(folder, { recursive: true });
  }
}

describe('every function, view, trigger and policy of our schemas', () => {
  it('is defined in exactly one file, and nothing else is there', async () => {
    const files = [...(await readMigrations(SQL)), ...(await readState(SQL))];
    const present = await names(`
      SELECT 'FUNCTION ' || pronamespace::regnamespace || '.' || proname AS name FROM pg_proc WHERE pronamespace = ANY ('{app,auth,audit}'::regnamespace[]::oid[])
       UNION ALL
      SELECT 'VIEW ' || oid::regclass FROM pg_class WHERE relkind IN ('v', 'm') AND relnamespace = ANY ('{app,auth,audit}'::regnamespace[]::oid[])
       UNION ALL
      SELECT 'TRIGGER ' || tgname || ' ON ' || tgrelid::regclass FROM pg_trigger WHERE NOT tgisinternal AND tgparentid = 0
       UNION ALL
      SELECT 'POLICY ' || polname || ' ON ' || polrelid::regclass FROM pg_policy`);
    expect(files.flatMap(({ sql }) => definedIn(sql)).sort()).toEqual(present);
  });

  it('is in the state, save functions on which stored values depend', async () => {
    const migrations = await readMigrations(SQL);
    const depended = await names(`
      SELECT DISTINCT 'FUNCTION ' || refobjid::regproc AS name
        FROM pg_depend JOIN pg_proc p ON p.oid = refobjid AND pronamespace = ANY ('{app,auth,audit}'::regnamespace[]::oid[])
        LEFT JOIN pg_attrdef d ON classid = 'pg_attrdef'::regclass AND d.oid = objid
        LEFT JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
       WHERE refclassid = 'pg_proc'::regclass
         AND (classid IN ('pg_constraint'::regclass, 'pg_class'::regclass) AND deptype = 'n' AND NOT EXISTS (SELECT FROM pg_class v WHERE v.oid = objid AND v.relkind = 'v')
              OR a.attgenerated <> '')`);
    expect(migrations.flatMap(({ sql }) => definedIn(sql)).sort()).toEqual(depended);
  });
});

describe('the triggers of a table', () => {
  it('are one for each moment, and "audit", which comes first by its name', async () => {
    expect(
      await names(`
      SELECT tgrelid::regclass || ': ' || string_agg(tgname, ', ' ORDER BY tgname COLLATE "C") AS name
        FROM pg_trigger, LATERAL (VALUES (4, 'insert'), (8, 'delete'), (16, 'update'), (32, 'truncate')) AS event (bit, name)
       WHERE NOT tgisinternal AND tgparentid = 0 AND tgtype & bit <> 0 AND tgname <> 'audit'
       GROUP BY tgrelid, tgtype & 67, event.name
      HAVING count(*) > 1`),
    ).toEqual([]);
    expect(
      await names(`
      SELECT tgrelid::regclass || ' ' || tgname AS name FROM pg_trigger
       WHERE NOT tgisinternal AND tgparentid = 0 AND tgtype & 67 = 1 AND tgname COLLATE "C" < 'audit'`),
    ).toEqual([]);
  });
});

describe('the state', () => {
  it('is applied once, and again only when a file changed', () =>
    withDatabase({}, (own) =>
      withState(async (sources, pathOf) => {
        expect(await migrate(own, sources)).toEqual([]);
        await appendFile(pathOf('keys.sql'), '-- one more comment\n');
        expect(await migrate(own, sources)).toEqual(['state']);
        expect(await migrate(own, sources)).toEqual([]);
      }),
    ));

  it('doesn’t depend on line endings', () =>
    withDatabase({}, (own) =>
      withState(async (sources) => {
        for (const path of sources.state) await writeFile(path, (await readFile(path, 'utf8')).replaceAll('\n', '\r\n'));
        expect(await migrate(own, sources)).toEqual([]);
      }),
    ));

  it('loses what left the files: functions, views, triggers, policies, grants and defaults', () =>
    withDatabase({}, (own) =>
      withState(async (sources, pathOf) => {
        const before = await catalogueOf(own);
        await appendFile(
          pathOf('retention.sql'),
          `CREATE FUNCTION app.extra() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
           CREATE FUNCTION app.extra_name() RETURNS text LANGUAGE sql IMMUTABLE RETURN 'x';
           CREATE VIEW app.extra_names AS SELECT app.extra_name() AS name;
           CREATE FUNCTION app.first_extra_name() RETURNS text LANGUAGE sql STABLE BEGIN ATOMIC SELECT name FROM app.extra_names; END;
           CREATE TRIGGER extra BEFORE INSERT ON app.licences FOR EACH ROW EXECUTE FUNCTION app.extra();
           CREATE POLICY extra ON app.licences USING (app.extra_name() = 'x');
           ALTER TABLE app.licences ALTER number SET DEFAULT app.extra_name();
           GRANT DELETE ON app.licences TO assent_app;
           GRANT UPDATE (number) ON app.licences TO assent_identity;
           GRANT USAGE ON SCHEMA app TO PUBLIC;
           GRANT EXECUTE ON FUNCTION app.extra_name() TO PUBLIC;
           GRANT USAGE ON SEQUENCE app.record_numbers TO assent_sealer;`,
        );
        expect(await migrate(own, sources)).toEqual(['state']);
        const between = await catalogueOf(own);
        expect(between.filter((line) => !before.includes(line)).length).toBeGreaterThan(8);
        expect(await migrate(own)).toEqual(['state']);
        expect(await catalogueOf(own)).toEqual(before);
      }),
    ));

  it('stays as it was where a file fails, of which the message names which', () =>
    withDatabase({}, (own) =>
      withState(async (sources, pathOf) => {
        const before = await catalogueOf(own);
        await appendFile(pathOf('sessions.sql'), 'SELECT 1 / 0;');
        await expect(migrate(own, sources)).rejects.toThrow('sessions.sql: division by zero');
        expect(await catalogueOf(own)).toEqual(before);
        expect(await migrate(own)).toEqual([]);
      }),
    ));

  it('leaves rows as they are, and records those that a migration wrote', () =>
    withDatabase({}, async (own) => {
      const events = `SELECT subject_id AS name FROM audit.events WHERE subject = 'permissions' AND action = 'insert'`;
      const permissions = await names(`SELECT role || '/' || permission AS name FROM app.permissions`, own);
      expect(await names(events, own)).toEqual(permissions);
      await withState(async (sources, pathOf) => {
        await appendFile(pathOf('keys.sql'), '-- one more comment\n');
        await migrate(own, sources);
      });
      expect(await names(events, own)).toEqual(permissions);
    }));
});
