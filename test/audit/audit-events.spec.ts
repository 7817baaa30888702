import { createHash } from 'node:crypto';
import { type Answer, Caller } from '../support/api.js';
import { withClient } from '../support/database.js';
import {
  CONFIRMED,
  GIVEN,
  makeClearedPatient,
  makeClinic,
  makeDiscussion,
  makePatient,
  makeScreening,
  makeSession,
  PASSWORD,
  SIGNATURE,
  type TestClinic,
} from '../support/make.js';
import { startServer, type TestServer } from '../support/server.js';
import { asApplication } from '../support/sql.js';

interface Event {
  readonly id: string;
  readonly occurredAt: string;
  readonly action: string;
  readonly outcome: string;
  readonly subject: string | null;
  readonly subjectId: string | null;
  readonly patientId: string | null;
  readonly staffId: string | null;
  readonly staffName: string | null;
  readonly staffRole: string | null;
  readonly address: string | null;
  readonly userAgent: string | null;
  readonly requestId: string | null;
  // oxlint-disable-next-line typescript/no-explicit-any -- as an Answer's body
  readonly details: any;
}

let server: TestServer;
let clinic: TestClinic;
beforeAll(async () => {
  server = await startServer();
});
beforeEach(async () => {
  clinic = await makeClinic(server);
});
afterAll(() => server.stop());

const sql = (text: string, values: unknown[] = []) => withClient(server.database.superuser, (client) => client.query(text, values));

/** The newest events first, of the test's own clinic, without the looks of this function itself. */
async function events(query: Record<string, string> = {}): Promise<Event[]> {
  const { status, body } = await clinic.administrator.api.get(`/api/audit/events?${new URLSearchParams(query).toString()}`);
  expect(status).toBe(200);
  return (body.items as Event[]).filter(({ subject }) => subject !== 'listEvents');
}

const brief = ({ action, subject }: Event) => [action, subject];

describe('a change', () => {
  it('is recorded with who, when, from where and what, in the order in which it happened', async () => {
    const registered = await clinic.receptionist.api.call(
      'POST',
      '/api/patients',
      { givenName: 'Rosa', familyName: 'García', birthDate: '1984-05-17' },
      { 'user-agent': 'a tablet' },
    );
    const patientId = registered.body.id as string;
    const [event] = await events({ patientId });
    expect(event).toMatchObject({
      action: 'insert',
      outcome: 'success',
      subject: 'patients',
      subjectId: patientId,
      patientId,
      staffId: clinic.receptionist.id,
      staffName: 'Dana Reception',
      staffRole: 'receptionist',
      address: expect.stringMatching(/^(127\.0\.0\.1|::1)$/),
      userAgent: 'a tablet',
      requestId: registered.headers.get('x-request-id'),
      details: { new: { given_name: 'Rosa', birth_date: '1984-05-17' } },
    });
    expect(Math.abs(Date.now() - new Date(event?.occurredAt ?? 0).getTime())).toBeLessThan(60_000);

    await clinic.receptionist.api.patch(`/api/patients/${patientId}`, { phone: '+44 20 7946 0000' }, '"1"');
    const [correction] = await events({ patientId });
    expect(correction?.details).toEqual({ old: { phone: null, version: 1 }, new: { phone: '+44 20 7946 0000', version: 2 } });
  });

  it('is recorded for each row of the flow, with its patient', async () => {
    const { patientId, consentId } = await makeClearedPatient(clinic.practitioner);
    const sessionId = await makeSession(clinic.practitioner, patientId);
    const manipulation = { region: 'lumbar', segment: 'L5', technique: 'mobilisation' };
    await clinic.practitioner.api.post(`/api/sessions/${sessionId}/manipulations`, manipulation);
    await clinic.practitioner.api.post(`/api/sessions/${sessionId}/end`);
    await clinic.practitioner.api.post(`/api/consents/${consentId}/withdrawal`, { reason: 'enough', withdrawnBy: { kind: 'patient' } });
    const changes = (await events({ patientId })).filter(({ action }) => ['insert', 'update'].includes(action)).toReversed();
    expect(new Set(changes.map(({ staffId }) => staffId))).toEqual(new Set([clinic.practitioner.id]));
    expect(changes.filter(({ action }) => action === 'insert').map(({ subject }) => subject)).toEqual([
      'patients',
      'screenings',
      'discussions',
      ...Array<string>(5).fill('discussed_risks'),
      'consents',
      'sessions',
      'manipulations',
    ]);
    // The withdrawal, in words and in its effect.
    expect(changes.at(-1)).toMatchObject({
      action: 'update',
      subject: 'consents',
      details: { new: { withdrawal_reason: 'enough', withdrawn_by: 'patient' } },
    });
  });

  it('keeps signatures and long texts as digests', async () => {
    const { patientId } = await makeClearedPatient(clinic.practitioner);
    const consent = (await events({ patientId })).find(({ action, subject }) => action === 'insert' && subject === 'consents');
    const { rows } = await sql('SELECT signature::text AS text FROM app.consents WHERE patient_id = $1', [patientId]);
    const digest = createHash('sha256')
      .update(rows[0].text as string)
      .digest('hex');
    expect(consent?.details.new.signature).toEqual({ sha256: digest });
    expect(JSON.stringify(consent)).not.toContain(JSON.stringify(SIGNATURE.strokes[0]?.[0]));
    const texts = (await events({ action: 'insert' })).filter(({ subject }) => subject === 'disclosures');
    for (const { details } of texts) expect(details.new.content).toEqual({ sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
  });

  it('leaves nothing when it is rolled back, and one event when it lost a race and ran again', async () => {
    const before = (await events()).length;
    const refused = await clinic.practitioner.api.post('/api/patients', {
      givenName: 'Rosa',
      familyName: 'García',
      birthDate: '2999-01-01',
    });
    expect(refused.status).toBe(400);
    expect(await events()).toHaveLength(before);

    const { patientId } = await makeClearedPatient(clinic.practitioner);
    const starts = await Promise.all(
      Array.from({ length: 6 }, () => clinic.practitioner.api.post(`/api/patients/${patientId}/sessions`, CONFIRMED)),
    );
    expect(starts.filter(({ status }) => status === 201)).toHaveLength(1);
    const recorded = await events({ patientId });
    expect(recorded.filter(({ action, subject }) => action === 'insert' && subject === 'sessions')).toHaveLength(1);
    expect(recorded.filter(({ action, subject }) => action === 'refusal' && subject === 'startSession')).toHaveLength(5);
  });

  it('by raw SQL is recorded as any other', async () => {
    await asApplication(server, clinic.receptionist.token, (client) =>
      client.query(`INSERT INTO app.patients (given_name, family_name, birth_date) VALUES ('Raw', 'Row', '1990-01-01'); COMMIT`),
    );
    expect((await events({ staffId: clinic.receptionist.id }))[0]).toMatchObject({
      action: 'insert',
      subject: 'patients',
      details: { new: { given_name: 'Raw' } },
    });
  });
});

describe('a look at a patient’s record', () => {
  it('is recorded for every route that shows one, and for nothing else', async () => {
    const { patientId, discussionId, consentId } = await makeClearedPatient(clinic.practitioner);
    const sessionId = await makeSession(clinic.practitioner, patientId);
    const paths = [
      `/api/patients/${patientId}`,
      `/api/patients/${patientId}/representatives`,
      `/api/patients/${patientId}/screenings`,
      `/api/patients/${patientId}/consents`,
      `/api/patients/${patientId}/clearance`,
      `/api/patients/${patientId}/sessions`,
      `/api/discussions/${discussionId}`,
      `/api/consents/${consentId}`,
      `/api/sessions/${sessionId}`,
    ];
    for (const path of paths) expect((await clinic.colleague.api.get(path)).status).toBe(200);
    await clinic.colleague.api.get('/api/me');
    await clinic.colleague.api.get('/api/questionnaires/current');
    await clinic.colleague.api.get('/api/colleagues');
    await clinic.colleague.api.get(`/api/sessions/${sessionId}/standing`);
    const reads = (await events({ staffId: clinic.colleague.id })).toReversed();
    expect(reads.map(brief)).toEqual(
      [
        'getPatient',
        'listRepresentatives',
        'listScreenings',
        'listConsents',
        'getClearance',
        'listSessions',
        'getDiscussion',
        'getConsent',
        'getSession',
      ].map((operation) => ['read', operation]),
    );
    expect(new Set(reads.map((event) => event.patientId))).toEqual(new Set([patientId]));
    expect(reads.at(-1)?.subjectId).toBe(sessionId);
  });

  it('by a search is recorded with what was asked and whom it showed', async () => {
    const [one, other] = [await makePatient(clinic.practitioner), await makePatient(clinic.practitioner, { givenName: 'Rosamund' })];
    await clinic.receptionist.api.get('/api/patients?query=rosa');
    const [search] = await events({ action: 'search' });
    expect(search).toMatchObject({ subject: 'findPatients', patientId: null, staffId: clinic.receptionist.id, details: { query: 'rosa' } });
    expect(search?.details.found.sort()).toEqual([one, other].sort());
  });

  it('that found nothing is no look', async () => {
    await clinic.colleague.api.get('/api/patients/00000000-0000-4000-8000-000000000000');
    expect(await events({ staffId: clinic.colleague.id })).toEqual([]);
  });
});

describe('a refusal', () => {
  it('of a start is recorded with its reasons', async () => {
    const patientId = await makePatient(clinic.practitioner);
    await clinic.practitioner.api.post(`/api/patients/${patientId}/sessions`, CONFIRMED);
    const [refusal] = await events({ patientId });
    expect(refusal).toMatchObject({
      action: 'refusal',
      outcome: 'failure',
      subject: 'startSession',
      patientId,
      details: { code: 'session.refused', blockers: ['screening.none', 'consent.none'] },
    });
  });

  it('of a consent without every risk discussed is recorded with what is missing', async () => {
    const patientId = await makePatient(clinic.practitioner);
    await makeScreening(clinic.practitioner, patientId);
    const discussionId = await makeDiscussion(clinic.practitioner, patientId, {}, ['stroke']);
    await clinic.practitioner.api.post(`/api/discussions/${discussionId}/consent`, GIVEN);
    const [refusal] = await events({ action: 'refusal' });
    expect(refusal).toMatchObject({
      subject: 'recordDecision',
      subjectId: discussionId,
      details: { code: 'consent.risks-not-discussed', missing: ['stroke'] },
    });
  });

  it('for want of a permission is recorded, and of a mistake isn’t', async () => {
    await clinic.receptionist.api.get('/api/staff');
    await clinic.receptionist.api.post('/api/patients', {});
    expect((await events({ staffId: clinic.receptionist.id })).map(({ action, subject, details }) => [action, subject, details])).toEqual([
      ['denial', 'listStaff', { code: 'forbidden', permission: 'staff.read' }],
    ]);
  });
});

describe('authentication events', () => {
  it('are recorded: sign-in and failure, verification, session ends, sign-out', async () => {
    const { email } = (await clinic.administrator.api.get('/api/me')).body as { email: string };
    const anyone = new Caller(server.url);
    const wrong = await anyone.post('/api/auth/sign-in', { email, password: 'a wrong password' });
    await anyone.post('/api/auth/sign-in', { email: 'nobody@clinic.example', password: PASSWORD });
    const right = await anyone.post('/api/auth/sign-in', { email, password: PASSWORD });
    const cookie = right.headers.getSetCookie()[0]?.split(';')[0] ?? '';
    await anyone.call('POST', '/api/auth/verify', { totp: '000000' }, { cookie });
    await anyone.call('POST', '/api/auth/sign-out', undefined, { cookie });
    await clinic.administrator.api.delete(`/api/staff/${clinic.receptionist.id}/sessions`);

    const authentications = (await events()).slice(0, 5).toReversed();
    expect(authentications.map(({ action, outcome, staffId }) => [action, outcome, staffId])).toEqual([
      ['sign-in', 'failure', clinic.administrator.id],
      ['sign-in', 'success', clinic.administrator.id],
      ['verification', 'failure', clinic.administrator.id],
      ['sign-out', 'success', clinic.administrator.id],
      ['session.end', 'success', clinic.receptionist.id],
    ]);
    expect(authentications[0]?.requestId).toBe(wrong.headers.get('x-request-id'));
    expect(authentications[4]?.details).toEqual({ by: clinic.administrator.id });
    // The attempt on nobody's account is in no clinic's record, but in the record.
    const { rows } = await sql(`SELECT outcome FROM audit.events WHERE action = 'sign-in' AND clinic_id IS NULL`);
    expect(rows).toContainEqual({ outcome: 'failure' });
  });
});

describe('the record', () => {
  it('is each clinic’s own, and its administrators’', async () => {
    await makePatient(clinic.practitioner);
    const other = await makeClinic(server);
    const { body } = await other.administrator.api.get('/api/audit/events');
    const mine = new Set((await events()).map(({ id }) => id));
    expect((body.items as Event[]).filter(({ id }) => mine.has(id))).toEqual([]);
    for (const { api } of [clinic.practitioner, clinic.receptionist]) expect((await api.get('/api/audit/events')).status).toBe(403);
    expect((await asApplication(server, clinic.practitioner.token, (client) => client.query('SELECT FROM audit.events'))).rowCount).toBe(0);
  });

  it.each([
    `UPDATE audit.events SET action = 'x'`,
    `DELETE FROM audit.events`,
    `TRUNCATE audit.events`,
    `INSERT INTO audit.events (action) VALUES ('x')`,
    `SELECT audit.record('x', 'success', NULL, NULL, NULL, NULL)`,
    `SELECT audit.record_read('insert', 'patients', NULL, NULL, NULL)`,
    `SELECT audit.create_partitions(1)`,
    `DROP TABLE audit.events_later`,
  ])('is only added to, by what records it: %s', async (statement) => {
    await expect(asApplication(server, clinic.administrator.token, (client) => client.query(statement))).rejects.toMatchObject({
      code: '42501',
    });
    await expect(withClient(server.database.identity, (client) => client.query(statement))).rejects.toMatchObject({ code: '42501' });
  });

  it('is found by person, action, outcome, period and page', async () => {
    for (let count = 1; count <= 130; count += 1) await clinic.colleague.api.get('/api/patients?query=nobody');
    const first: Answer = await clinic.administrator.api.get(`/api/audit/events?staffId=${clinic.colleague.id}`);
    expect([first.body.items.length, typeof first.body.nextCursor]).toEqual([100, 'string']);
    const second = await clinic.administrator.api.get(`/api/audit/events?staffId=${clinic.colleague.id}&cursor=${first.body.nextCursor}`);
    expect([second.body.items.length, second.body.nextCursor]).toEqual([30, null]);
    const ids = [...first.body.items, ...second.body.items].map(({ id }: Event) => id);
    expect(ids).toEqual([...new Set(ids)].sort().toReversed());

    const middle = second.body.items[0].occurredAt as string;
    expect((await events({ staffId: clinic.colleague.id, until: middle })).length).toBeLessThanOrEqual(30);
    expect(await events({ staffId: clinic.colleague.id, from: '2999-01-01' })).toEqual([]);
    expect(await events({ outcome: 'failure' })).toEqual([]);
  });

  it.each(['staffId=x', 'action=DROP', 'outcome=maybe', 'from=yesterday', 'cursor=1', 'clinicId=x'])(
    'is not searched by %s',
    async (query) => {
      expect((await clinic.administrator.api.get(`/api/audit/events?${query}`)).status).toBe(400);
    },
  );

  it('has a partition for each of the next two years, and one for what comes after', async () => {
    const { rows } = await sql(`SELECT count(*)::int AS months FROM pg_inherits WHERE inhparent = 'audit.events'::regclass`);
    expect(rows[0].months).toBe(26);
    await sql('SELECT audit.create_partitions(26)');
    expect((await sql(`SELECT FROM pg_inherits WHERE inhparent = 'audit.events'::regclass`)).rowCount).toBe(28);
  });
});
