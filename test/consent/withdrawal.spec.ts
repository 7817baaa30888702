import type { Answer } from '../support/api.js';
import {
  CONFIRMED,
  expire,
  GIVEN,
  makeClearedPatient,
  makeClinic,
  makeConsent,
  makeDisclosure,
  makeDiscussion,
  makeRepresentedPatient,
  makeSession,
  type TestClinic,
} from '../support/make.js';
import { startServer, type TestServer } from '../support/server.js';

const UNKNOWN = '01890000-0000-7000-8000-000000000000';
const BY_PATIENT = { reason: 'I’ve thought about it.\nمن فضلك لا.', withdrawnBy: { kind: 'patient' } };

let server: TestServer;
let clinic: TestClinic;
beforeAll(async () => {
  server = await startServer();
  clinic = await makeClinic(server);
});
afterAll(() => server.stop());

const withdraw = (consentId: string, body: object = BY_PATIENT, by = clinic.practitioner): Promise<Answer> =>
  by.api.post(`/api/consents/${consentId}/withdrawal`, body);
const get = async (consentId: string, { practitioner } = clinic) => (await practitioner.api.get(`/api/consents/${consentId}`)).body;

describe('a withdrawal', () => {
  it('ends the consent at the server’s instant, in the words of whoever withdraws', async () => {
    const { patientId, consentId } = await makeClearedPatient(clinic.practitioner);
    const before = await get(consentId);
    const { status, body } = await withdraw(consentId);
    expect(status).toBe(200);
    expect(body).toEqual({
      ...before,
      state: 'withdrawn',
      inForceUntil: body.withdrawal.at,
      withdrawal: { ...BY_PATIENT, at: expect.any(String), recordedBy: clinic.practitioner.id },
    });
    expect(body.withdrawal.at >= before.decidedAt).toBe(true);
    expect(await get(consentId)).toEqual(body);
    expect((await clinic.practitioner.api.get(`/api/patients/${patientId}/clearance`)).body).toMatchObject({
      allowed: false,
      blockers: [{ code: 'consent.withdrawn' }],
      consent: { state: 'withdrawn', until: body.withdrawal.at },
    });
    expect(await clinic.practitioner.api.post(`/api/patients/${patientId}/sessions`, CONFIRMED)).toMatchObject({
      status: 409,
      body: { blockers: [{ code: 'consent.withdrawn' }] },
    });
  });

  it('is recorded by an administrator too', async () => {
    const { consentId } = await makeClearedPatient(clinic.practitioner);
    expect(await withdraw(consentId, BY_PATIENT, clinic.administrator)).toMatchObject({
      status: 200,
      body: { state: 'withdrawn', withdrawal: { recordedBy: clinic.administrator.id } },
    });
  });

  it('is made by a representative with authority', async () => {
    const { consentId, representativeId } = await makeRepresentedPatient(clinic.practitioner);
    const withdrawnBy = { kind: 'representative', id: representativeId };
    expect(await withdraw(consentId, { reason: 'He is afraid.', withdrawnBy })).toMatchObject({
      status: 200,
      body: { state: 'withdrawn', withdrawal: { withdrawnBy } },
    });
  });

  it('is made by a minor alone: stopping needs nobody’s leave', async () => {
    const { consentId } = await makeRepresentedPatient(clinic.practitioner);
    expect((await withdraw(consentId)).body).toMatchObject({ state: 'withdrawn', withdrawal: { withdrawnBy: { kind: 'patient' } } });
  });

  it('is followed by a new consent after a new discussion', async () => {
    const { patientId, consentId } = await makeClearedPatient(clinic.practitioner);
    const { body } = await withdraw(consentId);
    await makeConsent(clinic.practitioner, await makeDiscussion(clinic.practitioner, patientId));
    await makeSession(clinic.practitioner, patientId);
    expect(await get(consentId)).toEqual(body);
  });

  it('leaves the sessions before it', async () => {
    const { patientId, consentId } = await makeClearedPatient(clinic.practitioner);
    const sessionId = await makeSession(clinic.practitioner, patientId);
    await withdraw(consentId);
    expect((await clinic.practitioner.api.get(`/api/sessions/${sessionId}`)).body).toMatchObject({ consentId, endedAt: null });
  });
});

describe('a withdrawal is refused', () => {
  it('a second time, and the first one stays', async () => {
    const { consentId } = await makeClearedPatient(clinic.practitioner);
    const first = (await withdraw(consentId)).body;
    expect(await withdraw(consentId, { ...BY_PATIENT, reason: 'Again.' })).toMatchObject({
      status: 409,
      body: { code: 'consent.already-withdrawn' },
    });
    expect(await get(consentId)).toEqual(first);
  });

  it('of a refusal', async () => {
    const { patientId } = await makeClearedPatient(clinic.practitioner);
    const discussionId = await makeDiscussion(clinic.practitioner, patientId);
    const refusal = await makeConsent(clinic.practitioner, discussionId, { decision: 'refused' });
    expect(await withdraw(refusal)).toMatchObject({ status: 409, body: { code: 'consent.not-in-force' } });
    expect(await get(refusal)).toMatchObject({ state: 'refused', withdrawal: null });
  });

  it('of a consent that has expired', async () => {
    const { consentId } = await makeClearedPatient(clinic.practitioner);
    await expire(server, 'consents', consentId);
    expect(await withdraw(consentId)).toMatchObject({ status: 409, body: { code: 'consent.not-in-force' } });
    expect(await get(consentId)).toMatchObject({ state: 'expired', withdrawal: null });
  });

  it('of a consent that a newer decision replaced', async () => {
    const { patientId, consentId } = await makeClearedPatient(clinic.practitioner);
    await makeConsent(clinic.practitioner, await makeDiscussion(clinic.practitioner, patientId));
    expect(await withdraw(consentId)).toMatchObject({ status: 409, body: { code: 'consent.not-in-force' } });
    expect(await get(consentId)).toMatchObject({ state: 'replaced', withdrawal: null });
  });

  it('of a consent that a publication ended', async () => {
    const fresh = await makeClinic(server);
    const { consentId } = await makeClearedPatient(fresh.practitioner);
    await makeDisclosure(fresh.administrator, { requiresReconsent: true });
    expect(await withdraw(consentId, BY_PATIENT, fresh.practitioner)).toMatchObject({
      status: 409,
      body: { code: 'consent.not-in-force' },
    });
    expect(await get(consentId, fresh)).toMatchObject({ state: 'outdated', withdrawal: null });
  });

  it('of a consent that doesn’t exist', async () => {
    expect(await withdraw(UNKNOWN)).toMatchObject({ status: 404, body: { code: 'not-found' } });
  });

  it('to a representative whose authority is over', async () => {
    const { consentId, representativeId } = await makeRepresentedPatient(clinic.practitioner);
    await expire(server, 'representatives', representativeId);
    const withdrawnBy = { kind: 'representative', id: representativeId };
    expect(await withdraw(consentId, { reason: 'No.', withdrawnBy })).toMatchObject({ status: 422, body: { code: 'consent.authority' } });
    expect(await get(consentId)).toMatchObject({ state: 'in_force', withdrawal: null });
  });

  it('to another patient’s representative, and to one who doesn’t exist', async () => {
    const { consentId } = await makeRepresentedPatient(clinic.practitioner);
    const { representativeId } = await makeRepresentedPatient(clinic.practitioner);
    for (const id of [representativeId, UNKNOWN]) {
      expect(await withdraw(consentId, { reason: 'No.', withdrawnBy: { kind: 'representative', id } })).toMatchObject({
        status: 422,
        body: { code: 'consent.authority' },
      });
    }
    expect(await get(consentId)).toMatchObject({ state: 'in_force' });
  });

  it.each([
    ['no reason', { reason: undefined }, 'reason'],
    ['an empty reason', { reason: ' \n' }, 'reason'],
    ['a reason of 2,001 characters', { reason: 'r'.repeat(2001) }, 'reason'],
    ['a reason with half a character', { reason: '\udc00' }, 'reason'],
    ['nobody', { withdrawnBy: undefined }, 'withdrawnBy'],
    ['a list of people', { withdrawnBy: [BY_PATIENT.withdrawnBy] }, 'withdrawnBy'],
    ['somebody else', { withdrawnBy: { kind: 'practitioner' } }, 'withdrawnBy.kind'],
    ['a representative without id', { withdrawnBy: { kind: 'representative' } }, 'withdrawnBy.id'],
    ['the patient with a representative’s id', { withdrawnBy: { kind: 'patient', id: UNKNOWN } }, 'withdrawnBy.id'],
    ['an instant of its own', { at: '2020-01-01T00:00:00Z' }, 'at'],
  ])('with %s', async (_, values, field) => {
    const { consentId } = await makeClearedPatient(clinic.practitioner);
    expect(await withdraw(consentId, { ...BY_PATIENT, ...values })).toMatchObject({
      status: 400,
      body: { code: 'malformed', errors: [{ field }] },
    });
    expect(await get(consentId)).toMatchObject({ state: 'in_force' });
  });
});

it.each(['—', '?', '👎'])('isn’t held up by how its reason is worded: %s', async (reason) => {
  const { consentId } = await makeClearedPatient(clinic.practitioner);
  expect(await withdraw(consentId, { ...BY_PATIENT, reason })).toMatchObject({ status: 200, body: { withdrawal: { reason } } });
});

describe('at the same time', () => {
  it('of several withdrawals one counts', async () => {
    const { consentId } = await makeClearedPatient(clinic.practitioner);
    const reasons = ['One.', 'Two.', 'Three.', 'Four.', 'Five.'];
    const answers = await Promise.all(reasons.map((reason) => withdraw(consentId, { ...BY_PATIENT, reason })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409, 409]);
    expect(await get(consentId)).toEqual(answers.find(({ status }) => status === 200)?.body);
  });

  it('a withdrawal and a newer consent leave the newer one in force', async () => {
    const { patientId, consentId } = await makeClearedPatient(clinic.practitioner);
    const discussionId = await makeDiscussion(clinic.practitioner, patientId);
    const [withdrawal, newer] = await Promise.all([
      withdraw(consentId),
      clinic.practitioner.api.post(`/api/discussions/${discussionId}/consent`, GIVEN),
    ]);
    expect(newer.status).toBe(201);
    const { state, inForceUntil } = await get(consentId);
    expect([
      { status: 200, state: 'withdrawn', inForceUntil: withdrawal.body.withdrawal?.at },
      { status: 409, state: 'replaced', inForceUntil: newer.body.decidedAt },
    ]).toContainEqual({ status: withdrawal.status, state, inForceUntil });
    expect(await get(newer.body.id as string)).toMatchObject({ state: 'in_force' });
  });
});
