import { said } from '../support/accounts.js';
import { makeClinic, makePatient, makeRepresentative, type TestClinic } from '../support/make.js';
import { age, archive, erase, hold, makeErasable, makeTreatedLongAgo, storedEvents } from '../support/retention.js';
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

const register = (patientId: string) => clinic.administrator.api.get(`/api/patients/${patientId}`);

describe('POST /api/patients/:id/erasure', () => {
  it('is refused until the patient is archived, and says so', async () => {
    const patientId = await makePatient(clinic.practitioner);
    await age(server, patientId);
    const { status, body } = await erase(clinic, patientId);
    expect([status, body.code, body.detail]).toEqual([409, 'erasure.not-archived', expect.stringContaining('/archive')]);
    const refusals = (await storedEvents(server, clinic)).filter(({ action }) => action === 'refusal');
    expect(refusals.map(({ subject, patient_id, details }) => [subject, patient_id, details])).toEqual([
      ['erasePatient', patientId, { code: 'erasure.not-archived' }],
    ]);
  });

  it('is refused under a legal hold, while a session is open, and before the retention period is over', async () => {
    const held = await makeErasable(server, clinic);
    await hold(clinic, held);
    expect(said(await erase(clinic, held))).toEqual([409, 'erasure.legal-hold']);

    const { patientId, sessionId } = await makeTreatedLongAgo(server, clinic);
    await asSuperuser(server, 'ALTER TABLE app.sessions DISABLE TRIGGER "end"');
    await asSuperuser(server, 'UPDATE app.sessions SET ended_at = NULL, ended_by = NULL WHERE id = $1', [sessionId]);
    await asSuperuser(server, 'ALTER TABLE app.sessions ENABLE TRIGGER "end"');
    expect(said(await erase(clinic, patientId))).toEqual([409, 'erasure.session-open']);

    const recent = await makePatient(clinic.practitioner);
    await archive(clinic, recent);
    expect(said(await erase(clinic, recent))).toEqual([409, 'erasure.retention']);
    for (const id of [held, patientId, recent]) expect((await register(id)).body.givenName).toBe('Rosa');
  });

  it.each(['Requested by Rosa', 'the GARCIA family asked', 'representative Lucía asked', 'record 4711-x is old'])(
    'takes no reason that names somebody: %s',
    async (reason) => {
      const patientId = await makePatient(clinic.practitioner, { recordNumber: '4711-x' });
      await makeRepresentative(clinic.practitioner, patientId);
      await age(server, patientId);
      await archive(clinic, patientId);
      expect(said(await erase(clinic, patientId, reason))).toEqual([422, 'erasure.reason-names-patient']);
    },
  );

  it.each([{}, { reason: '' }, { reason: ' \n ' }, { reason: null }, { reason: 'x'.repeat(2001) }, { reason: 'x', force: true }])(
    'takes no malformed body: %#',
    async (body) => {
      const patientId = await makeErasable(server, clinic);
      expect((await clinic.administrator.api.post(`/api/patients/${patientId}/erasure`, body)).status).toBe(400);
    },
  );
});

describe('GET /api/erasures', () => {
  it('lists who, when, why and how much, newest first', async () => {
    const [one, two] = [await makeErasable(server, clinic), await makeErasable(server, clinic)];
    await erase(clinic, one);
    await erase(clinic, two, 'Asked for.');
    const { status, body } = await clinic.administrator.api.get('/api/erasures');
    const item = {
      staffId: clinic.administrator.id,
      staffName: 'Ada Admin',
      staffRole: 'administrator',
      rowsBlanked: 1,
      searchesBlanked: 0,
      erasedAt: expect.any(String),
      id: expect.any(String),
      eventsBlanked: 3,
    };
    expect([status, body]).toEqual([
      200,
      {
        items: [
          { ...item, patientId: two, reason: 'Asked for.' },
          { ...item, patientId: one, reason: 'The retention period is over.' },
        ],
        nextCursor: null,
      },
    ]);
    expect((await (await makeClinic(server)).administrator.api.get('/api/erasures')).body.items).toEqual([]);
    const next = await clinic.administrator.api.get(`/api/erasures?cursor=${body.items[0].id}`);
    expect(next.body.items).toEqual([body.items[1]]);
    expect((await clinic.administrator.api.get('/api/erasures?cursor=1')).status).toBe(400);
  });
});
