import type { Answer } from '../support/api.js';
import {
  CONFIRMED,
  expire,
  makeClearedPatient,
  makeClinic,
  makeConsent,
  makeDisclosure,
  makeDiscussion,
  makePatient,
  makeScreening,
  makeSession,
  REGIONS,
  TECHNIQUES,
  type TestClinic,
} from '../support/make.js';
import { startServer, type TestServer } from '../support/server.js';

const UNKNOWN = '01890000-0000-7000-8000-000000000000';
const C5 = { region: 'cervical', segment: 'C5', technique: 'hvla_thrust' };

let server: TestServer;
let clinic: TestClinic;
beforeAll(async () => {
  server = await startServer();
  clinic = await makeClinic(server);
});
afterAll(() => server.stop());

const manipulate = (sessionId: string, values: object = C5, by = clinic.practitioner): Promise<Answer> =>
  by.api.post(`/api/sessions/${sessionId}/manipulations`, values);
const end = (sessionId: string, by = clinic.practitioner): Promise<Answer> => by.api.post(`/api/sessions/${sessionId}/end`);
const get = async (sessionId: string, by = clinic.practitioner) => (await by.api.get(`/api/sessions/${sessionId}`)).body;

async function makeTreated({ practitioner } = clinic) {
  const ids = await makeClearedPatient(practitioner);
  return { ...ids, sessionId: await makeSession(practitioner, ids.patientId) };
}

/** A session in which everything is cleared and consented to. */
async function makeWholeSession(): Promise<string> {
  const patientId = await makePatient(clinic.practitioner);
  await makeScreening(clinic.practitioner, patientId);
  const whole = { regions: REGIONS, techniques: TECHNIQUES };
  await makeConsent(clinic.practitioner, await makeDiscussion(clinic.practitioner, patientId, whole));
  return makeSession(clinic.practitioner, patientId);
}

describe('a manipulation', () => {
  const vertebrae = (letter: string, from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_, index) => `${letter}${from + index}`);
  const motion = (names: string[]) => names.slice(1).map((name, index) => `${names[index]}/${name}`);
  const [c, t, l, s] = [vertebrae('C', 0, 7), vertebrae('T', 1, 12), vertebrae('L', 1, 5), vertebrae('S', 1, 5)];
  const SEGMENTS: [string, string[]][] = [
    ['cervical', [...c, ...motion([...c, 'T1'])]],
    ['thoracic', [...t, ...motion([...t, 'L1'])]],
    ['lumbar', [...l, ...motion([...l, 'S1'])]],
    ['sacral', [...s, ...motion(s), 'sacrum']],
    ['pelvic', ['sacroiliac', 'left_sacroiliac', 'right_sacroiliac']],
  ];

  it.each(SEGMENTS)('in the %s region names one of its segments, and each of them', async (region, segments) => {
    const sessionId = await makeWholeSession();
    for (const segment of segments) {
      expect(await manipulate(sessionId, { ...C5, region, segment })).toMatchObject({ status: 201, body: { region, segment } });
    }
    const others = SEGMENTS.filter(([other]) => other !== region).flatMap(([, names]) => names.slice(-2));
    for (const segment of [...others, 'c5', 'C8', 'T13', 'L6', 'C5/C7', 'C6/C5', 'C5-C6', 'neck']) {
      expect(await manipulate(sessionId, { ...C5, region, segment })).toMatchObject({
        status: 422,
        body: { code: 'manipulation.segment', detail: expect.stringMatching(/\S/) },
      });
    }
    expect((await get(sessionId)).manipulations).toHaveLength(segments.length);
  });

  it.each(TECHNIQUES)('uses %s', async (technique) => {
    expect(await manipulate(await makeWholeSession(), { ...C5, technique })).toMatchObject({ status: 201, body: { technique } });
  });

  it.each(['left', 'right', 'bilateral', undefined, null])('has a side or none (%s)', async (side) => {
    expect(await manipulate(await makeWholeSession(), { ...C5, side })).toMatchObject({ status: 201, body: { side: side ?? null } });
  });

  it('keeps how the patient responded, and its order', async () => {
    const { sessionId } = await makeTreated();
    const responses = ['Release, no pain.', 'Étourdie une minute.\n頭が軽い。', 'r'.repeat(2000)];
    const recorded = [];
    for (const response of responses) recorded.push((await manipulate(sessionId, { ...C5, response })).body);
    const { manipulations } = await get(sessionId);
    expect(manipulations).toEqual(recorded);
    expect((manipulations as { response: string }[]).map(({ response }) => response)).toEqual(responses);
  });

  it.each([
    ['no region', { region: undefined }, 'region'],
    ['an unknown region', { region: 'head' }, 'region'],
    ['no segment', { segment: undefined }, 'segment'],
    ['an empty segment', { segment: ' ' }, 'segment'],
    ['a segment of 21 characters', { segment: 'C'.repeat(21) }, 'segment'],
    ['a list of segments', { segment: ['C5'] }, 'segment'],
    ['no technique', { technique: undefined }, 'technique'],
    ['an unknown technique', { technique: 'massage' }, 'technique'],
    ['an unknown side', { side: 'both' }, 'side'],
    ['an empty response', { response: '' }, 'response'],
    ['a response of 2,001 characters', { response: 'r'.repeat(2001) }, 'response'],
    ['an instant of its own', { performedAt: '2020-01-01T00:00:00Z' }, 'performedAt'],
    ['a consent of its own', { consentId: UNKNOWN }, 'consentId'],
  ])('with %s is malformed', async (_, values, field) => {
    const { sessionId } = await makeTreated();
    expect(await manipulate(sessionId, { ...C5, ...values })).toMatchObject({
      status: 400,
      body: { code: 'malformed', errors: [{ field }] },
    });
    expect((await get(sessionId)).manipulations).toEqual([]);
  });
});

describe('out of scope', () => {
  it.each([
    ['a region that wasn’t discussed', { region: 'thoracic', segment: 'T4' }],
    ['a technique that wasn’t discussed', { technique: 'traction' }],
    ['neither', { region: 'pelvic', segment: 'sacroiliac', technique: 'drop_table' }],
  ])('of the consent is %s', async (_, values) => {
    const { sessionId } = await makeTreated();
    expect(await manipulate(sessionId, { ...C5, ...values })).toMatchObject({
      status: 422,
      body: { code: 'manipulation.not-consented', title: expect.stringMatching(/consent/), detail: expect.stringMatching(/\S/) },
    });
    expect((await get(sessionId)).manipulations).toEqual([]);
  });

  it('of a consent in part is what was discussed and left out', async () => {
    const patientId = await makePatient(clinic.practitioner);
    await makeScreening(clinic.practitioner, patientId);
    await makeConsent(clinic.practitioner, await makeDiscussion(clinic.practitioner, patientId), { regions: ['lumbar'] });
    const sessionId = await makeSession(clinic.practitioner, patientId);
    expect(await manipulate(sessionId)).toMatchObject({ status: 422, body: { code: 'manipulation.not-consented' } });
    expect((await manipulate(sessionId, { ...C5, region: 'lumbar', segment: 'L4/L5' })).status).toBe(201);
  });

  it('of the screening is a region that it doesn’t clear, whatever the consent says', async () => {
    const patientId = await makePatient(clinic.practitioner);
    await makeScreening(clinic.practitioner, patientId, { cervical_arterial_warning: { answer: 'unsure' } });
    await makeConsent(clinic.practitioner, await makeDiscussion(clinic.practitioner, patientId));
    const sessionId = await makeSession(clinic.practitioner, patientId);
    expect(await manipulate(sessionId)).toMatchObject({
      status: 422,
      body: { code: 'manipulation.not-cleared', title: expect.stringMatching(/screening/), detail: expect.stringMatching(/\S/) },
    });
    expect((await manipulate(sessionId, { ...C5, region: 'lumbar', segment: 'L5' })).status).toBe(201);
  });

  it('is the session of another practitioner', async () => {
    const { sessionId } = await makeTreated();
    expect(await manipulate(sessionId, C5, clinic.colleague)).toMatchObject({
      status: 403,
      body: { code: 'session.of-another-practitioner' },
    });
    expect((await get(sessionId)).manipulations).toEqual([]);
  });

  it('is a session that doesn’t exist', async () => {
    for (const answer of [await manipulate(UNKNOWN), await end(UNKNOWN), await clinic.practitioner.api.get(`/api/sessions/${UNKNOWN}`)]) {
      expect(answer).toMatchObject({ status: 404, body: { code: 'not-found' } });
    }
  });
});

describe('when something ends during a session, no manipulation follows, and the session can be ended', () => {
  async function expectStopped(sessionId: string, code: string, by = clinic.practitioner): Promise<void> {
    expect(await manipulate(sessionId, C5, by)).toMatchObject({
      status: 409,
      body: { code, title: expect.stringMatching(/\S/), detail: expect.stringMatching(/\S/) },
    });
    expect(await end(sessionId, by)).toMatchObject({ status: 200, body: { endedAt: expect.any(String) } });
    expect((await get(sessionId, by)).manipulations).toHaveLength(1);
  }

  it('the consent, by withdrawal', async () => {
    const { sessionId, consentId } = await makeTreated();
    await manipulate(sessionId);
    await clinic.practitioner.api.post(`/api/consents/${consentId}/withdrawal`, { reason: 'Stop!', withdrawnBy: { kind: 'patient' } });
    await expectStopped(sessionId, 'consent.withdrawn');
  });

  it.each(['given', 'refused'])('the consent, by a newer decision (%s)', async (decision) => {
    const { sessionId, patientId } = await makeTreated();
    await manipulate(sessionId);
    await makeConsent(clinic.practitioner, await makeDiscussion(clinic.practitioner, patientId), { decision });
    await expectStopped(sessionId, 'consent.replaced');
  });

  it('the consent, by a publication', async () => {
    const fresh = await makeClinic(server);
    const { sessionId } = await makeTreated(fresh);
    await manipulate(sessionId, C5, fresh.practitioner);
    await makeDisclosure(fresh.administrator, { requiresReconsent: true });
    await expectStopped(sessionId, 'consent.outdated', fresh.practitioner);
  });

  it('the consent, by its time', async () => {
    const { sessionId, consentId } = await makeTreated();
    await manipulate(sessionId);
    await expire(server, 'consents', consentId);
    await expectStopped(sessionId, 'consent.expired');
  });

  it.each(['no', 'yes'])('the screening, by a newer one (%s to a tumour)', async (answer) => {
    const { sessionId, patientId } = await makeTreated();
    await manipulate(sessionId);
    await makeScreening(clinic.practitioner, patientId, { spinal_tumour: { answer } });
    await expectStopped(sessionId, 'screening.replaced');
  });

  it('the screening, by its time', async () => {
    const { sessionId, screeningId } = await makeTreated();
    await manipulate(sessionId);
    await expire(server, 'screenings', screeningId);
    await expectStopped(sessionId, 'screening.expired');
  });

  it('the licence, by revocation', async () => {
    const fresh = await makeClinic(server);
    const { sessionId } = await makeTreated(fresh);
    await manipulate(sessionId, C5, fresh.practitioner);
    const { licenceId } = await get(sessionId, fresh.practitioner);
    await fresh.administrator.api.post(`/api/licences/${licenceId}/revocation`, { reason: 'Struck off.' });
    await expectStopped(sessionId, 'licence.revoked', fresh.practitioner);
  });

  it('the licence, by its time', async () => {
    const fresh = await makeClinic(server);
    const { sessionId } = await makeTreated(fresh);
    await manipulate(sessionId, C5, fresh.practitioner);
    await expire(server, 'licences', (await get(sessionId, fresh.practitioner)).licenceId as string);
    await expectStopped(sessionId, 'licence.expired', fresh.practitioner);
  });
});

describe('the end of a session', () => {
  it('is recorded once, and nothing follows it', async () => {
    const { sessionId } = await makeTreated();
    const manipulation = (await manipulate(sessionId)).body;
    const ended = await end(sessionId);
    expect(ended).toMatchObject({ status: 200, body: { id: sessionId, manipulations: [manipulation] } });
    for (const answer of [await end(sessionId), await manipulate(sessionId)]) {
      expect(answer).toMatchObject({ status: 409, body: { code: 'session.already-ended' } });
    }
    expect(await get(sessionId)).toEqual(ended.body);
  });

  it('may be recorded by a colleague, so that a forgotten one doesn’t bar the patient', async () => {
    const { sessionId, patientId } = await makeTreated();
    expect(await end(sessionId, clinic.colleague)).toMatchObject({ status: 200 });
    await makeSession(clinic.colleague, patientId);
  });

  it('of several at the same time counts once', async () => {
    const { sessionId } = await makeTreated();
    const answers = await Promise.all(Array.from({ length: 6 }, () => end(sessionId)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409, 409, 409]);
  });
});

describe('GET /patients/:id/sessions', () => {
  it('lists them newest first, with their manipulations', async () => {
    const { sessionId, patientId } = await makeTreated();
    await manipulate(sessionId);
    await end(sessionId);
    const newer = await makeSession(clinic.colleague, patientId);
    await makeTreated();
    const { items } = (await clinic.administrator.api.get(`/api/patients/${patientId}/sessions`)).body;
    expect(items).toEqual([await get(newer), await get(sessionId)]);
    expect(items).toMatchObject([
      { practitionerId: clinic.colleague.id, endedAt: null, manipulations: [] },
      { practitionerId: clinic.practitioner.id, manipulations: [C5] },
    ]);
  });

  it('is empty before the first, and none after a refusal', async () => {
    const patientId = await makePatient(clinic.practitioner);
    await clinic.practitioner.api.post(`/api/patients/${patientId}/sessions`, CONFIRMED);
    expect((await clinic.practitioner.api.get(`/api/patients/${patientId}/sessions`)).body).toEqual({ items: [] });
  });

  it('has no unknown patient', async () => {
    expect(await clinic.practitioner.api.get(`/api/patients/${UNKNOWN}/sessions`)).toMatchObject({
      status: 404,
      body: { code: 'not-found' },
    });
  });
});
