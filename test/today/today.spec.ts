import {
  expire,
  makeClearedPatient,
  makeClinic,
  makeConsent,
  makeDisclosure,
  makeDiscussion,
  makePatient,
  makeScreening,
  makeSession,
  type Person,
  type TestClinic,
} from '../support/make.js';
import { startServer, type TestServer } from '../support/server.js';
import { asSuperuser } from '../support/sql.js';

let server: TestServer;
let clinic: TestClinic;
beforeAll(async () => {
  server = await startServer();
});
beforeEach(async () => {
  clinic = await makeClinic(server);
});
afterAll(() => server.stop());

type Rows = { id: string; patient: { id: string } }[];
// oxlint-disable-next-line typescript/no-explicit-any -- as an Answer's body
async function today(of: Person): Promise<Record<string, any>> {
  const { status, body } = await of.api.get('/api/today');
  expect(status).toBe(200);
  return body;
}
const patientsOf = (rows: Rows) => rows.map(({ patient }) => patient.id);

/** Lets what a patient has end in so many days, which the API can't do and a test doesn't wait for. */
async function endIn(days: number, table: 'screenings' | 'consents' | 'licences', column: string, id: string): Promise<void> {
  await asSuperuser(
    server,
    `WITH quiet AS (SELECT set_config('session_replication_role', 'replica', true))
     UPDATE app.${table} SET ${column} = tstzrange(lower(${column}) - interval '1 year', clock_timestamp() + make_interval(days => $2))
       FROM quiet WHERE id = $1`,
    [id, days],
  );
}

describe('GET /api/today', () => {
  it('is empty where nothing is to do, and then no look', async () => {
    expect(await today(clinic.practitioner)).toEqual({
      sessions: [],
      discussions: [],
      approvals: [],
      reported: [],
      lapsing: [],
      treated: [],
      registered: [],
      licences: [],
    });
    expect((await clinic.administrator.api.get('/api/audit/events?action=search')).body.items).toEqual([]);
  });

  it('lists open sessions of the clinic, mine first, until they end', async () => {
    const [theirs, mine] = [await makeClearedPatient(clinic.colleague), await makeClearedPatient(clinic.practitioner)];
    await makeSession(clinic.colleague, theirs.patientId);
    const sessionId = await makeSession(clinic.practitioner, mine.patientId);
    const { sessions } = await today(clinic.practitioner);
    expect(patientsOf(sessions)).toEqual([mine.patientId, theirs.patientId]);
    expect(sessions[0]).toMatchObject({
      id: sessionId,
      practitionerId: clinic.practitioner.id,
      practitionerName: 'Ben Practitioner',
      patient: { givenName: 'Rosa', familyName: 'García', birthDate: '1984-05-17' },
    });
    await clinic.practitioner.api.post(`/api/sessions/${sessionId}/end`);
    expect(patientsOf((await today(clinic.practitioner)).sessions)).toEqual([theirs.patientId]);
  });

  it('lists my discussions until they are decided or overtaken', async () => {
    const [decided, overtaken] = [await makePatient(clinic.practitioner), await makePatient(clinic.practitioner)];
    for (const patientId of [decided, overtaken]) await makeScreening(clinic.practitioner, patientId);
    const discussionId = await makeDiscussion(clinic.practitioner, decided, {}, ['stroke']);
    await makeDiscussion(clinic.practitioner, overtaken);
    const { discussions } = await today(clinic.practitioner);
    expect(patientsOf(discussions)).toEqual([overtaken, decided]);
    expect(discussions[1]).toMatchObject({ id: discussionId, discussedRisks: discussions[0].discussedRisks - 1 });
    expect((await today(clinic.colleague)).discussions).toEqual([]);

    await clinic.practitioner.api.put(`/api/discussions/${discussionId}/risks/stroke`);
    await makeConsent(clinic.practitioner, discussionId);
    await makeScreening(clinic.practitioner, overtaken);
    expect((await today(clinic.practitioner)).discussions).toEqual([]);
  });

  it('lists screenings of others that wait for a second practitioner, until one approves, and absolute findings never', async () => {
    const [waiting, barred] = [await makePatient(clinic.practitioner), await makePatient(clinic.practitioner)];
    const screeningId = await makeScreening(clinic.practitioner, waiting, { osteoporosis: { answer: 'yes' } });
    await makeScreening(clinic.practitioner, barred, { spinal_tumour: { answer: 'yes' } });
    expect((await today(clinic.colleague)).approvals).toEqual([
      { patient: expect.objectContaining({ id: waiting }), screeningId, screenedAt: expect.any(String), screenedBy: 'Ben Practitioner' },
    ]);
    for (const other of [clinic.practitioner, clinic.administrator, clinic.receptionist])
      expect((await today(other)).approvals).toEqual([]);
    await clinic.colleague.api.post(`/api/screenings/${screeningId}/approval`, { reason: 'Gentle techniques alone.' });
    expect((await today(clinic.colleague)).approvals).toEqual([]);
  });

  it('lists no screening that advice cleared, that was replaced, or that grew too old', async () => {
    const advice = { name: 'Dr Mary Grey', profession: 'physician', date: '2026-10-03', text: 'Gently.' };
    const [advised, replaced, old] = [
      await makePatient(clinic.practitioner),
      await makePatient(clinic.practitioner),
      await makePatient(clinic.practitioner),
    ];
    await makeScreening(clinic.practitioner, advised, { osteoporosis: { answer: 'yes' } }, advice);
    await makeScreening(clinic.practitioner, replaced, { osteoporosis: { answer: 'yes' } });
    await makeScreening(clinic.practitioner, replaced);
    const id = await makeScreening(clinic.practitioner, old, { osteoporosis: { answer: 'yes' } });
    expect(patientsOf((await today(clinic.colleague)).approvals)).toEqual([old]);
    await asSuperuser(
      server,
      `WITH quiet AS (SELECT set_config('session_replication_role', 'replica', true))
       UPDATE app.screenings SET performed_at = performed_at - interval '2 years' FROM quiet WHERE id = $1`,
      [id],
    );
    expect((await today(clinic.colleague)).approvals).toEqual([]);
  });

  it('lists what lapses soon with patients whom I treated, and not what has lapsed', async () => {
    const one = await makeClearedPatient(clinic.practitioner);
    const { id } = { id: await makeSession(clinic.practitioner, one.patientId) };
    await clinic.practitioner.api.post(`/api/sessions/${id}/end`);
    await endIn(200, 'screenings', 'clears', one.screeningId);
    await endIn(200, 'consents', 'in_force', one.consentId);
    expect((await today(clinic.practitioner)).lapsing).toEqual([]);
    await endIn(9, 'consents', 'in_force', one.consentId);
    const { lapsing } = await today(clinic.practitioner);
    expect(lapsing).toEqual([
      { patient: expect.objectContaining({ id: one.patientId }), screeningUntil: null, consentUntil: expect.any(String) },
    ]);
    expect((await today(clinic.colleague)).lapsing).toEqual([]);
    await expire(server, 'consents', one.consentId);
    expect((await today(clinic.practitioner)).lapsing).toEqual([]);
  });

  it('tells of whom I treated and of whom was registered what comes next', async () => {
    const fresh = await makePatient(clinic.receptionist);
    const { patientId } = await makeClearedPatient(clinic.practitioner);
    const sessionId = await makeSession(clinic.practitioner, patientId);
    const { treated, registered } = await today(clinic.practitioner);
    expect(treated).toMatchObject([{ patient: { id: patientId }, openSessionId: sessionId, screened: true, consented: true }]);
    expect(registered).toMatchObject([
      { patient: { id: patientId } },
      { patient: { id: fresh }, openSessionId: null, screened: false, consented: false },
    ]);
    await clinic.receptionist.api.post(`/api/patients/${fresh}/archive`, { reason: 'left' });
    expect(patientsOf((await today(clinic.practitioner)).registered)).toEqual([patientId]);
  });

  it('shows a receptionist nothing clinical', async () => {
    const { patientId } = await makeClearedPatient(clinic.practitioner);
    await makeSession(clinic.practitioner, patientId);
    expect(await today(clinic.receptionist)).toMatchObject({
      sessions: [],
      discussions: [],
      lapsing: [],
      treated: [],
      registered: [{ patient: { id: patientId }, openSessionId: null, screened: false, consented: false }],
      licences: [],
    });
  });

  it('shows an administrator every licence that ends soon, others their own, and none that has a successor', async () => {
    const licences = await asSuperuser(server, `SELECT id, practitioner_id FROM app.licences WHERE clinic_id = $1`, [clinic.id]);
    for (const { id } of licences) await endIn(20, 'licences', 'valid', id ?? '');
    expect((await today(clinic.administrator)).licences).toHaveLength(2);
    expect((await today(clinic.practitioner)).licences).toMatchObject([
      { practitionerId: clinic.practitioner.id, practitionerName: 'Ben Practitioner' },
    ]);
    await clinic.administrator.api.post(`/api/staff/${clinic.practitioner.id}/licences`, {
      profession: 'chiropractor',
      authority: 'Board',
      number: 'renewed',
    });
    expect((await today(clinic.administrator)).licences).toMatchObject([{ practitionerId: clinic.colleague.id }]);
  });

  it('is recorded with whom it showed, and shows nobody of another clinic', async () => {
    const { patientId } = await makeClearedPatient(clinic.practitioner);
    await makeSession(clinic.practitioner, patientId);
    await today(clinic.practitioner);
    const { body } = await clinic.administrator.api.get('/api/audit/events?action=search');
    expect(body.items).toMatchObject([{ subject: 'getToday', staffId: clinic.practitioner.id, details: { found: [patientId] } }]);
    expect(patientsOf((await today((await makeClinic(server)).practitioner)).registered)).toEqual([]);
  });
});

describe('GET /api/patients/{id}/discussions', () => {
  it('lists the patient’s discussions, newest first, with their decisions', async () => {
    const { patientId, discussionId, consentId } = await makeClearedPatient(clinic.practitioner);
    const open = await makeDiscussion(clinic.practitioner, patientId, {}, ['stroke']);
    const { body } = await clinic.colleague.api.get(`/api/patients/${patientId}/discussions`);
    expect(body.items).toMatchObject([
      {
        id: open,
        consentId: null,
        awaitsDecision: true,
        discussedRisks: body.items[1].discussedRisks - 1,
        regions: ['cervical', 'lumbar'],
      },
      { id: discussionId, consentId, awaitsDecision: false, patientId },
    ]);
    const { body: audit } = await clinic.administrator.api.get(`/api/audit/events?patientId=${patientId}&action=read`);
    expect(audit.items).toMatchObject([{ subject: 'listDiscussions', subjectId: patientId, staffId: clinic.colleague.id }]);
  });

  it.each([
    ['a newer screening', (patientId: string) => makeScreening(clinic.practitioner, patientId), false],
    ['a text that requires re-consent', () => makeDisclosure(clinic.administrator, { requiresReconsent: true }), false],
    ['a text that doesn’t', () => makeDisclosure(clinic.administrator), true],
  ])('says if one still waits for its decision after %s', async (_, overtake, waits) => {
    const patientId = await makePatient(clinic.practitioner);
    await makeScreening(clinic.practitioner, patientId);
    await makeDiscussion(clinic.practitioner, patientId);
    await overtake(patientId);
    const { body } = await clinic.practitioner.api.get(`/api/patients/${patientId}/discussions`);
    expect(body.items).toMatchObject([{ awaitsDecision: waits }]);
    expect((await today(clinic.practitioner)).discussions).toHaveLength(waits ? 1 : 0);
  });

  it('knows no patient of another clinic', async () => {
    const patientId = await makePatient((await makeClinic(server)).practitioner);
    expect((await clinic.practitioner.api.get(`/api/patients/${patientId}/discussions`)).status).toBe(404);
  });
});
