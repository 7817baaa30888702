import { randomUUID } from 'node:crypto';
import type { Answer } from '../support/api.js';
import {
  CONFIRMED,
  makeClearedPatient,
  makeClinic,
  makeConsent,
  makeDisclosure,
  makeDiscussion,
  makePatient,
  makeRepresentedPatient,
  makeScreening,
  makeSession,
  type Person,
  type TestClinic,
} from '../support/make.js';
import { startServer, type TestServer } from '../support/server.js';
import { asApplication, asSuperuser, refusal } from '../support/sql.js';

const CHANGE = { nothingChanged: false, change: 'A fall last week.', stillConsents: true };
const DOUBT = { nothingChanged: true, stillConsents: false, doubt: 'I want to think about it.' };
const SLIP = { reason: 'Tapped the wrong answer.' };
const UNKNOWN = '01890000-0000-7000-8000-000000000000';

let server: TestServer;
let clinic: TestClinic;
beforeAll(async () => {
  server = await startServer();
  clinic = await makeClinic(server);
});
afterAll(() => server.stop());

const start = (patientId: string, check: object = CONFIRMED, by = clinic.practitioner): Promise<Answer> =>
  by.api.post(`/api/patients/${patientId}/sessions`, check);
const codes = ({ body }: Answer): string[] => (body.blockers as { code: string }[]).map(({ code }) => code);
const reports = async (patientId: string, by = clinic.practitioner) =>
  (await by.api.get(`/api/patients/${patientId}/reports`)).body.items as { id: string; kind: string }[];
const retract = (patientId: string, id: string | undefined, by = clinic.practitioner, body: object = SLIP): Promise<Answer> =>
  by.api.post(`/api/patients/${patientId}/reports/${id}/retraction`, body);

/** The report's id. */
async function report(patientId: string, check: object, by?: Person): Promise<string> {
  expect((await start(patientId, check, by)).body).toMatchObject({ code: 'session.refused' });
  return (await reports(patientId))[0]?.id ?? '';
}

describe('a reported change', () => {
  it('is refused, stays, and ends the screening until there is a new one', async () => {
    const { patientId, screeningId } = await makeClearedPatient(clinic.practitioner);
    const refused = await start(patientId, CHANGE);
    expect(refused).toMatchObject({ status: 409, body: { code: 'session.refused' } });
    expect(codes(refused)).toEqual(['check.changed']);
    // The other answer, a second later, by whoever.
    for (const by of [clinic.practitioner, clinic.colleague]) {
      expect(codes(await start(patientId, CONFIRMED, by))).toEqual(['screening.change-reported']);
    }
    expect((await clinic.practitioner.api.get(`/api/patients/${patientId}/clearance`)).body).toMatchObject({
      allowed: false,
      screening: { state: 'change-reported' },
      consent: { state: 'in_force' },
      blockers: [{ code: 'screening.change-reported', remedy: expect.stringContaining('Screen the patient again') }],
    });
    expect(await reports(patientId)).toEqual([
      {
        id: expect.any(String),
        patientId,
        kind: 'change',
        words: 'A fall last week.',
        screeningId,
        consentId: null,
        recordedBy: clinic.practitioner.id,
        reportedAt: expect.any(String),
        retractableUntil: expect.any(String),
        retractedAt: null,
        retractionReason: null,
      },
    ]);
    await makeScreening(clinic.practitioner, patientId);
    expect((await start(patientId)).status).toBe(201);
    expect(await reports(patientId)).toHaveLength(1);
  });

  it('can’t be approved away', async () => {
    const patientId = await makePatient(clinic.practitioner);
    const screeningId = await makeScreening(clinic.practitioner, patientId, { osteoporosis: { answer: 'yes' } });
    await report(patientId, CHANGE);
    const approval = await clinic.colleague.api.post(`/api/screenings/${screeningId}/approval`, { reason: 'Seen together.' });
    expect(approval).toMatchObject({ status: 409, body: { code: 'screening.change-reported' } });
    expect((await clinic.practitioner.api.get('/api/today')).body.approvals).toEqual([]);
    expect((await clinic.colleague.api.get('/api/today')).body.approvals).toEqual([]);
  });

  it('ends an open session, which says why', async () => {
    const { patientId } = await makeClearedPatient(clinic.practitioner);
    const sessionId = await makeSession(clinic.practitioner, patientId);
    expect(codes(await start(patientId, CHANGE, clinic.colleague))).toEqual(['session.already-open', 'check.changed']);
    const manipulation = { region: 'lumbar', segment: 'L4/L5', technique: 'mobilisation' };
    expect(await clinic.practitioner.api.post(`/api/sessions/${sessionId}/manipulations`, manipulation)).toMatchObject({
      status: 409,
      body: { code: 'screening.change-reported' },
    });
    expect((await clinic.practitioner.api.get(`/api/sessions/${sessionId}/standing`)).body.over.code).toBe('screening.change-reported');
  });

  it('is kept where nothing was valid', async () => {
    const patientId = await makePatient(clinic.practitioner);
    expect(codes(await start(patientId, CHANGE))).toEqual(['screening.none', 'consent.none', 'check.changed']);
    expect(await reports(patientId)).toMatchObject([{ kind: 'change', screeningId: null }]);
  });
});

describe('a doubt', () => {
  it('is refused, stays, and ends the consent until there is a new decision', async () => {
    const { patientId, consentId } = await makeClearedPatient(clinic.practitioner);
    expect(codes(await start(patientId, DOUBT))).toEqual(['check.consent-doubted']);
    expect(codes(await start(patientId))).toEqual(['consent.doubted']);
    expect(await reports(patientId)).toMatchObject([{ kind: 'doubt', words: 'I want to think about it.', consentId, screeningId: null }]);
    expect((await clinic.practitioner.api.get(`/api/consents/${consentId}`)).body).toMatchObject({ state: 'doubted' });
    await makeConsent(clinic.practitioner, await makeDiscussion(clinic.practitioner, patientId));
    expect((await start(patientId)).status).toBe(201);
  });

  it('can become a withdrawal, and then isn’t retracted', async () => {
    const { patientId, consentId } = await makeClearedPatient(clinic.practitioner);
    const id = await report(patientId, DOUBT);
    const withdrawal = { reason: 'No more.', withdrawnBy: { kind: 'patient' } };
    expect((await clinic.colleague.api.post(`/api/consents/${consentId}/withdrawal`, withdrawal)).status).toBe(200);
    expect(await retract(patientId, id)).toMatchObject({ status: 409, body: { code: 'report.stays' } });
    expect(codes(await start(patientId))).toEqual(['consent.withdrawn']);
  });
});

describe('both at once', () => {
  it('are two reports, and each is retracted by itself', async () => {
    const { patientId } = await makeClearedPatient(clinic.practitioner);
    expect(codes(await start(patientId, { ...CHANGE, ...DOUBT, nothingChanged: false }))).toEqual([
      'check.changed',
      'check.consent-doubted',
    ]);
    expect(codes(await start(patientId))).toEqual(['screening.change-reported', 'consent.doubted']);
    const [doubt, change] = await reports(patientId);
    expect((await retract(patientId, change?.id)).status).toBe(200);
    expect(codes(await start(patientId))).toEqual(['consent.doubted']);
    expect((await retract(patientId, doubt?.id)).status).toBe(200);
    expect((await start(patientId)).status).toBe(201);
  });
});

describe('a repeated request', () => {
  it('with its key gets the same refusal, and reports once', async () => {
    const { patientId } = await makeClearedPatient(clinic.practitioner);
    const headers = { 'idempotency-key': randomUUID() };
    const [first, second] = [
      await clinic.practitioner.api.call('POST', `/api/patients/${patientId}/sessions`, CHANGE, headers),
      await clinic.practitioner.api.call('POST', `/api/patients/${patientId}/sessions`, CHANGE, headers),
    ];
    expect(second).toMatchObject({
      status: 409,
      body: { code: 'session.refused', title: first.body.title, blockers: first.body.blockers },
    });
    expect(second.headers.get('idempotent-replayed')).toBe('true');
    expect(await reports(patientId)).toHaveLength(1);
    const refusals = await asSuperuser(server, `SELECT id FROM audit.events WHERE patient_id = $1 AND action = 'refusal'`, [patientId]);
    expect(refusals).toHaveLength(1);
  });

  it('without a key reports once too; other words are another report', async () => {
    const { patientId } = await makeClearedPatient(clinic.practitioner);
    await Promise.all([1, 2, 3].map(() => start(patientId, CHANGE)));
    expect(await reports(patientId)).toHaveLength(1);
    await start(patientId, { ...CHANGE, change: 'And a headache.' });
    expect(await reports(patientId)).toMatchObject([{ words: 'And a headache.', screeningId: null }, { words: 'A fall last week.' }]);
  });

  it('after a new screening is about that one, with the same words too', async () => {
    const { practitioner } = clinic;
    const { patientId } = await makeClearedPatient(practitioner);
    const changed = { nothingChanged: false, stillConsents: true, change: 'A fall.' };
    await practitioner.api.post(`/api/patients/${patientId}/sessions`, changed);
    await makeScreening(practitioner, patientId);
    await practitioner.api.post(`/api/patients/${patientId}/sessions`, changed);
    const { body } = await practitioner.api.post(`/api/patients/${patientId}/sessions`, CONFIRMED);
    expect(body.blockers).toMatchObject([{ code: 'screening.change-reported' }]);
  });
});

describe('a retraction', () => {
  it.each([
    ['change', CHANGE],
    ['doubt', DOUBT],
  ])('of a %s restores the permit to its former end, and stays on record', async (kind, check) => {
    const { patientId } = await makeClearedPatient(clinic.practitioner);
    const before = (await clinic.practitioner.api.get(`/api/patients/${patientId}/clearance`)).body;
    const id = await report(patientId, check);
    expect(await retract(patientId, id)).toMatchObject({
      status: 200,
      body: { id, kind, retractedAt: expect.any(String), retractionReason: SLIP.reason },
    });
    expect((await clinic.practitioner.api.get(`/api/patients/${patientId}/clearance`)).body).toEqual(before);
    expect((await start(patientId)).status).toBe(201);
    expect(await retract(patientId, id)).toMatchObject({ status: 409, body: { code: 'report.already-retracted' } });
    expect(await reports(patientId)).toMatchObject([{ id, retractionReason: SLIP.reason }]);
  });

  it.each<[string, (made: { patientId: string; reportId: string }) => Promise<unknown>]>([
    [
      'ten minutes',
      ({ reportId }) =>
        asSuperuser(server, `UPDATE app.patient_reports SET reported_at = reported_at - interval '10 minutes' WHERE id = $1`, [reportId]),
    ],
    ['another report', ({ patientId }) => start(patientId, { ...CHANGE, change: 'And a headache.' }, clinic.colleague)],
    ['a new screening', ({ patientId }) => makeScreening(clinic.colleague, patientId)],
    [
      'a correction of the patient’s details',
      ({ patientId }) => asSuperuser(server, `UPDATE app.patients SET birth_date = '2000-02-29' WHERE id = $1`, [patientId]),
    ],
  ])('is refused after %s', async (_, happens) => {
    const { patientId } = await makeClearedPatient(clinic.practitioner);
    const reportId = await report(patientId, CHANGE);
    await happens({ patientId, reportId });
    expect(await retract(patientId, reportId)).toMatchObject({ status: 409, body: { code: 'report.stays', detail: expect.any(String) } });
  });

  it('of a doubt is refused after a new decision, a text that requires re-consent, or the end of the authority', async () => {
    const own = await makeClinic(server);
    const { practitioner } = own;
    const decided = await makeClearedPatient(practitioner);
    const outdated = await makeClearedPatient(practitioner);
    const represented = await makeRepresentedPatient(practitioner);
    const ids = new Map<string, string>();
    for (const { patientId } of [decided, outdated, represented]) {
      await start(patientId, DOUBT, practitioner);
      ids.set(patientId, (await reports(patientId, practitioner))[0]?.id ?? '');
    }
    await makeConsent(practitioner, await makeDiscussion(practitioner, decided.patientId));
    await own.receptionist.api.post(`/api/representatives/${represented.representativeId}/end`, { reason: 'revoked' });
    await makeDisclosure(own.administrator, { requiresReconsent: true });
    for (const [patientId, id] of ids) {
      expect(await retract(patientId, id, practitioner)).toMatchObject({ status: 409, body: { code: 'report.stays' } });
    }
  });

  it('is the recorder’s alone', async () => {
    const { patientId } = await makeClearedPatient(clinic.practitioner);
    const id = await report(patientId, CHANGE);
    expect(await retract(patientId, id, clinic.colleague)).toMatchObject({ status: 403, body: { code: 'report.of-another-person' } });
    for (const by of [clinic.administrator, clinic.receptionist]) expect((await retract(patientId, id, by)).status).toBe(403);
    expect((await start(patientId)).status).toBe(409);
  });

  it('asks for a reason, a report, and its patient', async () => {
    const { patientId } = await makeClearedPatient(clinic.practitioner);
    const other = await makePatient(clinic.practitioner);
    const id = await report(patientId, CHANGE);
    expect(await retract(patientId, id, clinic.practitioner, {})).toMatchObject({ status: 400, body: { errors: [{ field: 'reason' }] } });
    expect(await retract(patientId, 'x')).toMatchObject({ status: 400, body: { errors: [{ field: 'reportId' }] } });
    expect((await retract(patientId, UNKNOWN)).status).toBe(404);
    expect((await retract(other, id)).status).toBe(404);
  });
});

describe('by raw SQL as the application', () => {
  const as = ({ token }: Person, sql: string, values: unknown[]) => asApplication(server, token, (client) => client.query(sql, values));

  it('nobody writes what a report ended, or when, or changes its words', async () => {
    const { patientId, screeningId } = await makeClearedPatient(clinic.practitioner);
    const id = await report(patientId, CHANGE);
    for (const sql of [
      `UPDATE app.patient_reports SET words = 'x' WHERE id = $1`,
      `UPDATE app.patient_reports SET retracted_at = now() WHERE id = $1`,
      `DELETE FROM app.patient_reports WHERE id = $1`,
      `UPDATE app.screenings SET ended_because = NULL WHERE id = '${screeningId}' AND $1 <> ''`,
      `INSERT INTO app.patient_reports (patient_id, kind, words, reported_at) VALUES ('${patientId}', 'change', $1, '2020-01-01')`,
    ]) {
      expect([sql, await refusal(as(clinic.practitioner, sql, [id]))]).toEqual([sql, '42501']);
    }
    for (const reason of [' ', '\u2060', '.']) {
      const empty = `UPDATE app.patient_reports SET retraction_reason = '${reason}' WHERE id = $1`;
      expect([reason, await refusal(as(clinic.practitioner, empty, [id]))]).toEqual([reason, 'patient_report_retraction_has_reason']);
    }
    const session = `INSERT INTO app.sessions (patient_id, licence_id, screening_id, consent_id, nothing_changed, still_consents)
      SELECT p.id, l.id, p.latest_screening_id, p.latest_consent_id, true, true FROM app.patients p, app.licences l WHERE p.id = $1 AND l.practitioner_id = app.actor()`;
    expect(await refusal(as(clinic.practitioner, session, [patientId]))).toBe('session_needs_screening');
  });

  it('a report has words, a kind, and somebody who may record it', async () => {
    const { patientId } = await makeClearedPatient(clinic.practitioner);
    const insert = (kind: string, words: string) =>
      [`INSERT INTO app.patient_reports (patient_id, kind, words) VALUES ('${patientId}', '${kind}', $1)`, words] as const;
    for (const [by, [sql, words], rule] of [
      [clinic.practitioner, insert('change', ' '), 'patient_report_has_words'],
      [clinic.practitioner, insert('doubt', '\u200B…'), 'patient_report_has_words'],
      [clinic.practitioner, insert('rumour', 'x'), 'patient_report_kind_known'],
      [clinic.receptionist, insert('change', 'x'), '42501'],
      [clinic.administrator, insert('change', 'x'), '42501'],
    ] as const) {
      expect(await refusal(as(by, sql, [words]))).toBe(rule);
    }
    expect((await start(patientId)).status).toBe(201);
  });
});
