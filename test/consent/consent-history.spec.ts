import { sealed } from '../support/log.js';
import {
  GIVEN,
  makeClearedPatient,
  makeClinic,
  makeConsent,
  makeDiscussion,
  makePatient,
  makeScreening,
  makeSession,
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

interface Item {
  readonly eventId: string;
  readonly step: string;
  readonly staffName: string;
  readonly changes: { field: string; old: unknown; new: unknown }[];
  readonly [field: string]: unknown;
}

async function history(consentId: string, query = ''): Promise<{ patientId: string; items: Item[]; nextCursor: string | null }> {
  const { status, body } = await clinic.administrator.api.get(`/api/consents/${consentId}/history${query}`);
  expect(status).toBe(200);
  return body as { patientId: string; items: Item[]; nextCursor: string | null };
}
const steps = async (consentId: string) => (await history(consentId)).items.map(({ step }) => step);
const valuesOf = (item: Item | undefined) =>
  Object.fromEntries((item?.changes ?? []).map((change) => [change.field, [change.old, change.new]]));

describe('GET /consents/:id/history', () => {
  it('tells the whole story in order, with who it was then', async () => {
    const { practitioner, colleague } = clinic;
    const patientId = await makePatient(practitioner);
    await makeScreening(practitioner, patientId);
    const discussionId = await makeDiscussion(practitioner, patientId, {}, ['stroke']);
    await practitioner.api.post(`/api/discussions/${discussionId}/consent`, GIVEN);
    await practitioner.api.put(`/api/discussions/${discussionId}/risks/stroke`);
    await practitioner.api.put(`/api/discussions/${discussionId}/risks/stroke`, { question: 'How rare?', answer: 'Very.' });
    const consentId = await makeConsent(practitioner, discussionId);
    const sessionId = await makeSession(practitioner, patientId);
    await practitioner.api.post(`/api/sessions/${sessionId}/end`);
    await colleague.api.get(`/api/consents/${consentId}`);
    await colleague.api.get(`/api/discussions/${discussionId}`);
    await colleague.api.get(`/api/patients/${patientId}/consents`);
    await clinic.receptionist.api.get(`/api/consents/${consentId}`);
    await colleague.api.post(`/api/consents/${consentId}/withdrawal`, { reason: 'enough', withdrawnBy: { kind: 'patient' } });
    // Names and roles are those of then.
    await asSuperuser(server, `UPDATE app.staff SET name = 'Ben Married' WHERE id = $1`, [practitioner.id]);

    await sealed(server.database);
    const story = await history(consentId);
    expect(story).toMatchObject({ consentId, patientId, nextCursor: null });
    const entries = story.items.map(({ logEntry }) => logEntry as number);
    expect(entries.every((entry) => Number.isInteger(entry))).toBe(true);
    expect(entries).toEqual([...new Set(entries)].sort((one, other) => one - other));
    expect(story.items.map(({ step, staffName, subject }) => [step, staffName.split(' ')[0], subject])).toEqual([
      ['screened', 'Ben', 'screenings'],
      ['discussion-opened', 'Ben', 'discussions'],
      ...Array.from({ length: 4 }, () => ['risk-discussed', 'Ben', 'discussed_risks']),
      ['refused', 'Ben', 'recordDecision'],
      ['risk-discussed', 'Ben', 'discussed_risks'],
      ['question-added', 'Ben', 'discussed_risks'],
      ['decided', 'Ben', 'consents'],
      ['session-started', 'Ben', 'sessions'],
      ['session-ended', 'Ben', 'sessions'],
      ['looked-at', 'Carla', 'getConsent'],
      ['looked-at', 'Carla', 'getDiscussion'],
      ['looked-at', 'Carla', 'listConsents'],
      ['refused', 'Dana', 'getConsent'],
      ['withdrawn', 'Carla', 'consents'],
    ]);
    expect(story.items[0]).toMatchObject({ staffName: 'Ben Practitioner', staffRole: 'practitioner', staffId: practitioner.id });
    expect(story.items[6]).toMatchObject({ refusal: 'consent.risks-not-discussed', changes: [] });
    expect(story.items[15]).toMatchObject({ refusal: 'forbidden', staffRole: 'receptionist' });
    expect(valuesOf(story.items[7])).toMatchObject({ code: [null, 'stroke'], wording: [null, expect.stringContaining('artery')] });
    expect(valuesOf(story.items[8])).toEqual({ question: [null, 'How rare?'], answer: [null, 'Very.'] });
    const period = { from: expect.any(String), until: expect.any(String) };
    expect(valuesOf(story.items[9])).toMatchObject({
      decision: [null, 'given'],
      inForce: [null, period],
      signature: [null, { sha256: expect.stringMatching(/^[0-9a-f]{64}$/) }],
      shownSha256: [null, expect.stringMatching(/^[0-9a-f]{64}$/)],
    });
    expect(valuesOf(story.items[16])).toMatchObject({
      endedBecause: [null, 'withdrawn'],
      withdrawalReason: [null, 'enough'],
      inForce: [period, period],
    });
    // Each is an event of the record, under the same id.
    const { body } = await clinic.administrator.api.get(`/api/audit/events?patientId=${patientId}`);
    const known = new Set((body.items as { id: string }[]).map(({ id }) => id));
    expect(story.items.filter(({ eventId, step }) => step !== 'refused' && !known.has(eventId))).toEqual([]);
  });

  it('tells what a newer decision ended, and leaves the newer one’s story to itself', async () => {
    const { patientId, consentId } = await makeClearedPatient(clinic.practitioner);
    const other = await makeConsent(clinic.practitioner, await makeDiscussion(clinic.practitioner, patientId));
    const own = ['screened', 'discussion-opened', ...Array<string>(5).fill('risk-discussed'), 'decided'];
    expect(await steps(consentId)).toEqual([...own, 'ended']);
    expect(await steps(other)).toEqual(own);
  });

  it('tells the approval and the change of the screening, and nothing of other records or patients', async () => {
    const { practitioner, colleague } = clinic;
    const patientId = await makePatient(practitioner);
    await makeScreening(practitioner, patientId);
    const screeningId = await makeScreening(practitioner, patientId, { earlier_reaction: { answer: 'yes' } });
    await colleague.api.post(`/api/screenings/${screeningId}/approval`, { reason: 'seen' });
    const consentId = await makeConsent(practitioner, await makeDiscussion(practitioner, patientId));
    await makeClearedPatient(practitioner);
    await colleague.api.get(`/api/patients/${patientId}`);
    await makeScreening(practitioner, patientId);
    expect(await steps(consentId)).toEqual([
      'screened',
      'screening-changed',
      'approved',
      'discussion-opened',
      ...Array<string>(5).fill('risk-discussed'),
      'decided',
      'screening-changed',
    ]);
  });

  it('is itself a look, recorded with its patient', async () => {
    const { patientId, consentId } = await makeClearedPatient(clinic.practitioner);
    await history(consentId);
    const { body } = await clinic.administrator.api.get('/api/audit/events?action=read');
    expect(body.items[0]).toMatchObject({
      subject: 'getConsentHistory',
      subjectId: consentId,
      patientId,
      staffId: clinic.administrator.id,
    });
    expect((await history(consentId)).items.at(-1)).toMatchObject({
      step: 'looked-at',
      subject: 'getConsentHistory',
      staffName: 'Ada Admin',
    });
  });

  it('goes on page by page, each event once', async () => {
    const { consentId } = await makeClearedPatient(clinic.practitioner);
    for (let look = 1; look <= 130; look += 1) await clinic.colleague.api.get(`/api/consents/${consentId}`);
    const first = await history(consentId);
    expect(first.items).toHaveLength(100);
    const second = await history(consentId, `?cursor=${first.nextCursor}`);
    expect(second.nextCursor).toBeNull();
    const ids = [...first.items, ...second.items].map(({ eventId }) => eventId);
    // The first page is itself a look.
    expect(ids).toHaveLength(8 + 130 + 1);
    expect(ids).toEqual([...new Set(ids)].sort());
  });

  it('keeps the steps of events whose values were erased', async () => {
    const { consentId } = await makeClearedPatient(clinic.practitioner);
    await asSuperuser(server, 'UPDATE audit.events SET details = NULL WHERE clinic_id = $1', [clinic.id]);
    const { items } = await history(consentId);
    expect(items.map(({ step }) => step)).toEqual(['screened', 'discussion-opened', ...Array<string>(5).fill('risk-discussed'), 'decided']);
    expect(items.flatMap(({ changes }) => changes)).toEqual([]);
  });

  it('of what isn’t there is none, and none is asked for wrongly', async () => {
    const none = await clinic.administrator.api.get('/api/consents/00000000-0000-4000-8000-000000000000/history');
    expect([none.status, none.body.code]).toEqual([404, 'not-found']);
    const { consentId } = await makeClearedPatient(clinic.practitioner);
    const wrong = await clinic.administrator.api.get(`/api/consents/${consentId}/history?cursor=1`);
    expect([wrong.status, wrong.body.errors[0].field]).toEqual([400, 'cursor']);
  });
});
