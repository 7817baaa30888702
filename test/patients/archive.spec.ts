import { said } from '../support/accounts.js';
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
  type Person,
  PROPOSAL,
  type TestClinic,
} from '../support/make.js';
import { age, archive } from '../support/retention.js';
import { startServer, type TestServer } from '../support/server.js';

let server: TestServer;
let clinic: TestClinic;
beforeAll(async () => {
  server = await startServer();
});
beforeEach(async () => {
  clinic = await makeClinic(server);
});
afterAll(() => server.stop());

const restore = (patientId: string, by: Person = clinic.receptionist) => by.api.post(`/api/patients/${patientId}/restore`);
const start = (patientId: string) => clinic.practitioner.api.post(`/api/patients/${patientId}/sessions`, CONFIRMED);
const find = async (query: string): Promise<string[]> =>
  ((await clinic.receptionist.api.get(`/api/patients?${query}`)).body.items as { id: string }[]).map(({ id }) => id);

describe('POST /api/patients/:id/archive', () => {
  it.each(['left', 'moved', 'died', 'duplicate', 'other'])('closes the record with who, when and why: %s', async (reason) => {
    const patientId = await makePatient(clinic.practitioner);
    const { status, body, headers } = await archive(clinic, patientId, reason);
    expect([status, body.archivedBy, body.archiveReason, body.version]).toEqual([200, clinic.receptionist.id, reason, 2]);
    expect(Math.abs(Date.now() - new Date(body.archivedAt as string).getTime())).toBeLessThan(60_000);
    expect(headers.get('etag')).toBe('"2"');
    expect((await clinic.receptionist.api.get(`/api/patients/${patientId}`)).body).toEqual(body);
  });

  it.each([{}, { reason: null }, { reason: 'bored' }, { reason: ['left'] }])('takes no %j', async (body) => {
    const patientId = await makePatient(clinic.practitioner);
    expect((await clinic.receptionist.api.post(`/api/patients/${patientId}/archive`, body)).status).toBe(400);
  });

  it('waits for an open session to end', async () => {
    const { patientId } = await makeClearedPatient(clinic.practitioner);
    const sessionId = await makeSession(clinic.practitioner, patientId);
    const refused = await archive(clinic, patientId);
    expect([...said(refused), refused.body.detail]).toEqual([409, 'patient.session-open', 'End the session first.']);
    await clinic.practitioner.api.post(`/api/sessions/${sessionId}/end`);
    expect((await archive(clinic, patientId)).status).toBe(200);
  });

  it('happens once, and so does the restoration', async () => {
    const patientId = await makePatient(clinic.practitioner);
    expect(said(await restore(patientId))).toEqual([409, 'patient.not-archived']);
    await archive(clinic, patientId);
    expect(said(await archive(clinic, patientId, 'died'))).toEqual([409, 'patient.already-archived']);
    expect((await restore(patientId)).body).toMatchObject({ archivedAt: null, archivedBy: null, archiveReason: null, version: 3 });
    expect(said(await restore(patientId))).toEqual([409, 'patient.not-archived']);
  });

  it('is seen by whoever corrects what they read before', async () => {
    const patientId = await makePatient(clinic.practitioner);
    await archive(clinic, patientId);
    expect((await clinic.receptionist.api.patch(`/api/patients/${patientId}`, { phone: null }, '"1"')).status).toBe(412);
    expect((await clinic.receptionist.api.patch(`/api/patients/${patientId}`, { givenName: 'Rosamund' }, '"2"')).status).toBe(200);
  });

  it('is open to every role of the clinic, and to no other clinic', async () => {
    for (const by of [clinic.administrator, clinic.practitioner, clinic.receptionist]) {
      const patientId = await makePatient(clinic.practitioner);
      expect((await by.api.post(`/api/patients/${patientId}/archive`, { reason: 'left' })).status).toBe(200);
      expect((await restore(patientId, by)).status).toBe(200);
      const { receptionist } = await makeClinic(server);
      for (const path of ['archive', 'restore']) {
        expect(
          said(await receptionist.api.post(`/api/patients/${patientId}/${path}`, path === 'archive' ? { reason: 'left' } : undefined)),
        ).toEqual([404, 'not-found']);
      }
    }
  });

  it('leaves its events, with the patient', async () => {
    const patientId = await makePatient(clinic.practitioner);
    await archive(clinic, patientId);
    await restore(patientId);
    const { body } = await clinic.administrator.api.get(`/api/audit/events?patientId=${patientId}&action=update`);
    expect(body.items.map(({ staffId, details }: { staffId: string; details: { new: object } }) => [staffId, details.new])).toEqual([
      [clinic.receptionist.id, { version: 3, archived_at: null, archived_by: null, archive_reason: null }],
      [
        clinic.receptionist.id,
        { version: 2, archived_at: expect.any(String), archived_by: clinic.receptionist.id, archive_reason: 'left' },
      ],
    ]);
  });
});

describe('an archived patient', () => {
  it('starts no session, and is told of as a blocker, until restored', async () => {
    const { patientId } = await makeClearedPatient(clinic.practitioner);
    await archive(clinic, patientId);
    const { body: clearance } = await clinic.practitioner.api.get(`/api/patients/${patientId}/clearance`);
    const blockers = [{ code: 'patient.archived', message: 'The patient is archived.', remedy: 'Restore the record first.' }];
    expect([clearance.allowed, clearance.consent.state, clearance.blockers]).toEqual([false, 'in_force', blockers]);
    const refused = await start(patientId);
    expect([...said(refused), refused.body.blockers]).toEqual([409, 'session.refused', blockers]);
    await restore(patientId);
    expect((await start(patientId)).status).toBe(201);
  });

  it('is neither screened, approved, told of risks nor asked for consent', async () => {
    const { practitioner, colleague, receptionist } = clinic;
    const patientId = await makePatient(practitioner);
    const screeningId = await makeScreening(practitioner, patientId, { earlier_reaction: { answer: 'yes' } });
    const discussionId = await makeDiscussion(practitioner, patientId, {}, ['stroke']);
    await archive(clinic, patientId);
    const acts = async () => [
      await colleague.api.post(`/api/screenings/${screeningId}/approval`, { reason: 'seen' }),
      await practitioner.api.put(`/api/discussions/${discussionId}/risks/stroke`),
      await practitioner.api.put(`/api/discussions/${discussionId}/risks/headache`, { question: 'How often?' }),
      await practitioner.api.post(`/api/discussions/${discussionId}/consent`, { ...GIVEN, decision: 'refused' }),
      await practitioner.api.post(`/api/patients/${patientId}/discussions`, PROPOSAL),
      await practitioner.api.post(`/api/patients/${patientId}/screenings`, await makeAnswers(practitioner)),
    ];
    const refused = await acts();
    expect(refused.map(said)).toEqual(refused.map(() => [409, 'patient.archived']));
    expect(refused[0]?.body.detail).toBe('Restore the record first.');
    await restore(patientId, receptionist);
    expect((await acts()).map(({ status }) => status < 300)).toEqual(refused.map(() => true));
  });

  it('can still withdraw, be corrected, and be read', async () => {
    const { patientId, consentId } = await makeClearedPatient(clinic.practitioner);
    await archive(clinic, patientId);
    const withdrawal = { reason: 'no more', withdrawnBy: { kind: 'patient' } };
    expect((await clinic.practitioner.api.post(`/api/consents/${consentId}/withdrawal`, withdrawal)).status).toBe(200);
    for (const path of ['', '/representatives', '/screenings', '/consents', '/sessions', '/clearance']) {
      expect([path, (await clinic.practitioner.api.get(`/api/patients/${patientId}${path}`)).status]).toEqual([path, 200]);
    }
  });

  it('is found only when asked for', async () => {
    const [here, gone] = [await makePatient(clinic.practitioner), await makePatient(clinic.practitioner, { recordNumber: 'A-17' })];
    await archive(clinic, gone);
    for (const query of ['query=rosa', 'query=1984-05-17', '']) {
      expect([query, await find(query)]).toEqual([query, [here]]);
      expect([query, await find(`${query}&archived=false`)]).toEqual([query, [here]]);
      expect([query, (await find(`${query}&archived=true`)).sort()]).toEqual([query, [here, gone].sort()]);
    }
    expect(await find('query=A-17')).toEqual([]);
    expect(await find('query=A-17&archived=true')).toEqual([gone]);
    const first = await clinic.receptionist.api.get('/api/patients?archived=true&limit=1');
    const second = await clinic.receptionist.api.get(`/api/patients?archived=true&limit=1&cursor=${first.body.nextCursor}`);
    expect([first, second].map(({ body }) => body.items[0].id).sort()).toEqual([here, gone].sort());
  });

  it.each(['archived=yes', 'archived=', 'archived=1', 'archived=true&archived=true'])('is not found by %s', async (query) => {
    const { status, body } = await clinic.receptionist.api.get(`/api/patients?${query}`);
    expect([status, body.errors]).toEqual([400, [{ field: 'archived', message: 'must be true or false' }]]);
  });
});

describe('erasableFrom', () => {
  const erasableFrom = async (patientId: string, by: Person = clinic.practitioner) =>
    (await by.api.get(`/api/patients/${patientId}`)).body.erasableFrom as string | null;
  /** The day after so many years from today in London. */
  const day = (years: number, from = new Intl.DateTimeFormat('en-CA', { timeZone: 'Europe/London' }).format()): string => {
    const date = new Date(`${from}T00:00:00Z`);
    const month = date.getUTCMonth();
    date.setUTCFullYear(date.getUTCFullYear() + years);
    // 29 February, in other years.
    if (date.getUTCMonth() !== month) date.setUTCDate(0);
    date.setUTCDate(date.getUTCDate() + 1);
    return date.toISOString().slice(0, 10);
  };

  it('is ten years after the last entry, and moves with it', async () => {
    const patientId = await makePatient(clinic.practitioner);
    expect(await erasableFrom(patientId)).toBe(day(10));
    await age(server, patientId, '4 years');
    expect(await erasableFrom(patientId)).toBe(day(6));
    await makeScreening(clinic.practitioner, patientId);
    expect(await erasableFrom(patientId)).toBe(day(10));
    await age(server, patientId, '4 years');
    await archive(clinic, patientId);
    expect(await erasableFrom(patientId)).toBe(day(6));
  });

  it('follows each kind of entry', async () => {
    const { practitioner } = clinic;
    const { api } = practitioner;
    const patientId = await makePatient(practitioner);
    const screeningId = await makeScreening(practitioner, patientId, { earlier_reaction: { answer: 'yes' } });
    await clinic.colleague.api.post(`/api/screenings/${screeningId}/approval`, { reason: 'seen' });
    const consentId = await makeConsent(practitioner, await makeDiscussion(practitioner, patientId));
    await api.post(`/api/patients/${patientId}/sessions`, { nothingChanged: false, change: 'x', stillConsents: true });
    const [report] = (await api.get(`/api/patients/${patientId}/reports`)).body.items as { id: string }[];
    await api.post(`/api/patients/${patientId}/reports/${report?.id}/retraction`, { reason: 'x' });
    const sessionId = await makeSession(practitioner, patientId);
    await api.post(`/api/sessions/${sessionId}/manipulations`, { region: 'lumbar', segment: 'L5', technique: 'mobilisation' });
    await api.post(`/api/sessions/${sessionId}/end`);
    await api.post(`/api/consents/${consentId}/withdrawal`, { reason: 'x', withdrawnBy: { kind: 'patient' } });
    await api.post(`/api/patients/${patientId}/representatives`, { name: 'x', relationship: 'x', authority: 'x' });
    const kinds = [
      'representatives',
      'screenings',
      'screening_approvals',
      'discussions',
      'discussed_risks',
      'consents',
      'sessions',
      'manipulations',
      'patient_reports',
    ];
    await age(server, patientId, '11 years');
    expect(await erasableFrom(patientId)).toBe(day(-1));
    for (const kind of kinds) {
      await age(server, patientId, '-5 years', [kind]);
      expect([kind, await erasableFrom(patientId)]).toEqual([kind, day(4)]);
      await age(server, patientId, '5 years', [kind]);
    }
  });

  it('is counted from the 18th birthday of a minor, or from a later age of majority', async () => {
    const birth = new Date(Date.now() - 10 * 365 * 86_400_000).toISOString().slice(0, 10);
    const patientId = await makePatient(clinic.practitioner, { birthDate: birth });
    expect(await erasableFrom(patientId)).toBe(day(28, birth));
    await clinic.administrator.api.patch('/api/clinic/policy', { adultAgeYears: 14 });
    expect(await erasableFrom(patientId)).toBe(day(28, birth));
    await clinic.administrator.api.patch('/api/clinic/policy', { adultAgeYears: 21 });
    expect(await erasableFrom(patientId)).toBe(day(31, birth));
  });

  it.each([
    [1, 1],
    [50, 50],
  ])('follows the policy at once: %d years', async (retentionYears, years) => {
    const patientId = await makePatient(clinic.practitioner);
    await clinic.administrator.api.patch('/api/clinic/policy', { retentionYears });
    expect(await erasableFrom(patientId)).toBe(day(years));
  });

  it('is shown to those who may see the entries, and to no receptionist', async () => {
    const patientId = await makePatient(clinic.practitioner);
    expect(await erasableFrom(patientId, clinic.administrator)).toBe(day(10));
    expect(await erasableFrom(patientId, clinic.receptionist)).toBeNull();
  });
});
