import type { Client } from 'pg';
import { ageAuthentication } from '../support/accounts.js';
import { makeMachine } from '../support/machines.js';
import { makeClearedPatient, makeClinic, makeDiscussion, makePatient, makeScreening, type TestClinic } from '../support/make.js';
import { hold, makeErasable } from '../support/retention.js';
import { startServer, type TestServer } from '../support/server.js';
import { asApplication, asSuperuser, licenceOf, PRIVILEGE, refusal } from '../support/sql.js';

let server: TestServer;
let clinic: TestClinic;
/** What the statements are about. */
let ids: Record<string, string>;
let consentId: string;
beforeAll(async () => {
  server = await startServer();
  clinic = await makeClinic(server);
  const made = await makeClearedPatient(clinic.practitioner);
  const { patientId } = made;
  consentId = made.consentId;
  ids = {
    discussion: await makeDiscussion(clinic.practitioner, patientId),
    screening: await makeScreening(clinic.colleague, await makePatient(clinic.colleague), { earlier_reaction: { answer: 'yes' } }),
    licence: await licenceOf(server, clinic.practitioner),
    colleague: clinic.colleague.id,
    key: (await makeMachine(clinic)).id,
    patient: patientId,
    hold: (await hold(clinic, patientId)).body.id as string,
    erasable: await makeErasable(server, clinic),
  };
});
afterAll(() => server.stop());

const HASH = '0'.repeat(64);

/** Everything for which a permission must be fresh. `$id` stands for one of `ids`; each statement answers with a row where it did something. */
const STATEMENTS: Record<string, { by: 'administrator' | 'practitioner'; sql: string }> = {
  'consent.record': {
    by: 'practitioner',
    sql: `INSERT INTO app.consents (discussion_id, decision, decided_by) VALUES ('$discussion', 'refused', 'patient') RETURNING id`,
  },
  'screening.approve': {
    by: 'practitioner',
    sql: `INSERT INTO app.screening_approvals (screening_id, reason) VALUES ('$screening', 'seen') RETURNING screening_id`,
  },
  'staff.manage: invite': {
    by: 'administrator',
    sql: `SELECT * FROM app.invite('x', 'x@clinic.example', 'receptionist', NULL, '${HASH}', false)`,
  },
  'staff.manage: send a new link': { by: 'administrator', sql: `SELECT * FROM app.renew_invitation('$colleague', '${HASH}', false)` },
  'staff.manage: change': { by: 'administrator', sql: `UPDATE app.staff SET name = 'x' WHERE id = '$colleague' RETURNING id` },
  'staff.manage: deactivate': {
    by: 'administrator',
    sql: `UPDATE app.staff SET active = active * tstzrange(NULL, clock_timestamp()) WHERE id = '$colleague' RETURNING id`,
  },
  'staff.manage: record a licence': {
    by: 'administrator',
    sql: `INSERT INTO app.licences (practitioner_id, profession, authority, number, valid)
          VALUES ('$colleague', 'chiropractor', 'x', 'x', tstzrange(now(), NULL)) RETURNING id`,
  },
  'staff.manage: revoke a licence': {
    by: 'administrator',
    sql: `UPDATE app.licences SET revocation_reason = 'x' WHERE id = '$licence' RETURNING id`,
  },
  'clinic.manage: policies': { by: 'administrator', sql: 'UPDATE app.clinics SET step_up_minutes = 60 RETURNING id' },
  'clinic.manage: single sign-on': { by: 'administrator', sql: `SELECT app.write_sso_provider('x', 'https://x.example', 'x', 'x')` },
  'key.manage: create': {
    by: 'administrator',
    sql: `SELECT app.create_key('x', 'receptionist', NULL, now() + interval '1 day', '${HASH}')`,
  },
  'legal-hold.manage: place': {
    by: 'administrator',
    sql: `INSERT INTO app.legal_holds (patient_id, reason) VALUES ('$patient', 'x') RETURNING id`,
  },
  'legal-hold.manage: lift': { by: 'administrator', sql: `UPDATE app.legal_holds SET lift_reason = 'x' WHERE id = '$hold' RETURNING id` },
  'patient.erase': { by: 'administrator', sql: `SELECT app.erase_patient('$erasable', 'old')` },
  'key.manage: revoke': { by: 'administrator', sql: `SELECT WHERE app.revoke_key('$key')` },
};

const run = (name: string) => async (client: Client) => {
  const sql = (STATEMENTS[name]?.sql ?? '').replaceAll(/\$(\w+)/g, (_, id: string) => ids[id] ?? '');
  return (await client.query(sql)).rowCount;
};

/** What a statement did, as somebody who authenticated that many minutes ago; it is rolled back. */
async function effect(name: string, minutes: number): Promise<string> {
  const person = clinic[STATEMENTS[name]?.by ?? 'administrator'];
  await ageAuthentication(server, person, minutes);
  let rows: number | null = null;
  const refused = await refusal(asApplication(server, person.token, run(name)).then((count) => (rows = count)));
  return refused === 'nothing refused' && rows === 0 ? 'no row' : refused;
}

describe('row-level security, where nobody asked the API', () => {
  it.each(Object.keys(STATEMENTS))('lets %s happen for fifteen minutes after an authentication, and not later', async (name) => {
    expect(await effect(name, 14)).toBe('nothing refused');
    expect([PRIVILEGE, 'no row']).toContain(await effect(name, 16));
  });

  it('knows every permission that must be fresh', async () => {
    const rows = await asSuperuser(server, 'SELECT DISTINCT permission FROM app.permissions WHERE fresh ORDER BY 1');
    const tested = new Set(Object.keys(STATEMENTS).map((name) => name.split(':')[0] ?? ''));
    // One's own account isn't reached by this role at all.
    expect(rows.map(({ permission }) => permission)).toEqual(['account.manage', ...tested].sort());
  });

  it('takes the clinic’s word for how long, at once', async () => {
    const minutes = (value: number) => asSuperuser(server, 'UPDATE app.clinics SET step_up_minutes = $2 WHERE id = $1', [clinic.id, value]);
    await minutes(5);
    expect(await effect('clinic.manage: policies', 6)).toBe('no row');
    await minutes(60);
    expect(await effect('clinic.manage: policies', 59)).toBe('nothing refused');
    await minutes(15);
  });

  it('lets stale sessions be ended, treats, and withdraws', async () => {
    await ageAuthentication(server, clinic.administrator, 600);
    const end = (client: Client) => client.query('SELECT app.end_login_sessions($1, NULL) AS ended', [clinic.receptionist.id]);
    expect((await asApplication(server, clinic.administrator.token, end)).rows).toEqual([{ ended: 1 }]);
    await ageAuthentication(server, clinic.practitioner, 600);
    const register = (client: Client) =>
      client.query(`INSERT INTO app.patients (given_name, family_name, birth_date) VALUES ('Rosa', 'García', '1984-05-17')`);
    expect((await asApplication(server, clinic.practitioner.token, register)).rowCount).toBe(1);
    const withdraw = (client: Client) =>
      client.query(`UPDATE app.consents SET withdrawn_by = 'patient', withdrawal_reason = 'no more' WHERE id = $1`, [consentId]);
    for (const { token } of [clinic.administrator, clinic.practitioner]) {
      expect((await asApplication(server, token, withdraw)).rowCount).toBe(1);
    }
  });
});
