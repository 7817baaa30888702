import { Client } from 'pg';
import { withClient } from '../support/database.js';
import { makeClinic, makePatient, type Person, type TestClinic } from '../support/make.js';
import { age, archive, erase, hold, makeErasable, makeTreatedLongAgo } from '../support/retention.js';
import { startServer, type TestServer } from '../support/server.js';
import { asApplication, asSuperuser, licenceOf, NOT_NULL, PRIVILEGE, refusal, startSession } from '../support/sql.js';

let server: TestServer;
let clinic: TestClinic;
beforeAll(async () => {
  server = await startServer();
});
beforeEach(async () => {
  clinic = await makeClinic(server);
});
afterAll(() => server.stop());

const as = (by: Person, sql: string, values: unknown[] = [], begin?: string) =>
  asApplication(server, by.token, (client) => client.query(sql, values), begin);
const eraseBySql = (patientId: string, by: Person = clinic.administrator) =>
  refusal(as(by, `SELECT * FROM app.erase_patient($1, 'The retention period is over.')`, [patientId]));

describe('by raw SQL as the application', () => {
  it.each([
    `UPDATE audit.events SET details = NULL, salt = NULL`,
    `UPDATE audit.erasures SET reason = 'x'`,
    `DELETE FROM audit.erasures`,
    `DELETE FROM audit.erased_events`,
    `INSERT INTO audit.erasures (clinic_id, patient_id, staff_id, staff_name, staff_role, reason, rows_blanked, events_blanked, searches_blanked)
     SELECT clinic_id, id, registered_by, 'x', 'x', 'x', 0, 0, 0 FROM app.patients`,
    `INSERT INTO audit.erased_events SELECT clinic_id, id, id FROM audit.events`,
    `SELECT app.entries(clinic_id, id) FROM app.patients`,
    `UPDATE app.patients SET erased = true`,
    `UPDATE app.patients SET archived_at = NULL`,
    `UPDATE app.patients SET archive_reason = 'left'`,
    `UPDATE app.legal_holds SET lifted_at = now()`,
    `UPDATE app.legal_holds SET reason = 'x'`,
    `UPDATE app.legal_holds SET placed_by = NULL`,
    `DELETE FROM app.legal_holds`,
    `INSERT INTO app.legal_holds (patient_id, reason, placed_by) SELECT id, 'x', registered_by FROM app.patients`,
    `SELECT app.retention_ends(p) FROM app.patients p`,
    `SELECT app.require_active_patient(app.clinic(), NULL)`,
    `SELECT app.outdate('{}')`,
    `SET session_replication_role = replica`,
    `ALTER TABLE app.patients DISABLE TRIGGER ALL`,
  ])('nobody does without the function: %s', async (sql) => {
    for (const by of [clinic.administrator, clinic.practitioner, clinic.receptionist]) {
      expect(await refusal(as(by, sql))).toBe(PRIVILEGE);
    }
  });

  it('an erasure asks for every condition', async () => {
    const recent = await makePatient(clinic.practitioner);
    expect(await eraseBySql(recent)).toBe('erasure_of_archived_patient');
    await archive(clinic, recent);
    expect(await eraseBySql(recent)).toBe('erasure_after_retention');
    await age(server, recent);
    const { body } = await hold(clinic, recent);
    expect(await eraseBySql(recent)).toBe('erasure_without_legal_hold');
    await clinic.administrator.api.post(`/api/legal-holds/${body.id}/lift`, { reason: 'settled' });
    expect(await eraseBySql(recent)).toBe('nothing refused');
    for (const by of [clinic.practitioner, clinic.receptionist]) expect(await eraseBySql(recent, by)).toBe(PRIVILEGE);
    for (const reason of ['', ' ', null]) {
      const erased = as(clinic.administrator, 'SELECT app.erase_patient($1, $2)', [recent, reason]);
      expect([reason, await refusal(erased)]).toEqual([reason, reason === null ? NOT_NULL : 'erasure_has_reason']);
    }
    for (const level of ['REPEATABLE READ', 'SERIALIZABLE']) {
      const begin = `BEGIN ISOLATION LEVEL ${level}`;
      const erased = as(clinic.administrator, `SELECT app.erase_patient($1, 'old')`, [recent], begin);
      expect(await refusal(erased)).toBe(PRIVILEGE);
    }
    const signedOut = asApplication(server, null, (client) => client.query(`SELECT app.erase_patient($1, 'old')`, [recent]));
    expect(await refusal(signedOut)).toBe(PRIVILEGE);
    expect((await clinic.administrator.api.get(`/api/patients/${recent}`)).body.givenName).toBe('Rosa');
  });

  it('an erasure reaches no other clinic, nor anything but its own patient and searches for it', async () => {
    const other = await makeClinic(server);
    const [theirs, neighbour] = [
      await makeErasable(server, other),
      await makePatient(clinic.practitioner, { givenName: 'Berta', familyName: 'Bloch' }),
    ];
    await other.receptionist.api.get('/api/patients?query=rosa&archived=true');
    await clinic.receptionist.api.get('/api/patients?query=berta');
    expect((await as(clinic.administrator, `SELECT * FROM app.erase_patient($1, 'old')`, [theirs])).rowCount).toBe(0);
    for (const name of ["archive_patient($1, 'left')", 'restore_patient($1)']) {
      expect((await as(clinic.administrator, `SELECT * FROM app.${name}`, [theirs])).rowCount).toBe(0);
    }
    const mine = await makeErasable(server, clinic);
    const untouched = `SELECT md5(string_agg(e::text, '|' ORDER BY id)) AS digest FROM audit.events e
                        WHERE clinic_id = $1 OR patient_id = $2 OR (clinic_id = $3 AND action = 'search')`;
    const digest = () => asSuperuser(server, untouched, [other.id, neighbour, clinic.id]);
    const before = await digest();
    expect((await erase(clinic, mine)).status).toBe(201);
    expect(await digest()).toEqual(before);
  });

  it('an erased patient stays blank, whoever writes', async () => {
    const { patientId } = await makeTreatedLongAgo(server, clinic);
    await erase(clinic, patientId);
    for (const [column, value] of Object.entries({
      given_name: 'Rosa',
      birth_date: '1984-05-17',
      phone: '1234',
      record_number: '17',
      sex: 'female',
    })) {
      const change = `UPDATE app.patients SET ${column} = '${value}' WHERE id = $1`;
      expect([column, await refusal(as(clinic.receptionist, change, [patientId]))]).toEqual([column, 'patient_erased']);
      // A superuser may set the triggers aside; the table's own constraint remains.
      const withoutTriggers = `SET LOCAL session_replication_role = replica; ${change.replace('$1', `'${patientId}'`)}`;
      expect([column, await refusal(asSuperuser(server, withoutTriggers))]).toEqual([column, 'patient_erased_stays_blank']);
    }
    const writes = [
      `UPDATE app.consents SET withdrawn_by = 'patient', withdrawal_reason = 'x' WHERE patient_id = $1`,
      `UPDATE app.discussed_risks SET question = 'x' WHERE discussion_id = (SELECT id FROM app.discussions WHERE patient_id = $1)`,
      `INSERT INTO app.discussed_risks (discussion_id, code) SELECT id, 'stroke' FROM app.discussions WHERE patient_id = $1`,
      `INSERT INTO app.representatives (patient_id, name, relationship, authority, valid) VALUES ($1, 'x', 'x', 'x', tstzrange(now(), NULL))`,
    ];
    for (const sql of writes) expect([sql, await refusal(as(clinic.practitioner, sql, [patientId]))]).toEqual([sql, 'patient_erased']);
  });

  it('an archived patient starts no session', async () => {
    const { patientId } = await makeTreatedLongAgo(server, clinic);
    const [permits] = await asSuperuser(
      server,
      'SELECT screening_id AS screening, consent_id AS consent FROM app.sessions WHERE patient_id = $1',
      [patientId],
    );
    const licence = await licenceOf(server, clinic.practitioner);
    const started = asApplication(
      server,
      clinic.practitioner.token,
      startSession({ patient: patientId, licence, screening: permits?.['screening'] ?? '', consent: permits?.['consent'] ?? '' }),
    );
    expect(await refusal(started)).toBe('session_of_archived_patient');
  });
});

/** A transaction of the application that stays open. */
async function open({ token }: Person): Promise<Client> {
  const client = new Client({ connectionString: server.database.app });
  await client.connect();
  await client.query('BEGIN');
  await client.query('SELECT app.sign_on($1)', [token]);
  return client;
}

describe('in the middle of an erasure', () => {
  it('nothing of it is seen from outside, and nothing remains where it is rolled back', async () => {
    const patientId = await makeErasable(server, clinic);
    const client = await open(clinic.administrator);
    await client.query(`SELECT app.erase_patient($1, 'old')`, [patientId]);
    expect((await clinic.administrator.api.get(`/api/patients/${patientId}`)).body.givenName).toBe('Rosa');
    await client.query('ROLLBACK');
    await client.end();
    expect(await asSuperuser(server, 'SELECT FROM audit.erasures WHERE patient_id = $1', [patientId])).toEqual([]);
    const details = 'SELECT details FROM audit.events WHERE patient_id = $1 AND details_sha256 IS NOT NULL AND details IS NULL';
    expect(await asSuperuser(server, details, [patientId])).toEqual([]);
  });

  it('a wrong salt or details can’t be put in their place', async () => {
    const patientId = await makeErasable(server, clinic);
    await erase(clinic, patientId);
    const forged = withClient(server.database.owner, (client) =>
      client.query(
        `UPDATE audit.events SET details = '{"new": {"given_name": "Eve"}}', salt = 'x' WHERE patient_id = $1 AND details IS NULL AND details_sha256 IS NOT NULL`,
        [patientId],
      ),
    );
    expect(await refusal(forged)).toBe('event_details_digested');
  });
});
