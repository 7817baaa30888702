import type { Answer } from '../support/api.js';
import {
  CONFIRMED,
  currentText,
  expire,
  makeAnswers,
  makeClearedPatient,
  makeClinic,
  makeConsent,
  makeDisclosure,
  makeDiscussion,
  makePatient,
  makeScreening,
  makeSession,
  type Person,
  makeStaff,
  type TestClinic,
} from '../support/make.js';
import { startServer, type TestServer } from '../support/server.js';

const ADVICE = { name: 'Dr Jo Field', profession: 'general practitioner', date: '2024-02-29', text: 'Gentle techniques only.' };
const UNKNOWN = '01890000-0000-7000-8000-000000000000';
const REPORTED = { nothingChanged: false, change: 'A fall.', stillConsents: false, doubt: 'Not today.' };
const LICENCE = { profession: 'chiropractor', authority: 'Board', number: 'N-1' };

let server: TestServer;
let clinic: TestClinic;
beforeAll(async () => {
  server = await startServer();
  clinic = await makeClinic(server);
});
afterAll(() => server.stop());

const start = (patientId: string, by = clinic.practitioner, check: object = CONFIRMED): Promise<Answer> =>
  by.api.post(`/api/patients/${patientId}/sessions`, check);
const clearance = async (patientId: string, by = clinic.practitioner) => (await by.api.get(`/api/patients/${patientId}/clearance`)).body;

/** The gate refuses, the clearance says the same, and each reason comes with a remedy. */
async function expectBlocked(patientId: string, codes: string[], by = clinic.practitioner): Promise<void> {
  const refusal = await start(patientId, by);
  expect(refusal).toMatchObject({ status: 409, body: { code: 'session.refused' } });
  expect((refusal.body.blockers as { code: string }[]).map(({ code }) => code)).toEqual(codes);
  for (const blocker of refusal.body.blockers) {
    expect(blocker).toEqual({ code: expect.any(String), message: expect.stringMatching(/\S/), remedy: expect.stringMatching(/\S/) });
    expect(blocker.message).not.toBe(blocker.code);
  }
  expect(await clearance(patientId, by)).toMatchObject({ allowed: false, blockers: refusal.body.blockers });
}

const makeUnlicensed = (): Promise<Person> => makeStaff(server, clinic);

async function makeLicensed(values: object = {}): Promise<{ person: Person; licenceId: string }> {
  const person = await makeUnlicensed();
  const { status, body } = await clinic.administrator.api.post(`/api/staff/${person.id}/licences`, {
    ...LICENCE,
    number: person.id,
    ...values,
  });
  expect(status).toBe(201);
  return { person, licenceId: body.id as string };
}

const revoke = (licenceId: string) => clinic.administrator.api.post(`/api/licences/${licenceId}/revocation`, { reason: 'Struck off.' });

describe('the practitioner’s licence', () => {
  it('is needed: licence.none', async () => {
    const { patientId } = await makeClearedPatient(clinic.practitioner);
    const person = await makeUnlicensed();
    await expectBlocked(patientId, ['licence.none'], person);
    expect((await clearance(patientId, person)).licence).toEqual({ state: 'none', since: null, until: null });
  });

  it('has begun: licence.not-yet-valid', async () => {
    const { patientId } = await makeClearedPatient(clinic.practitioner);
    const { person } = await makeLicensed({ validFrom: new Date(Date.now() + 86_400_000).toISOString() });
    await expectBlocked(patientId, ['licence.not-yet-valid'], person);
  });

  it.each([{ validFrom: '2020-01-01', validUntil: '2020-12-31' }, {}])('hasn’t expired: licence.expired (%j)', async (period) => {
    const { patientId } = await makeClearedPatient(clinic.practitioner);
    const { person, licenceId } = await makeLicensed(period);
    if (!('validUntil' in period)) await expire(server, 'licences', licenceId);
    await expectBlocked(patientId, ['licence.expired'], person);
  });

  it.each([{}, { validUntil: '2099-12-31' }, { validFrom: '2090-01-01' }])('isn’t revoked: licence.revoked (%j)', async (period) => {
    const { patientId } = await makeClearedPatient(clinic.practitioner);
    const { person, licenceId } = await makeLicensed(period);
    expect((await revoke(licenceId)).status).toBe(200);
    await expectBlocked(patientId, ['licence.revoked'], person);
  });

  it('of a second profession does, when the first is revoked', async () => {
    const { patientId } = await makeClearedPatient(clinic.practitioner);
    const { person, licenceId } = await makeLicensed();
    const { body } = await clinic.administrator.api.post(`/api/staff/${person.id}/licences`, {
      ...LICENCE,
      profession: 'physical_therapist',
      number: `${person.id}-2`,
    });
    await revoke(licenceId);
    expect(await clearance(patientId, person)).toMatchObject({ allowed: true, licence: { state: 'valid', until: null } });
    expect((await start(patientId, person)).body.licenceId).toBe(body.id);
  });

  it('is each practitioner’s own', async () => {
    const { patientId } = await makeClearedPatient(clinic.practitioner);
    const { person, licenceId } = await makeLicensed();
    await revoke(licenceId);
    await expectBlocked(patientId, ['licence.revoked'], person);
    expect((await start(patientId)).status).toBe(201);
  });
});

describe('the screening', () => {
  it('is needed: screening.none', async () => {
    await expectBlocked(await makePatient(clinic.practitioner), ['screening.none', 'consent.none']);
  });

  it('hasn’t expired: screening.expired', async () => {
    const { patientId, screeningId } = await makeClearedPatient(clinic.practitioner);
    await expire(server, 'screenings', screeningId);
    await expectBlocked(patientId, ['screening.expired']);
    await makeScreening(clinic.practitioner, patientId);
    expect((await start(patientId)).status).toBe(201);
  });

  it('doesn’t refer: screening.referred, though an earlier one cleared', async () => {
    const { patientId } = await makeClearedPatient(clinic.practitioner);
    await makeScreening(clinic.practitioner, patientId, { cauda_equina_warning: { answer: 'yes' } });
    await expectBlocked(patientId, ['screening.referred']);
    expect(await clearance(patientId)).toMatchObject({ clearedRegions: [], screening: { state: 'referred', since: null, until: null } });
  });

  it('is the newest: an earlier one that would have cleared for longer doesn’t count', async () => {
    const { patientId } = await makeClearedPatient(clinic.practitioner);
    await expire(server, 'screenings', await makeScreening(clinic.practitioner, patientId));
    await expectBlocked(patientId, ['screening.expired']);
  });

  it('leaves the consent in force where it adds no risk', async () => {
    const { patientId } = await makeClearedPatient(clinic.practitioner);
    await makeScreening(clinic.practitioner, patientId, { anticoagulant_or_bleeding_disorder: { answer: 'yes' } }, ADVICE);
    expect(await clearance(patientId)).toMatchObject({ allowed: true, screening: { state: 'cleared_with_precautions' } });
    expect((await start(patientId)).status).toBe(201);
  });
});

describe('the consent', () => {
  it('is needed: consent.none', async () => {
    const patientId = await makePatient(clinic.practitioner);
    await makeScreening(clinic.practitioner, patientId);
    await expectBlocked(patientId, ['consent.none']);
  });

  it('isn’t refused: consent.refused, though an earlier one was given', async () => {
    const { patientId } = await makeClearedPatient(clinic.practitioner);
    await makeConsent(clinic.practitioner, await makeDiscussion(clinic.practitioner, patientId), { decision: 'refused' });
    await expectBlocked(patientId, ['consent.refused']);
  });

  it('hasn’t expired: consent.expired', async () => {
    const { patientId, consentId } = await makeClearedPatient(clinic.practitioner);
    await expire(server, 'consents', consentId);
    await expectBlocked(patientId, ['consent.expired']);
  });

  it('isn’t withdrawn: consent.withdrawn', async () => {
    const { patientId, consentId } = await makeClearedPatient(clinic.practitioner);
    await clinic.administrator.api.post(`/api/consents/${consentId}/withdrawal`, { reason: 'No.', withdrawnBy: { kind: 'patient' } });
    await expectBlocked(patientId, ['consent.withdrawn']);
  });

  it('isn’t outdated by a publication: consent.outdated', async () => {
    const fresh = await makeClinic(server);
    const { patientId } = await makeClearedPatient(fresh.practitioner);
    await makeDisclosure(fresh.administrator, { requiresReconsent: true });
    await expectBlocked(patientId, ['consent.outdated'], fresh.practitioner);
  });

  it('isn’t outdated by a risk that a newer screening adds: consent.outdated', async () => {
    const { patientId } = await makeClearedPatient(clinic.practitioner);
    await makeScreening(clinic.practitioner, patientId, { osteoporosis: { answer: 'yes' } }, ADVICE);
    await expectBlocked(patientId, ['consent.outdated']);
    expect(await clearance(patientId)).toMatchObject({ undiscussedRisks: ['rib_fracture'], consent: { state: 'outdated' } });
    const { items } = (await clinic.practitioner.api.get(`/api/patients/${patientId}/consents`)).body as { items: { id: string }[] };
    expect(items).toMatchObject([{ state: 'outdated' }]);
    expect((await clinic.practitioner.api.get(`/api/consents/${items[0]?.id}`)).body).toMatchObject({ state: 'outdated' });
    await makeConsent(clinic.practitioner, await makeDiscussion(clinic.practitioner, patientId));
    expect((await start(patientId)).status).toBe(201);
  });

  it('covers a region that is cleared: scope.none', async () => {
    const { patientId } = await makeClearedPatient(clinic.practitioner);
    await makeScreening(clinic.practitioner, patientId, { fracture_or_dislocation: { answer: 'yes', regions: ['cervical', 'lumbar'] } });
    await expectBlocked(patientId, ['scope.none']);
    await makeScreening(clinic.practitioner, patientId, { fracture_or_dislocation: { answer: 'yes', regions: ['cervical'] } });
    expect(await clearance(patientId)).toMatchObject({ allowed: true, clearedRegions: ['thoracic', 'lumbar', 'sacral', 'pelvic'] });
    expect((await start(patientId)).status).toBe(201);
  });
});

describe('at the visit', () => {
  it.each([
    [{ stillConsents: true }, 'nothingChanged'],
    [{ nothingChanged: true }, 'stillConsents'],
    [{ ...CONFIRMED, nothingChanged: 'true' }, 'nothingChanged'],
    [{ ...CONFIRMED, stillConsents: 1 }, 'stillConsents'],
    [{ ...CONFIRMED, startedAt: '2020-01-01T00:00:00Z' }, 'startedAt'],
    [{ ...CONFIRMED, consentId: UNKNOWN }, 'consentId'],
    [{ ...CONFIRMED, nothingChanged: false }, 'change'],
    [{ ...CONFIRMED, nothingChanged: false, change: '  ' }, 'change'],
    [{ ...CONFIRMED, change: 'A fall.' }, 'change'],
    [{ ...CONFIRMED, stillConsents: false }, 'doubt'],
    [{ ...CONFIRMED, stillConsents: false, doubt: 7 }, 'doubt'],
    [{ ...CONFIRMED, doubt: 'Not today.' }, 'doubt'],
  ])('%j is malformed', async (check, field) => {
    const { patientId } = await makeClearedPatient(clinic.practitioner);
    expect(await start(patientId, clinic.practitioner, check)).toMatchObject({ status: 400, body: { errors: [{ field }] } });
    expect((await clearance(patientId)).allowed).toBe(true);
  });

  it('an open session of the patient is ended first: session.already-open', async () => {
    const { patientId } = await makeClearedPatient(clinic.practitioner);
    const sessionId = await makeSession(clinic.practitioner, patientId);
    await expectBlocked(patientId, ['session.already-open'], clinic.colleague);
    expect((await clearance(patientId)).openSessionId).toBe(sessionId);
    await makeSession(clinic.practitioner, (await makeClearedPatient(clinic.practitioner)).patientId);
  });
});

describe('several reasons', () => {
  it('are told all at once', async () => {
    const { patientId, screeningId, consentId } = await makeClearedPatient(clinic.practitioner);
    await makeSession(clinic.practitioner, patientId);
    await expire(server, 'screenings', screeningId);
    await expire(server, 'consents', consentId);
    const codes = ['licence.none', 'screening.expired', 'consent.expired', 'session.already-open'];
    const person = await makeUnlicensed();
    await expectBlocked(patientId, codes, person);
    const refusal = await start(patientId, person, REPORTED);
    expect((refusal.body.blockers as { code: string }[]).map(({ code }) => code)).toEqual([
      ...codes,
      'check.changed',
      'check.consent-doubted',
    ]);
  });
});

describe('GET /patients/:id/clearance', () => {
  it('tells an administrator, who has no licence, the rest', async () => {
    const { patientId } = await makeClearedPatient(clinic.practitioner);
    expect(await clearance(patientId, clinic.administrator)).toMatchObject({
      allowed: false,
      blockers: [{ code: 'licence.none' }],
      screening: { state: 'cleared' },
      consent: { state: 'in_force' },
    });
  });

  it('of an unknown patient doesn’t exist, and neither does a session', async () => {
    const path = `/api/patients/${UNKNOWN}/clearance`;
    expect(await clinic.practitioner.api.get(path)).toMatchObject({ status: 404, body: { code: 'not-found' } });
    for (const check of [CONFIRMED, REPORTED]) {
      expect(await start(UNKNOWN, clinic.practitioner, check)).toMatchObject({ status: 404, body: { code: 'not-found' } });
    }
  });

  it('follows a questionnaire that adds a risk, from the next screening on', async () => {
    const fresh = await makeClinic(server);
    const { patientId } = await makeClearedPatient(fresh.practitioner);
    const { risks } = await currentText(fresh.administrator, 'disclosures');
    await makeDisclosure(fresh.administrator, { risks: [...risks, { ...risks[0], code: 'vertigo', always: false }] });
    const text = await currentText(fresh.administrator, 'questionnaires');
    const item = { ...text['items'][0], code: 'dizzy', effect: 'relative', addsRisks: ['vertigo'] };
    await fresh.administrator.api.post('/api/questionnaires', { ...text, items: [...text['items'], item] });
    expect(await clearance(patientId, fresh.practitioner)).toMatchObject({ allowed: true });
    const answers = await makeAnswers(fresh.practitioner, { dizzy: { answer: 'yes' } });
    await fresh.practitioner.api.post(`/api/patients/${patientId}/screenings`, { ...answers, advice: ADVICE });
    await expectBlocked(patientId, ['consent.outdated'], fresh.practitioner);
    await makeConsent(fresh.practitioner, await makeDiscussion(fresh.practitioner, patientId));
    expect((await start(patientId, fresh.practitioner)).status).toBe(201);
  });
});
