import { ConfigError } from '../../src/config.js';
import { migrate } from '../../src/database/migrate.js';
import { readMigrations, SQL } from '../../src/database/sql-files.js';
import { catalogueOf } from '../support/catalogue.js';
import { createDatabase, withClient, withDatabase } from '../support/database.js';
import { findings, rowsOf, verify } from '../support/log.js';
import { applyReleased, makeReleasedClinic, makeReleasedConsent } from '../support/released.js';

describe('a database of version 0.1.0', () => {
  it('is the same as a new one once it is brought up to date', () =>
    withDatabase({ migrated: false }, async (upgraded) => {
      await applyReleased(upgraded);
      const [, ...later] = (await readMigrations(SQL)).map(({ name }) => name);
      expect(await migrate(upgraded)).toEqual([...later, 'state']);
      expect(await migrate(upgraded)).toEqual([]);
      const fresh = await createDatabase();
      try {
        expect(await catalogueOf(upgraded)).toEqual(await catalogueOf(fresh));
      } finally {
        await fresh.drop();
      }
    }));

  it('keeps what was screened, discussed and consented to, under the licence that was valid then, and marks it where there was none', () =>
    withDatabase({ migrated: false }, async (database) => {
      await applyReleased(database);
      const clinic = await makeReleasedClinic(database);
      await makeReleasedConsent(database, clinic, 'Licensed', `tstzrange(now() - interval '1 year', now() + interval '1 year')`);
      await makeReleasedConsent(database, clinic, 'Expired', `tstzrange(now() - interval '1 year', now() - interval '1 day')`);
      await makeReleasedConsent(database, clinic, 'Never');
      await migrate(database);
      const marks = (table: string, person: string) =>
        rowsOf(
          database,
          `SELECT p.name, l.practitioner_id IS NOT NULL AS licensed, unlicensed
             FROM app.${table} t JOIN app.staff p ON p.id = t.${person} LEFT JOIN app.licences l ON l.id = t.licence_id AND l.practitioner_id = p.id
            ORDER BY p.name`,
        );
      for (const [table, person] of [
        ['screenings', 'performed_by'],
        ['discussed_risks', 'discussed_by'],
        ['consents', 'recorded_by'],
      ] as const) {
        expect(await marks(table, person)).toEqual([
          { name: 'Expired', licensed: false, unlicensed: true },
          { name: 'Licensed', licensed: true, unlicensed: false },
          { name: 'Never', licensed: false, unlicensed: true },
        ]);
      }
      expect(findings(await verify(database))).toEqual([]);
    }));

  it.each([
    ['has only some of its migrations', { before: '0018' }, ''],
    ['has one that was changed', {}, `UPDATE migrations.applied SET sha256 = repeat('0', 64) WHERE name = '0004-consent.sql'`],
    ['has one that it didn’t have', {}, `INSERT INTO migrations.applied (name, sha256) VALUES ('0019-later.sql', repeat('0', 64))`],
  ])('is refused where it %s, and left as it was', (_, extent, change) =>
    withDatabase({ migrated: false }, async (database) => {
      await applyReleased(database, extent);
      const state = () =>
        withClient(database.owner, async (client) => [
          (await client.query('SELECT * FROM migrations.applied ORDER BY name')).rows,
          (await client.query(`SELECT proname FROM pg_proc WHERE pronamespace = 'app'::regnamespace ORDER BY 1`)).rows,
        ]);
      await withClient(database.owner, (client) => client.query(change));
      const before = await state();
      const refused = migrate(database);
      await expect(refused).rejects.toThrow(ConfigError);
      await expect(refused).rejects.toThrow('The database is older than version 0.1.0 of Assent: upgrade it with that version first.');
      expect(await state()).toEqual(before);
    }),
  );
});
