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
  PROPOSAL,
  REGIONS,
  SIGNATURE,
  makeStaff,
  type TestClinic,
} from '../support/make.js';
import { startServer, type TestServer } from '../support/server.js';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const SHA256 = /^[0-9a-f]{64}$/;
const MANIPULATION = { region: 'cervical', segment: 'C5/C6', technique: 'hvla_thrust', side: 'left', response: 'audible release' };

let server: TestServer;
let clinic: TestClinic;
beforeAll(async () => {
  server = await startServer();
  clinic = await makeClinic(server);
});
afterAll(() => server.stop());

describe('the flow', () => {
  it('goes from registration to the end of a session, and each answer says what was recorded', async () => {
    const { id: practitionerId, api } = clinic.practitioner;
    const began = new Date().toISOString();

    const patient = await clinic.receptionist.api.post('/api/patients', {
      givenName: 'Rosa',
      familyName: 'García',
      birthDate: '1984-05-17',
    });
    expect(patient).toMatchObject({ status: 201, body: { id: expect.stringMatching(UUID), givenName: 'Rosa', familyName: 'García' } });
    const patientId = patient.body.id as string;

    const answers = await makeAnswers(clinic.practitioner, { osteoporosis: { answer: 'yes', note: 'DXA in May' } });
    const advice = { name: 'Dr Jo Field', profession: 'general practitioner', date: '2024-02-29', text: 'Gentle techniques only.' };
    const screening = await api.post(`/api/patients/${patientId}/screenings`, { ...answers, advice });
    expect(screening.status).toBe(201);
    expect(screening.body).toMatchObject({
      ...answers,
      advice,
      id: expect.stringMatching(UUID),
      patientId,
      performedBy: practitionerId,
      outcome: 'cleared_with_precautions',
      findings: [{ code: 'osteoporosis', answer: 'yes', effect: 'relative', regions: REGIONS, barredRegions: [], note: 'DXA in May' }],
      clearedRegions: REGIONS,
      addedRisks: ['rib_fracture'],
      awaitsApproval: false,
      approval: null,
      clearsFrom: screening.body.performedAt,
    });

    const discussion = await api.post(`/api/patients/${patientId}/discussions`, PROPOSAL);
    expect(discussion.status).toBe(201);
    expect(discussion.body).toMatchObject({
      ...PROPOSAL,
      id: expect.stringMatching(UUID),
      patientId,
      screeningId: screening.body.id,
      practitionerId,
      interpreter: null,
      consentId: null,
    });
    const disclosure = await api.get('/api/disclosures/current?language=en');
    expect(discussion.body.disclosureId).toBe(disclosure.body.id);
    expect(discussion.body.risks).toEqual(
      (disclosure.body.risks as Record<string, unknown>[]).map(({ code, title, wording, always }) => ({
        code,
        title,
        wording,
        addedByScreening: !always,
        question: null,
        answer: null,
        discussedBy: null,
        discussedAt: null,
      })),
    );

    for (const risk of discussion.body.risks as { code: string }[]) {
      const words = risk.code === 'stroke' ? { question: 'How often?', answer: 'Very rarely.' } : {};
      const told = await api.put(`/api/discussions/${discussion.body.id}/risks/${risk.code}`, words);
      expect(told.status).toBe(200);
      expect(told.body).toEqual({ ...risk, ...words, discussedBy: practitionerId, discussedAt: expect.any(String) });
      expect(told.body.discussedAt >= discussion.body.openedAt).toBe(true);
    }

    const consent = await api.post(`/api/discussions/${discussion.body.id}/consent`, { ...GIVEN, regions: ['cervical'] });
    expect(consent.status).toBe(201);
    expect(consent.body).toEqual({
      ...GIVEN,
      id: expect.stringMatching(UUID),
      patientId,
      discussionId: discussion.body.id,
      regions: ['cervical'],
      witness: null,
      recordedBy: practitionerId,
      decidedAt: expect.any(String),
      state: 'in_force',
      inForceFrom: consent.body.decidedAt,
      inForceUntil: expect.any(String),
      withdrawal: null,
      shownSha256: expect.stringMatching(SHA256),
      signedSha256: expect.stringMatching(SHA256),
    });
    expect(consent.body.signature).toEqual(SIGNATURE);
    const decided = await api.get(`/api/discussions/${discussion.body.id}`);
    expect(decided.body.consentId).toBe(consent.body.id);

    const clearance = await api.get(`/api/patients/${patientId}/clearance`);
    expect(clearance.body).toEqual({
      allowed: true,
      blockers: [],
      licence: { state: 'valid', since: expect.any(String), until: expect.any(String) },
      screening: { state: 'cleared_with_precautions', since: screening.body.clearsFrom, until: screening.body.clearsUntil },
      consent: { state: 'in_force', since: consent.body.inForceFrom, until: consent.body.inForceUntil },
      clearedRegions: REGIONS,
      consentedRegions: ['cervical'],
      consentedTechniques: PROPOSAL.techniques,
      undiscussedRisks: [],
      openSessionId: null,
    });

    const session = await api.post(`/api/patients/${patientId}/sessions`, CONFIRMED);
    expect(session.status).toBe(201);
    expect(session.body).toEqual({
      id: expect.stringMatching(UUID),
      patientId,
      practitionerId,
      licenceId: expect.stringMatching(UUID),
      screeningId: screening.body.id,
      consentId: consent.body.id,
      startedAt: expect.any(String),
      endedAt: null,
      manipulations: [],
    });
    const manipulation = await api.post(`/api/sessions/${session.body.id}/manipulations`, MANIPULATION);
    expect(manipulation.status).toBe(201);
    expect(manipulation.body).toEqual({
      ...MANIPULATION,
      id: expect.stringMatching(UUID),
      sessionId: session.body.id,
      performedAt: expect.any(String),
    });

    const end = await api.post(`/api/sessions/${session.body.id}/end`);
    expect(end.status).toBe(200);
    expect(end.body).toEqual({ ...session.body, endedAt: expect.any(String), manipulations: [manipulation.body] });
    expect((await api.get(`/api/sessions/${session.body.id}`)).body).toEqual(end.body);

    const instants = [
      began,
      screening.body.performedAt,
      discussion.body.openedAt,
      consent.body.decidedAt,
      session.body.startedAt,
      manipulation.body.performedAt,
      end.body.endedAt,
      new Date().toISOString(),
    ] as string[];
    expect(instants).toEqual([...instants].sort());
  });
});

describe('a step left out', () => {
  const start = (patientId: string, by = clinic.practitioner) => by.api.post(`/api/patients/${patientId}/sessions`, CONFIRMED);
  const refusedFor = (...codes: string[]) => ({
    status: 409,
    body: { code: 'session.refused', blockers: codes.map((code) => expect.objectContaining({ code })) },
  });

  it('without a licence there is no session', async () => {
    const unlicensed = await makeStaff(server, clinic);
    const { patientId } = await makeClearedPatient(clinic.practitioner);
    expect(await start(patientId, unlicensed)).toMatchObject(refusedFor('licence.none'));
  });

  it('without a screening there is neither a discussion nor a session', async () => {
    const patientId = await makePatient(clinic.practitioner);
    expect(await clinic.practitioner.api.post(`/api/patients/${patientId}/discussions`, PROPOSAL)).toMatchObject({
      status: 409,
      body: { code: 'screening.none' },
    });
    expect(await start(patientId)).toMatchObject(refusedFor('screening.none', 'consent.none'));
  });

  it.each(['stroke', 'nerve_damage', 'disc_injury', 'headache', 'local_soreness', 'rib_fracture'])(
    'without the discussion of %s there is no consent and no session',
    async (risk) => {
      const { practitioner } = clinic;
      const patientId = await makePatient(practitioner);
      const advice = { name: 'Dr Jo Field', profession: 'general practitioner', date: '2024-02-29', text: 'Gentle techniques only.' };
      await makeScreening(practitioner, patientId, { osteoporosis: { answer: 'yes' } }, advice);
      const discussionId = await makeDiscussion(practitioner, patientId, {}, [risk]);
      expect(await practitioner.api.post(`/api/discussions/${discussionId}/consent`, GIVEN)).toMatchObject({
        status: 422,
        body: { code: 'consent.risks-not-discussed', missing: [risk] },
      });
      expect(await start(patientId)).toMatchObject(refusedFor('consent.none'));
    },
  );

  it('without a decision there is no session', async () => {
    const patientId = await makePatient(clinic.practitioner);
    await makeScreening(clinic.practitioner, patientId);
    await makeDiscussion(clinic.practitioner, patientId);
    expect(await start(patientId)).toMatchObject(refusedFor('consent.none'));
  });

  it('without the check at the visit there is no session', async () => {
    const { patientId } = await makeClearedPatient(clinic.practitioner);
    expect(
      await clinic.practitioner.api.post(`/api/patients/${patientId}/sessions`, {
        nothingChanged: false,
        change: 'A fall.',
        stillConsents: false,
        doubt: 'Not today.',
      }),
    ).toMatchObject(refusedFor('check.changed', 'check.consent-doubted'));
    expect(await clinic.practitioner.api.post(`/api/patients/${patientId}/sessions`, {})).toMatchObject({
      status: 400,
      body: { code: 'malformed', errors: [{ field: 'nothingChanged' }, { field: 'stillConsents' }] },
    });
  });

  it('without the end of a session there is no next one', async () => {
    const { patientId } = await makeClearedPatient(clinic.practitioner);
    const sessionId = await makeSession(clinic.practitioner, patientId);
    expect(await start(patientId)).toMatchObject(refusedFor('session.already-open'));
    await clinic.practitioner.api.post(`/api/sessions/${sessionId}/end`);
    expect((await start(patientId)).status).toBe(201);
  });

  it('a decision taken before the last risk was discussed doesn’t exist, and after it does', async () => {
    const { practitioner } = clinic;
    const patientId = await makePatient(practitioner);
    await makeScreening(practitioner, patientId);
    const discussionId = await makeDiscussion(practitioner, patientId, {}, ['headache']);
    await practitioner.api.post(`/api/discussions/${discussionId}/consent`, GIVEN);
    expect((await practitioner.api.get(`/api/patients/${patientId}/consents`)).body.items).toEqual([]);
    await practitioner.api.put(`/api/discussions/${discussionId}/risks/headache`);
    await makeConsent(practitioner, discussionId);
    expect((await start(patientId)).status).toBe(201);
  });
});
