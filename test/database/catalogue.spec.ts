import { Client } from 'pg';
import { COMPARED } from '../../src/log/verify/rows.js';
import { createDatabase, type TestDatabase } from '../support/database.js';

let database: TestDatabase;
let client: Client;
beforeAll(async () => {
  database = await createDatabase();
  client = new Client({ connectionString: database.superuser });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await database.drop();
});

const rows = async <T extends object>(sql: string): Promise<T[]> => (await client.query<T>(sql)).rows;
const names = async (sql: string): Promise<string[]> => (await rows<{ name: string }>(sql)).map(({ name }) => name);

/** Tables that belong to no clinic: the same for all, and nobody but the owner writes them. */
const GLOBAL = ['permissions', 'segments'];

describe('the gate’s keys', () => {
  it('are temporal, validated, enforced, immediate, and refer to keys WITHOUT OVERLAPS', async () => {
    const gate = await rows(`
      SELECT c.conname AS name, c.convalidated AS validated, c.conenforced AS enforced, c.condeferrable AS deferrable,
             target.contype IN ('p', 'u') AND target.conperiod AS "targetWithoutOverlaps", c.confrelid::regclass::text AS target
        FROM pg_constraint c
        JOIN pg_constraint target ON target.conindid = c.conindid AND target.contype IN ('p', 'u', 'x')
       WHERE c.contype = 'f' AND c.conperiod AND c.connamespace = 'app'::regnamespace
       ORDER BY c.conname`);
    const sound = { validated: true, enforced: true, deferrable: false, targetWithoutOverlaps: true };
    expect(gate).toEqual([
      { name: 'approval_needs_licence', ...sound, target: 'app.licences' },
      { name: 'consent_needs_authority', ...sound, target: 'app.representatives' },
      { name: 'consent_needs_licence', ...sound, target: 'app.licences' },
      { name: 'discussed_risk_needs_licence', ...sound, target: 'app.licences' },
      { name: 'manipulation_needs_consent', ...sound, target: 'app.consents' },
      { name: 'manipulation_needs_licence', ...sound, target: 'app.licences' },
      { name: 'manipulation_needs_screening', ...sound, target: 'app.screenings' },
      { name: 'screening_needs_licence', ...sound, target: 'app.licences' },
      { name: 'session_needs_consent', ...sound, target: 'app.consents' },
      { name: 'session_needs_licence', ...sound, target: 'app.licences' },
      { name: 'session_needs_screening', ...sound, target: 'app.screenings' },
      { name: 'withdrawal_needs_authority', ...sound, target: 'app.representatives' },
    ]);
  });

  it('have no column that may be NULL, which would skip the check', async () => {
    const nullable = await names(`
      SELECT c.conname || '.' || a.attname AS name
        FROM pg_constraint c
        JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey)
       WHERE c.contype = 'f' AND c.connamespace = 'app'::regnamespace AND c.conrelid IN ('app.sessions'::regclass, 'app.manipulations'::regclass)
         AND NOT a.attnotnull`);
    expect(nullable).toEqual(['session_ended_by.ended_by']);
  });

  it('name the patient and the practitioner, so that nobody else’s permits do', async () => {
    const columns = await rows(`
      SELECT c.conname AS name, array_agg(a.attname ORDER BY k.position)::text[] AS columns
        FROM pg_constraint c, unnest(c.conkey) WITH ORDINALITY AS k (attnum, position), pg_attribute a
       WHERE c.conname LIKE '%\\_needs\\_%' AND c.contype = 'f' AND c.conrelid = 'app.sessions'::regclass AND a.attrelid = c.conrelid AND a.attnum = k.attnum
       GROUP BY c.conname ORDER BY c.conname`);
    expect(columns).toEqual([
      { name: 'session_needs_consent', columns: ['clinic_id', 'consent_id', 'patient_id', 'started'] },
      { name: 'session_needs_licence', columns: ['clinic_id', 'licence_id', 'practitioner_id', 'started'] },
      { name: 'session_needs_screening', columns: ['clinic_id', 'screening_id', 'patient_id', 'started'] },
    ]);
  });
});

describe('every constraint', () => {
  it('is validated and enforced, and no foreign key can be deferred or acts on a deletion', async () => {
    const weak = await names(`
      SELECT conname AS name FROM pg_constraint
       WHERE connamespace = 'app'::regnamespace
         AND (NOT convalidated OR NOT conenforced OR condeferrable OR (contype = 'f' AND (confdeltype <> 'a' OR confupdtype <> 'a')))`);
    expect(weak).toEqual([]);
  });

  it('that refers to a clinic’s row begins with the clinic, on both sides', async () => {
    const single = await names(`
      SELECT c.conname AS name
        FROM pg_constraint c
        JOIN pg_attribute a ON a.attrelid = c.conrelid  AND a.attnum = c.conkey[1]
        JOIN pg_attribute b ON b.attrelid = c.confrelid AND b.attnum = c.confkey[1]
       WHERE c.contype = 'f' AND c.connamespace = 'app'::regnamespace
         AND (a.attname, b.attname) NOT IN (('clinic_id', 'clinic_id'), ('clinic_id', 'id'))
       ORDER BY 1`);
    // A sign-in account is nobody's clinic's, and segments are the same for all.
    expect(single).toEqual(['manipulation_segment_known', 'staff_user_id_fkey']);
  });

  it('that refers to another table has an index on its own side', async () => {
    const unindexed = await names(`
      SELECT c.conrelid::regclass || '.' || c.conname AS name
        FROM pg_constraint c
       WHERE c.contype = 'f' AND c.connamespace = 'app'::regnamespace
         AND c.confrelid <> 'app.segments'::regclass AND cardinality(c.conkey) > 1
         AND NOT EXISTS (SELECT FROM pg_index i
                          WHERE i.indrelid = c.conrelid AND (i.indkey::int2[])[0:1] = c.conkey[1:2])`);
    expect(unindexed).toEqual([]);
  });
});

describe('every table of a clinic', () => {
  it('has row-level security and policies, all of them for assent_app, and of the log for assent_sealer', async () => {
    const open = await names(`
      SELECT relname AS name FROM pg_class c
       WHERE relnamespace = 'app'::regnamespace AND relkind IN ('r', 'p')
         AND (NOT relrowsecurity OR NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid))
       ORDER BY 1`);
    expect(open).toEqual(GLOBAL);
    expect(
      await names(`
      SELECT polrelid::regclass || ' ' || polname AS name FROM pg_policy
       WHERE polroles <> ARRAY['assent_app'::regrole::oid] OR NOT polpermissive ORDER BY 1`),
    ).toEqual(['audit.events seal', 'audit.findings verify', 'audit.leaves seal', 'audit.unsealed seal', 'audit.verifications verify']);
  });

  it('has a primary key that begins with the clinic', async () => {
    const keyless = await names(`
      SELECT relname AS name FROM pg_class c
       WHERE relnamespace = 'app'::regnamespace AND relkind IN ('r', 'p')
         AND NOT EXISTS (SELECT FROM pg_constraint p JOIN pg_attribute a ON a.attrelid = p.conrelid AND a.attnum = p.conkey[1]
                          WHERE p.conrelid = c.oid AND p.contype = 'p' AND a.attname = 'clinic_id')
       ORDER BY 1`);
    expect(keyless).toEqual(['clinics', ...GLOBAL]);
  });

  it('takes its clinic from who asks, never from what is written', async () => {
    expect(
      await names(`
      SELECT table_name AS name FROM information_schema.column_privileges
       WHERE grantee = 'assent_app' AND column_name = 'clinic_id' AND privilege_type IN ('INSERT', 'UPDATE')`),
    ).toEqual([]);
  });

  it('is compared with its events when the log is verified', async () => {
    const tables = await names(
      `SELECT relname AS name FROM pg_class WHERE relnamespace = 'app'::regnamespace AND relkind = 'r' ORDER BY 1`,
    );
    // Segments come with a migration, and responses are stored for a day.
    const others = ['idempotency_keys', 'segments'];
    expect(tables).toEqual([...COMPARED, ...others].toSorted());
  });
});

describe('every function that runs as its owner', () => {
  it('has a search path that nobody can put a table into', async () => {
    expect(
      await names(`
      SELECT proname AS name FROM pg_proc
       WHERE pronamespace IN ('app'::regnamespace, 'auth'::regnamespace, 'audit'::regnamespace) AND prosecdef
         AND NOT COALESCE(proconfig::text ~ 'search_path=pg_catalog, .*pg_temp"', false)`),
    ).toEqual([]);
  });
});
