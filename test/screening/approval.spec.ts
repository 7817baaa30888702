import type { Answer } from '../support/api.js';
import { withClient } from '../support/database.js';
import {
  currentText,
  makeAnswers,
  makeClinic,
  makeConsent,
  makeDiscussion,
  makePatient,
  makeScreening,
  makeSession,
  REGIONS,
  type TestClinic,
} from '../support/make.js';
import { startServer, type TestServer } from '../support/server.js';

const ADVICE = { name: 'Dr Jo Field', profession: 'general practitioner', date: '2024-02-29', text: 'Gentle techniques only.' };
const OSTEOPOROSIS = { osteoporosis: { answer: 'yes' } };
const REASON = { reason: 'DXA seen: T-score −2.6, low force only.' };
const without = (...barred: string[]) => REGIONS.filter((region) => !barred.includes(region));

let server: TestServer;
let clinic: TestClinic;
beforeAll(async () => {
  server = await startServer();
  clinic = await makeClinic(server);
});
afterAll(() => server.stop());

const approve = (screeningId: string, by = clinic.colleague): Promise<Answer> =>
  by.api.post(`/api/screenings/${screeningId}/approval`, REASON);

async function screenings(patientId: string) {
  return (await clinic.practitioner.api.get(`/api/patients/${patientId}/screenings`)).body.items;
}

describe('POST /screenings/:id/approval', () => {
  it('clears relative findings from its own instant on, as long as the screening would have', async () => {
    const patientId = await makePatient(clinic.practitioner);
    const screeningId = await makeScreening(clinic.practitioner, patientId, OSTEOPOROSIS);
    const [referred] = await screenings(patientId);
    const approval = await approve(screeningId);
    expect(approval.status).toBe(201);
    expect(approval.body).toEqual({
      ...referred,
      outcome: 'cleared_with_precautions',
      clearedRegions: REGIONS,
      awaitsApproval: false,
      clearsFrom: approval.body.approval.approvedAt,
      clearsUntil: expect.any(String),
      approval: { ...REASON, approvedBy: clinic.colleague.id, approvedAt: expect.any(String) },
    });
    expect(Date.parse(approval.body.clearsUntil as string) - Date.parse(approval.body.performedAt as string)).toBe(90 * 86_400_000);
    expect(await screenings(patientId)).toEqual([approval.body]);
  });

  it('lets the patient be treated, once the added risk was discussed', async () => {
    const { practitioner } = clinic;
    const patientId = await makePatient(practitioner);
    const screeningId = await makeScreening(practitioner, patientId, OSTEOPOROSIS);
    await makeConsent(practitioner, await makeDiscussion(practitioner, patientId));
    expect((await practitioner.api.get(`/api/patients/${patientId}/clearance`)).body).toMatchObject({
      allowed: false,
      blockers: [{ code: 'screening.referred' }],
    });
    await approve(screeningId);
    const sessionId = await makeSession(practitioner, patientId);
    expect((await practitioner.api.get(`/api/sessions/${sessionId}`)).body.screeningId).toBe(screeningId);
  });

  it('never clears a region that is barred absolutely', async () => {
    const patientId = await makePatient(clinic.practitioner);
    const screeningId = await makeScreening(clinic.practitioner, patientId, {
      ...OSTEOPOROSIS,
      cervical_arterial_warning: { answer: 'yes' },
      fracture_or_dislocation: { answer: 'yes', regions: ['sacral'] },
      systemic_inflammatory_disease: { answer: 'unsure', regions: ['lumbar'] },
    });
    expect((await approve(screeningId)).body).toMatchObject({ clearedRegions: ['thoracic', 'pelvic'], awaitsApproval: false });
  });

  it('never clears a region named as absolute in the answer to a question that is absolute itself', async () => {
    const { administrator, practitioner, colleague } = await makeClinic(server);
    const text = await currentText(administrator, 'questionnaires');
    const item = {
      ...text['items'][0],
      code: 'surgery',
      effect: 'absolute',
      regions: ['cervical'],
      namedRegions: 'absolute',
      addsRisks: [],
    };
    await administrator.api.post('/api/questionnaires', {
      ...text,
      items: [item, { ...item, code: 'age', effect: 'relative', regions: ['pelvic'] }],
    });
    const patientId = await makePatient(practitioner);
    const answers = await makeAnswers(practitioner, { surgery: { answer: 'yes', regions: ['lumbar'] }, age: { answer: 'yes' } });
    const screening = await practitioner.api.post(`/api/patients/${patientId}/screenings`, answers);
    expect(screening.body).toMatchObject({
      clearedRegions: ['thoracic', 'sacral'],
      awaitsApproval: true,
      findings: [
        { code: 'surgery', barredRegions: ['cervical', 'lumbar'] },
        { code: 'age', barredRegions: [] },
      ],
    });
    expect((await approve(screening.body.id as string, colleague)).body).toMatchObject({
      clearedRegions: ['thoracic', 'sacral', 'pelvic'],
    });
  });

  it('adds regions to a screening that clears some already, and leaves its beginning', async () => {
    const { administrator, practitioner, colleague } = await makeClinic(server);
    const text = await currentText(administrator, 'questionnaires');
    const items = [{ ...text['items'][0], code: 'scoliosis', effect: 'relative', regions: ['thoracic'], namedRegions: 'not_asked' }];
    await administrator.api.post('/api/questionnaires', { ...text, items });
    const patientId = await makePatient(practitioner);
    const answers = await makeAnswers(practitioner, { scoliosis: { answer: 'yes' } });
    const { body } = await practitioner.api.post(`/api/patients/${patientId}/screenings`, answers);
    expect(body).toMatchObject({ outcome: 'cleared_with_precautions', clearedRegions: without('thoracic'), awaitsApproval: true });
    expect((await approve(body.id as string, colleague)).body).toMatchObject({
      clearedRegions: REGIONS,
      clearsFrom: body.performedAt,
      clearsUntil: body.clearsUntil,
    });
  });
});

describe('an approval is refused', () => {
  it('to the practitioner who screened', async () => {
    const patientId = await makePatient(clinic.practitioner);
    const screeningId = await makeScreening(clinic.practitioner, patientId, OSTEOPOROSIS);
    expect(await approve(screeningId, clinic.practitioner)).toMatchObject({
      status: 403,
      body: { code: 'screening.approval-needs-second-practitioner' },
    });
    expect(await screenings(patientId)).toMatchObject([{ outcome: 'referred', approval: null }]);
  });

  it('a second time', async () => {
    const screeningId = await makeScreening(clinic.practitioner, await makePatient(clinic.practitioner), OSTEOPOROSIS);
    await approve(screeningId);
    expect(await approve(screeningId)).toMatchObject({ status: 409, body: { code: 'screening.already-approved' } });
  });

  it.each([
    ['nothing was found', {}, undefined],
    ['all that was found is absolute', { cauda_equina_warning: { answer: 'yes' } }, undefined],
    ['the absolute findings bar one region and nothing else was found', { cervical_arterial_warning: { answer: 'yes' } }, undefined],
    ['the absolute findings bar all, whatever the relative ones say', { ...OSTEOPOROSIS, spinal_tumour: { answer: 'yes' } }, undefined],
    ['medical advice cleared it', OSTEOPOROSIS, ADVICE],
  ])('where %s', async (_, different, advice) => {
    const patientId = await makePatient(clinic.practitioner);
    const screeningId = await makeScreening(clinic.practitioner, patientId, different, advice);
    const before = await screenings(patientId);
    expect(await approve(screeningId)).toMatchObject({ status: 422, body: { code: 'screening.nothing-to-approve' } });
    expect(await screenings(patientId)).toEqual(before);
  });

  it('where the patient was screened again since', async () => {
    const patientId = await makePatient(clinic.practitioner);
    const older = await makeScreening(clinic.practitioner, patientId, OSTEOPOROSIS);
    const newer = await makeScreening(clinic.practitioner, patientId, OSTEOPOROSIS);
    expect(await approve(older)).toMatchObject({ status: 409, body: { code: 'screening.replaced' } });
    expect((await approve(newer)).status).toBe(201);
  });

  it('where the screening is too old', async () => {
    const screeningId = await makeScreening(clinic.practitioner, await makePatient(clinic.practitioner), OSTEOPOROSIS);
    await withClient(server.database.superuser, (client) =>
      client.query(`UPDATE app.screenings SET performed_at = performed_at - interval '90 days' WHERE id = $1`, [screeningId]),
    );
    expect(await approve(screeningId)).toMatchObject({ status: 409, body: { code: 'screening.expired' } });
  });

  it.each([
    [{}, 'reason'],
    [{ reason: ' \n ' }, 'reason'],
    [{ reason: 7 }, 'reason'],
    [{ reason: 'r'.repeat(4001) }, 'reason'],
    [{ ...REASON, approvedBy: 'me' }, 'approvedBy'],
  ])('with %j', async (body, field) => {
    const screeningId = await makeScreening(clinic.practitioner, await makePatient(clinic.practitioner), OSTEOPOROSIS);
    expect(await clinic.colleague.api.post(`/api/screenings/${screeningId}/approval`, body)).toMatchObject({
      status: 400,
      body: { code: 'malformed', errors: [{ field }] },
    });
  });

  it('of a screening that doesn’t exist', async () => {
    expect(await approve(clinic.id)).toMatchObject({ status: 404, body: { code: 'not-found' } });
  });
});

describe('approvals at the same time', () => {
  it('two of one screening: one counts', async () => {
    const screeningId = await makeScreening(clinic.practitioner, await makePatient(clinic.practitioner), OSTEOPOROSIS);
    const answers = await Promise.all(Array.from({ length: 6 }, () => approve(screeningId)));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409, 409]);
  });

  it('one and a newer screening: the approval counts only for what was the latest, and never afterwards', async () => {
    const { practitioner } = clinic;
    const answers = await makeAnswers(practitioner, { spinal_tumour: { answer: 'yes' } });
    for (let round = 0; round < 20; round += 1) {
      const patientId = await makePatient(practitioner);
      const screeningId = await makeScreening(practitioner, patientId, OSTEOPOROSIS);
      // Sent first in every other round, so that either may come first.
      const screenAgain = () => practitioner.api.post(`/api/patients/${patientId}/screenings`, answers);
      const early = round % 2 === 0 ? screenAgain() : undefined;
      const [approval, newer] = await Promise.all([approve(screeningId), early ?? screenAgain()]);
      expect(newer.status).toBe(201);
      const [latest, earlier] = await screenings(patientId);
      expect(latest).toEqual(newer.body);
      expect([
        { status: 201, outcome: 'cleared_with_precautions', clearsUntil: latest.performedAt },
        { status: 409, code: 'screening.replaced', outcome: 'referred', clearsUntil: null },
      ]).toContainEqual({
        status: approval.status,
        code: approval.body.code,
        outcome: earlier.outcome,
        clearsUntil: earlier.clearsUntil,
      });
      expect((await practitioner.api.get(`/api/patients/${patientId}/clearance`)).body.screening).toEqual({
        state: 'referred',
        since: null,
        until: null,
      });
    }
  });
});
