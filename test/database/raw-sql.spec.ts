import type { Client } from 'pg';
import { hashToken } from '../../src/identity/tokens.js';
import { withClient } from '../support/database.js';
import { makeClearedPatient, makeClinic, makeSession, type Person, signIn, type TestClinic } from '../support/make.js';
import { startServer, type TestServer } from '../support/server.js';
import { asApplication, asSuperuser, licenceOf, NOT_NULL, type Permits, PRIVILEGE, refusal, startSession } from '../support/sql.js';

let server: TestServer;
let clinic: TestClinic;
beforeAll(async () => {
  server = await startServer();
  clinic = await makeClinic(server);
});
afterAll(() => server.stop());

const as = <T>(token: string | null, statements: (client: Client) => Promise<T>, begin?: string): Promise<T> =>
  asApplication(server, token, statements, begin);

async function permitsOf(person: Person): Promise<Permits> {
  const { patientId, screeningId, consentId } = await makeClearedPatient(person);
  return { patient: patientId, licence: await licenceOf(server, person), screening: screeningId, consent: consentId };
}

describe('who doesn’t sign on in raw SQL', () => {
  const strangers: [string, () => Promise<string | null>][] = [
    ['nobody', async () => null],
    ['a token that doesn’t exist', async () => 'nobody-has-this-token-here'],
    ['an expired token', async () => expired(await signIn(server, clinic.practitioner.id))],
    ['another clinic’s practitioner', async () => (await makeClinic(server)).practitioner.token],
    ['a receptionist', async () => clinic.receptionist.token],
  ];

  async function expired(person: Person): Promise<string> {
    await asSuperuser(server, `UPDATE auth.session SET "expiresAt" = now() WHERE token = $1`, [hashToken(person.token)]);
    return person.token;
  }

  it.each(strangers)('%s reads no clinical row and starts no session', async (_, token) => {
    const permits = await permitsOf(clinic.practitioner);
    const stranger = await token();
    for (const table of ['screenings', 'screening_regions', 'discussions', 'discussed_risks', 'consents', 'consent_scope', 'sessions']) {
      const read = as(stranger, (client) => client.query(`SELECT FROM app.${table}`).then(({ rowCount }) => rowCount));
      expect([table, await read]).toEqual([table, 0]);
    }
    expect(await refusal(as(stranger, startSession(permits)))).toMatch(new RegExp(`^(${PRIVILEGE}|${NOT_NULL}|session_needs_a_region)$`));
  });

  it('an administrator reads and starts no session', async () => {
    const permits = await permitsOf(clinic.practitioner);
    const { administrator } = clinic;
    expect(
      await refusal(as(administrator.token, startSession({ ...permits, licence: await licenceOf(server, clinic.practitioner) }))),
    ).toMatch(/^(42501|session_needs_licence)$/);
    expect(
      await as(administrator.token, (client) =>
        client.query('SELECT FROM app.consents WHERE id = $1', [permits.consent]).then(({ rowCount }) => rowCount),
      ),
    ).toBe(1);
  });

  it('somebody whose employment ended is nobody', async () => {
    const { practitioner } = await makeClinic(server);
    await asSuperuser(server, 'UPDATE app.staff SET active = tstzrange(lower(active), now()) WHERE id = $1', [practitioner.id]);
    expect(await as(practitioner.token, (client) => client.query('SELECT app.clinic() AS clinic').then(({ rows }) => rows))).toEqual([
      { clinic: null },
    ]);
  });

  it('a token set in one transaction is gone in the next', async () => {
    const rows = await withClient(server.database.app, async (client) => {
      await client.query(`BEGIN; SELECT app.sign_on('${clinic.practitioner.token}'); COMMIT`);
      return (await client.query('SELECT app.clinic() AS clinic')).rows as unknown[];
    });
    expect(rows).toEqual([{ clinic: null }]);
  });

  it.each(['REPEATABLE READ', 'SERIALIZABLE'])('writes nothing from an old snapshot: %s', async (level) => {
    const permits = await permitsOf(clinic.practitioner);
    const begin = `BEGIN ISOLATION LEVEL ${level}`;
    expect(await refusal(as(clinic.practitioner.token, startSession(permits), begin))).toBe(PRIVILEGE);
    const publish = (client: Client) =>
      client.query(
        `INSERT INTO app.disclosures (language, content, requires_reconsent) SELECT language, content, true FROM app.disclosures`,
      );
    expect(await refusal(as(clinic.administrator.token, publish, begin))).toBe(PRIVILEGE);
    const withdraw = (client: Client) =>
      client
        .query(`UPDATE app.consents SET withdrawn_by = 'patient', withdrawal_reason = 'no' WHERE id = $1`, [permits.consent])
        .then(({ rowCount }) => rowCount);
    expect(await as(clinic.practitioner.token, withdraw, begin)).toBe(0);
  });
});

describe('what is written', () => {
  it('can’t be deleted or emptied, whatever it is', async () => {
    const tables = await asSuperuser(
      server,
      `SELECT relname AS name FROM pg_class WHERE relnamespace = 'app'::regnamespace AND relkind = 'r'`,
    );
    expect(tables.length).toBeGreaterThan(15);
    for (const { name } of tables) {
      const del = (client: Client) => client.query(`DELETE FROM app.${name}`);
      const truncate = (client: Client) => client.query(`TRUNCATE app.${name} CASCADE`);
      expect([name, await refusal(as(clinic.administrator.token, del))]).toEqual([name, PRIVILEGE]);
      expect([name, await refusal(as(clinic.administrator.token, truncate))]).toEqual([name, PRIVILEGE]);
    }
  });

  it.each([
    `UPDATE app.consents SET in_force = tstzrange(now(), 'infinity')`,
    `UPDATE app.consents SET withdrawn_at = NULL`,
    `UPDATE app.consents SET signature = '{}'`,
    `UPDATE app.consents SET decided_at = now()`,
    `UPDATE app.screenings SET clears = tstzrange(now(), 'infinity')`,
    `UPDATE app.screenings SET answers = '[]'`,
    `UPDATE app.licences SET valid = tstzrange(now(), 'infinity')`,
    `UPDATE app.representatives SET valid = tstzrange(now(), 'infinity')`,
    `UPDATE app.representatives SET ended_at = NULL`,
    `UPDATE app.representatives SET authority = 'a court order'`,
    `UPDATE app.sessions SET started_at = now()`,
    `UPDATE app.discussed_risks SET wording = 'nothing to fear'`,
    `UPDATE app.discussed_risks SET discussed_at = now()`,
    `UPDATE app.disclosures SET content = '{}'`,
    `UPDATE app.clinics SET time_zone = 'UTC'`,
    `UPDATE app.clinics SET demo = true`,
    `UPDATE app.staff SET user_id = 'x'`,
    `UPDATE app.staff SET email = 'x@example.org'`,
    `UPDATE app.permissions SET role = 'receptionist'`,
    `INSERT INTO app.permissions VALUES ('receptionist', 'session.record')`,
    `INSERT INTO app.screening_regions SELECT clinic_id, id, 'cervical' FROM app.screenings`,
    `INSERT INTO app.consent_scope SELECT clinic_id, id, 'cervical', 'traction' FROM app.consents`,
    `INSERT INTO app.disclosure_risks SELECT clinic_id, id, 'x', 1, 'x', 'x', true FROM app.disclosures`,
    `INSERT INTO app.consents (discussion_id, decision, decided_by, in_force) SELECT id, 'given', 'patient', tstzrange(now(), NULL) FROM app.discussions`,
    `INSERT INTO app.screenings (patient_id, questionnaire_id, answers, outcome) SELECT p.id, q.id, '[]', 'cleared' FROM app.patients p, app.questionnaires q`,
    `INSERT INTO app.discussed_risks (discussion_id, code, discussed_at) SELECT id, 'stroke', now() FROM app.discussions`,
    `MERGE INTO app.consents c USING app.discussions d ON c.discussion_id = d.id WHEN MATCHED THEN DELETE`,
    `SELECT * FROM app.consents FOR UPDATE OF consents NOWAIT; DELETE FROM app.consents`,
  ])('is refused: %s', async (sql) => {
    expect(await refusal(as(clinic.practitioner.token, (client) => client.query(sql)))).toBe(PRIVILEGE);
    expect(await refusal(as(clinic.administrator.token, (client) => client.query(sql)))).toBe(PRIVILEGE);
  });

  it('keeps its instants when it is closed', async () => {
    const { practitioner } = clinic;
    const { patient, consent } = await permitsOf(practitioner);
    await makeSession(practitioner, patient ?? '');
    const ended = (await as(practitioner.token, (client) =>
      client
        .query(
          `UPDATE app.sessions SET ended_at = '2000-01-01' WHERE patient_id = $1 RETURNING ended_at > now() - interval '1 minute' AS now`,
          [patient],
        )
        .then(({ rows }) => rows),
    )) as unknown[];
    expect(ended).toEqual([{ now: true }]);
    const withdrawn = (await as(practitioner.token, async (client) => {
      const sql = `UPDATE app.consents SET withdrawn_by = 'patient', withdrawal_reason = $2 WHERE id = $1 RETURNING withdrawn_at`;
      const first = (await client.query<{ withdrawn_at: Date }>(sql, [consent, 'no'])).rows[0];
      return [Math.abs(Date.now() - Number(first?.withdrawn_at)) < 60_000, await refusal(client.query(sql, [consent, 'changed my mind']))];
    })) as unknown[];
    expect(withdrawn).toEqual([true, 'consent_withdrawn_once']);
  });
});

describe('the application’s role', () => {
  it.each([
    'SET ROLE assent_owner',
    'SET ROLE assent_identity',
    'SET SESSION AUTHORIZATION postgres',
    `SET session_replication_role = 'replica'`,
    'ALTER TABLE app.sessions DISABLE TRIGGER ALL',
    'ALTER TABLE app.sessions DROP CONSTRAINT session_needs_consent',
    'ALTER TABLE app.consents DISABLE ROW LEVEL SECURITY',
    'ALTER ROLE assent_app BYPASSRLS',
    'CREATE TEMP TABLE sessions (id int)',
    'CREATE TABLE public.sessions (id int)',
    'CREATE TABLE app.mine (id int)',
    'CREATE SCHEMA mine',
    'CREATE FUNCTION app.actor(text) RETURNS uuid LANGUAGE sql RETURN NULL::uuid',
    'CREATE POLICY mine ON app.sessions USING (true)',
    'SELECT * FROM auth.session',
    'SELECT * FROM auth.account',
    'SELECT * FROM migrations.applied',
    `SELECT app.add_staff(app.clinic(), 'x', 'x@example.org', 'administrator', NULL)`,
    `SELECT app.create_clinic('x', 'UTC', false, true, 'x', 'x@example.org', 'x')`,
    `SELECT app.write_invitation(app.actor(), repeat('0', 64), true, false)`,
    `SELECT * FROM app.invite('x', 'x@example.org', 'administrator', NULL, repeat('0', 64), false)`,
    `SELECT app.lock_permits(app.clinic(), NULL, NULL, NULL)`,
    `SELECT app.outdate(ARRAY(SELECT c FROM app.consents c))`,
    `SET row_security = off; SELECT * FROM app.sessions`,
    `SELECT pg_read_file('postgresql.conf')`,
    'SELECT lo_create(0)',
    'SELECT lo_creat(-1)',
    `SELECT lo_from_bytea(0, 'x')`,
    `COPY app.sessions TO PROGRAM 'cat'`,
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'assent_owner' OR usename = 'postgres'`,
  ])('may not: %s', async (sql) => {
    expect(await refusal(as(clinic.practitioner.token, (client) => client.query(sql)))).toBe(PRIVILEGE);
  });

  it.each([`UPDATE app.clinics SET consent_valid_days = 1000`, `UPDATE app.staff SET role = 'administrator'`])(
    'changes nothing for who isn’t an administrator: %s',
    async (sql) => {
      for (const { token } of [clinic.practitioner, clinic.receptionist]) {
        expect(await as(token, (client) => client.query(sql).then(({ rowCount }) => rowCount))).toBe(0);
      }
    },
  );

  it('reads no password, and the identity role reads no patient', async () => {
    const read = (sql: string) => refusal(withClient(server.database.identity, (client) => client.query(sql)));
    expect(await read('SELECT FROM app.patients')).toBe(PRIVILEGE);
    expect(await read('SELECT app.clinic()')).toBe(PRIVILEGE);
    expect(await read('CREATE TABLE auth.mine (id int)')).toBe(PRIVILEGE);
    expect(await read('SELECT FROM auth.account')).toBe('nothing refused');
  });
});
