import { ageAuthentication, said } from '../support/accounts.js';
import { makeMachine } from '../support/machines.js';
import { makeClinic, makePatient, type TestClinic } from '../support/make.js';
import { erase, hold, makeErasable } from '../support/retention.js';
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

const lift = (id: string, reason = 'The claim was settled.') => clinic.administrator.api.post(`/api/legal-holds/${id}/lift`, { reason });
const holds = async (patientId: string) => (await clinic.administrator.api.get(`/api/patients/${patientId}/legal-holds`)).body.items;

describe('a legal hold', () => {
  it('is placed with who, when and why, and lifted likewise', async () => {
    const patientId = await makePatient(clinic.practitioner);
    const placed = await hold(clinic, patientId);
    const view = {
      id: placed.body.id,
      patientId,
      reason: 'Claim 2026-117 is pending.',
      placedBy: clinic.administrator.id,
      placedAt: expect.any(String),
      liftedAt: null,
      liftedBy: null,
      liftReason: null,
    };
    expect([placed.status, placed.body]).toEqual([201, view]);
    const lifted = await lift(placed.body.id as string);
    const end = { liftedAt: expect.any(String), liftedBy: clinic.administrator.id, liftReason: 'The claim was settled.' };
    expect([lifted.status, lifted.body]).toEqual([200, { ...view, ...end }]);
    expect(await holds(patientId)).toEqual([lifted.body]);
  });

  it('is lifted once, and what was said stays', async () => {
    const patientId = await makePatient(clinic.practitioner);
    const { body } = await hold(clinic, patientId);
    await lift(body.id as string);
    expect(said(await lift(body.id as string, 'another reason'))).toEqual([409, 'legal-hold.already-lifted']);
    expect((await holds(patientId))[0].liftReason).toBe('The claim was settled.');
  });

  it('keeps the record, until the last of several is lifted', async () => {
    const patientId = await makeErasable(server, clinic);
    const [one, two] = [await hold(clinic, patientId), await hold(clinic, patientId, 'The court asked for the record.')];
    for (const { body } of [one, two]) {
      const refused = await erase(clinic, patientId);
      expect([...said(refused), refused.body.detail]).toEqual([409, 'erasure.legal-hold', expect.stringContaining('legal-holds')]);
      await lift(body.id as string);
    }
    expect((await erase(clinic, patientId)).status).toBe(201);
  });

  it('is for administrators who authenticated a moment ago, and not for machines', async () => {
    const patientId = await makePatient(clinic.practitioner);
    const { body } = await hold(clinic, patientId);
    for (const { api } of [clinic.practitioner, clinic.receptionist]) {
      expect(said(await api.post(`/api/patients/${patientId}/legal-holds`, { reason: 'x' }))).toEqual([403, 'forbidden']);
      expect(said(await api.get(`/api/patients/${patientId}/legal-holds`))).toEqual([403, 'forbidden']);
      expect(said(await api.post(`/api/legal-holds/${body.id}/lift`, { reason: 'x' }))).toEqual([403, 'forbidden']);
    }
    const machine = await makeMachine(clinic, { role: 'administrator' });
    expect(said(await machine.post(`/api/legal-holds/${body.id}/lift`, { reason: 'x' }))[0]).toBe(403);
    await ageAuthentication(server, clinic.administrator, 16);
    for (const answer of [await hold(clinic, patientId), await lift(body.id as string), await erase(clinic, patientId)]) {
      expect(answer.status).toBe(403);
    }
    expect(await holds(patientId)).toHaveLength(1);
  });

  it('is recorded, and so is a look at it', async () => {
    const patientId = await makePatient(clinic.practitioner);
    await hold(clinic, patientId);
    await holds(patientId);
    const { body } = await clinic.administrator.api.get(`/api/audit/events?patientId=${patientId}`);
    expect(body.items.slice(0, 2).map(({ action, subject }: Record<string, string>) => [action, subject])).toEqual([
      ['read', 'listLegalHolds'],
      ['insert', 'legal_holds'],
    ]);
  });

  it.each([{}, { reason: '' }, { reason: '  ' }, { reason: 17 }, { reason: 'x', liftedAt: '2026-01-01' }])('takes no %j', async (body) => {
    const patientId = await makePatient(clinic.practitioner);
    const { administrator } = clinic;
    expect((await administrator.api.post(`/api/patients/${patientId}/legal-holds`, body)).status).toBe(400);
    const placed = await hold(clinic, patientId);
    expect((await administrator.api.post(`/api/legal-holds/${placed.body.id}/lift`, body)).status).toBe(400);
  });
});
