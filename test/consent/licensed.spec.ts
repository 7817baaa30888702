import { Client } from 'pg';
import { withClient } from '../support/database.js';
import {
  CONFIRMED,
  GIVEN,
  makeAnswers,
  makeClearedPatient,
  makeClinic,
  makeConsent,
  makeDiscussion,
  makePatient,
  makeScreening,
  makeSession,
  makeStaff,
  type Person,
  PROPOSAL,
  type TestClinic,
} from '../support/make.js';
import { startServer, type TestServer } from '../support/server.js';
import { asApplication, asSuperuser, licenceOf, refusal } from '../support/sql.js';

// The promise is a discussion with a licensed professional: who has no valid licence neither screens, nor approves, nor discusses a risk, nor
// records a consent.

let server: TestServer;
let clinic: TestClinic;
beforeAll(async () => {
  server = await startServer();
});
beforeEach(async () => {
  clinic = await makeClinic(server);
});
afterAll(() => server.stop());

const DAY = 86_400_000;
const day = (days: number) => new Date(Date.now() + days * DAY).toISOString().slice(0, 10);

/** Practitioners whose licence isn't valid, and what the refusal calls it. */
const UNLICENSED: Record<string, { code: string; make: () => Promise<Person> }> = {
  'without a licence': { code: 'licence.none', make: () => makeStaff(server, clinic) },
  'whose licence has expired': {
    code: 'licence.expired',
    make: async () => {
      const person = await makeStaff(server, clinic);
      await license(person, { validFrom: day(-10), validUntil: day(-2) });
      return person;
    },
  },
  'whose licence begins tomorrow': {
    code: 'licence.not-yet-valid',
    make: async () => {
      const person = await makeStaff(server, clinic);
      await license(person, { validFrom: day(2) });
      return person;
    },
  },
  'whose licence was revoked': {
    code: 'licence.revoked',
    make: async () => {
      const person = await makeStaff(server, clinic);
      await clinic.administrator.api.post(`/api/licences/${await license(person)}/revocation`, { reason: 'Struck off.' });
      return person;
    },
  },
};

async function license(person: Person, values: object = {}): Promise<string> {
  const { status, body } = await clinic.administrator.api.post(`/api/staff/${person.id}/licences`, {
    profession: 'chiropractor',
    authority: 'Board',
    number: person.id,
    ...values,
  });
  expect(status).toBe(201);
  return body.id as string;
}

describe.each(Object.entries(UNLICENSED))('a practitioner %s', (_, { code, make }) => {
  it('screens, approves, discusses and records no consent, and a colleague’s session doesn’t start on it', async () => {
    const { practitioner } = clinic;
    const person = await make();
    const refused = { status: 409, body: { code, detail: expect.stringMatching(/\S/) } };
    const patientId = await makePatient(practitioner);
    expect(await person.api.post(`/api/patients/${patientId}/screenings`, await makeAnswers(practitioner))).toMatchObject(refused);

    const waiting = await makeScreening(practitioner, patientId, { osteoporosis: { answer: 'yes' } });
    expect(await person.api.post(`/api/screenings/${waiting}/approval`, { reason: 'Seen.' })).toMatchObject(refused);

    await makeScreening(practitioner, patientId);
    expect(await person.api.post(`/api/patients/${patientId}/discussions`, PROPOSAL)).toMatchObject(refused);
    const discussionId = await makeDiscussion(practitioner, patientId, {}, ['stroke']);
    expect(await person.api.put(`/api/discussions/${discussionId}/risks/stroke`)).toMatchObject(refused);
    expect(await practitioner.api.post(`/api/discussions/${discussionId}/consent`, GIVEN)).toMatchObject({
      body: { code: 'consent.risks-not-discussed', missing: ['stroke'] },
    });
    await practitioner.api.put(`/api/discussions/${discussionId}/risks/stroke`);
    expect(await person.api.post(`/api/discussions/${discussionId}/consent`, GIVEN)).toMatchObject(refused);
    expect(await practitioner.api.post(`/api/patients/${patientId}/sessions`, CONFIRMED)).toMatchObject({
      body: { code: 'session.refused', blockers: [{ code: 'consent.none' }] },
    });
  });

  it('records that a patient says no, and a withdrawal', async () => {
    const { practitioner } = clinic;
    const person = await make();
    const { patientId, consentId } = await makeClearedPatient(practitioner);
    const withdrawal = { reason: 'No more.', withdrawnBy: { kind: 'patient' } };
    expect((await person.api.post(`/api/consents/${consentId}/withdrawal`, withdrawal)).status).toBe(200);
    const discussionId = await makeDiscussion(practitioner, patientId);
    const no = await person.api.post(`/api/discussions/${discussionId}/consent`, { ...GIVEN, decision: 'refused' });
    expect([no.status, no.body.decision]).toEqual([201, 'refused']);
  });
});

it('each of them cites the licence that was valid, and with two the one that is valid longest', async () => {
  const { practitioner, colleague } = clinic;
  const person = await makeStaff(server, clinic);
  await license(person, { number: 'A', validUntil: day(30) });
  const longer = await license(person, { number: 'B', validUntil: day(60) });
  const patientId = await makePatient(practitioner);
  const screeningId = await makeScreening(person, patientId, { osteoporosis: { answer: 'yes' } });
  await colleague.api.post(`/api/screenings/${screeningId}/approval`, { reason: 'Seen.' });
  await makeConsent(person, await makeDiscussion(person, patientId));
  const cited = await asSuperuser(
    server,
    `SELECT licence_id FROM app.screenings WHERE patient_id = $1 UNION SELECT licence_id FROM app.consents WHERE patient_id = $1
      UNION SELECT r.licence_id FROM app.discussed_risks r JOIN app.discussions d ON d.id = r.discussion_id WHERE d.patient_id = $1`,
    [patientId],
  );
  expect(cited).toEqual([{ licence_id: longer }]);
  const [approval] = await asSuperuser(server, 'SELECT licence_id FROM app.screening_approvals WHERE screening_id = $1', [screeningId]);
  expect(approval).toEqual({ licence_id: await licenceOf(server, colleague) });
});

describe('by raw SQL as the application', () => {
  const INSERTS: Record<string, { sql: string; of: 'patientId' | 'screeningId' | 'discussionId' }> = {
    screening: {
      sql: 'INSERT INTO app.screenings (patient_id, questionnaire_id, answers) SELECT patient_id, questionnaire_id, answers FROM app.screenings WHERE patient_id = $1',
      of: 'patientId',
    },
    risk: { sql: `INSERT INTO app.discussed_risks (discussion_id, code) VALUES ($1, 'stroke')`, of: 'discussionId' },
    consent: {
      sql: `INSERT INTO app.consents (discussion_id, decision, decided_by, capacity_confirmed, alternatives_discussed, right_to_withdraw_told, teach_back, signature)
            VALUES ($1, 'given', 'patient', true, true, true, 'x', '{"name": "Rosa", "strokes": []}')`,
      of: 'discussionId',
    },
  };

  it.each(Object.entries(INSERTS))('nobody without a licence writes a %s', async (_, { sql, of }) => {
    const { practitioner } = clinic;
    const person = await makeStaff(server, clinic);
    const { patientId, screeningId } = await makeClearedPatient(practitioner);
    const ids = { patientId, screeningId, discussionId: await makeDiscussion(practitioner, patientId, {}, ['stroke']) };
    if (of === 'discussionId' && sql.includes('consents')) await practitioner.api.put(`/api/discussions/${ids.discussionId}/risks/stroke`);
    expect(await refusal(asApplication(server, person.token, (client) => client.query(sql, [ids[of]])))).toBe('licence_none');
  });

  it('even the owner writes none that cites no licence', async () => {
    const { practitioner } = clinic;
    const { screeningId } = await makeClearedPatient(practitioner);
    for (const [table, rule] of [
      ['screenings', 'screening_cites_licence'],
      ['consents', 'consent_cites_licence'],
      ['discussed_risks', 'discussed_risk_cites_licence'],
    ]) {
      const sql = `SET session_replication_role = replica; UPDATE app.${table} SET licence_id = NULL`;
      expect(await refusal(withClient(server.database.superuser, (client) => client.query(sql)))).toBe(rule);
    }
    const other = `UPDATE app.screenings SET licence_id = (SELECT id FROM app.licences WHERE practitioner_id = '${clinic.colleague.id}') WHERE id = '${screeningId}'`;
    expect(await refusal(asSuperuser(server, other))).toBe('screening_needs_licence');
  });
});

describe('what was recorded without a licence before one was asked for', () => {
  const mark = (table: string, where: string) =>
    asSuperuser(
      server,
      `SET session_replication_role = replica; UPDATE app.${table} SET licence_id = NULL, unlicensed = true WHERE ${where}`,
    );

  it.each<[string, string]>([
    ['screenings', 'screening.unlicensed'],
    ['consents', 'discussion.unlicensed'],
  ])('%s stays, and permits no session', async (table, blocker) => {
    const { practitioner } = clinic;
    const { patientId, consentId } = await makeClearedPatient(practitioner);
    await mark(table, `patient_id = '${patientId}'`);
    expect(await practitioner.api.post(`/api/patients/${patientId}/sessions`, CONFIRMED)).toMatchObject({
      status: 409,
      body: { blockers: [{ code: blocker, remedy: expect.stringMatching(/\S/) }] },
    });
    const session = `INSERT INTO app.sessions (patient_id, licence_id, screening_id, consent_id, nothing_changed, still_consents)
      SELECT p.id, l.id, p.latest_screening_id, p.latest_consent_id, true, true FROM app.patients p, app.licences l WHERE p.id = $1 AND l.practitioner_id = app.actor()`;
    expect(await refusal(asApplication(server, practitioner.token, (client) => client.query(session, [patientId])))).toBe(
      table === 'screenings' ? 'session_needs_licensed_screening' : 'session_needs_licensed_discussion',
    );
    const withdrawal = { reason: 'No more.', withdrawnBy: { kind: 'patient' } };
    expect((await practitioner.api.post(`/api/consents/${consentId}/withdrawal`, withdrawal)).status).toBe(200);
    await makeScreening(practitioner, patientId);
    await makeConsent(practitioner, await makeDiscussion(practitioner, patientId));
    expect((await practitioner.api.post(`/api/patients/${patientId}/sessions`, CONFIRMED)).status).toBe(201);
  });

  it.each([
    ['screenings', 'screening.unlicensed'],
    ['consents', 'discussion.unlicensed'],
  ])('permits no further manipulation in an open session: %s', async (table, code) => {
    const { practitioner } = clinic;
    const { patientId } = await makeClearedPatient(practitioner);
    const sessionId = await makeSession(practitioner, patientId);
    await mark(table, `patient_id = '${patientId}'`);
    const manipulation = { region: 'lumbar', segment: 'L4', technique: 'mobilisation' };
    expect(await practitioner.api.post(`/api/sessions/${sessionId}/manipulations`, manipulation)).toMatchObject({
      status: 409,
      body: { code },
    });
  });

  it('is no ground for a consent that is recorded since, nor for an approval', async () => {
    const { practitioner, colleague } = clinic;
    const patientId = await makePatient(practitioner);
    const screeningId = await makeScreening(practitioner, patientId, { earlier_reaction: { answer: 'yes' } });
    const discussionId = await makeDiscussion(practitioner, patientId);
    await mark('discussed_risks', `discussion_id = '${discussionId}' AND code = 'stroke'`);
    expect(await practitioner.api.post(`/api/discussions/${discussionId}/consent`, GIVEN)).toMatchObject({
      status: 409,
      body: { code: 'discussion.unlicensed' },
    });
    await mark('screenings', `id = '${screeningId}'`);
    expect(await colleague.api.post(`/api/screenings/${screeningId}/approval`, { reason: 'Seen.' })).toMatchObject({
      status: 409,
      body: { code: 'screening.unlicensed' },
    });
  });
});

it('a revocation and a risk take turns: what waits for it is refused', async () => {
  const { practitioner, administrator } = clinic;
  const patientId = await makePatient(practitioner);
  await makeScreening(practitioner, patientId);
  const discussionId = await makeDiscussion(practitioner, patientId, {}, ['stroke']);
  const licence = await licenceOf(server, practitioner);
  const revoking = new Client({ connectionString: server.database.app });
  await revoking.connect();
  try {
    await revoking.query('BEGIN');
    await revoking.query('SELECT app.sign_on($1)', [administrator.token]);
    await revoking.query(`UPDATE app.licences SET revocation_reason = 'Struck off.' WHERE id = $1`, [licence]);
    const discussed = practitioner.api.put(`/api/discussions/${discussionId}/risks/stroke`);
    await withClient(server.database.superuser, async (client) => {
      const waits = `SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`;
      while ((await client.query(waits)).rowCount === 0);
    });
    await revoking.query('COMMIT');
    expect(await discussed).toMatchObject({ status: 409, body: { code: 'licence.revoked' } });
  } finally {
    await revoking.end();
  }
});
