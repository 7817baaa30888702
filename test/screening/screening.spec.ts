import {
  currentText,
  expire,
  makeAnswers,
  makeClinic,
  makePatient,
  makeScreening,
  REGIONS,
  setPolicy,
  type TestClinic,
} from '../support/make.js';
import { startServer, type TestServer } from '../support/server.js';

const DAY = 86_400_000;
const ADVICE = { name: 'Dr Jo Field', profession: 'general practitioner', date: '2024-02-29', text: 'Gentle techniques only.' };
const without = (...barred: string[]) => REGIONS.filter((region) => !barred.includes(region));

/** What a plain yes does: [code, effect, regions, risks that it adds]. */
const EFFECTS: [string, 'absolute' | 'relative', string[], string[]][] = [
  ['cauda_equina_warning', 'absolute', REGIONS, []],
  ['cervical_arterial_warning', 'absolute', ['cervical'], []],
  ['progressive_neurological_deficit', 'absolute', REGIONS, []],
  ['cord_compression', 'absolute', REGIONS, []],
  ['fracture_or_dislocation', 'absolute', REGIONS, []],
  ['spinal_tumour', 'absolute', REGIONS, []],
  ['spinal_infection', 'absolute', REGIONS, []],
  ['instability_or_fixation', 'absolute', REGIONS, []],
  ['systemic_inflammatory_disease', 'relative', REGIONS, []],
  ['osteoporosis', 'relative', REGIONS, ['rib_fracture']],
  ['anticoagulant_or_bleeding_disorder', 'relative', REGIONS, []],
  ['earlier_reaction', 'relative', REGIONS, []],
];

let server: TestServer;
let clinic: TestClinic;
beforeAll(async () => {
  server = await startServer();
  clinic = await makeClinic(server);
});
afterAll(() => server.stop());

async function screen(different: Record<string, object> = {}, advice?: object, patientId?: string) {
  const { practitioner } = clinic;
  const id = patientId ?? (await makePatient(practitioner));
  return practitioner.api.post(`/api/patients/${id}/screenings`, { ...(await makeAnswers(practitioner, different)), advice });
}

describe('what an answer does', () => {
  it('the table below holds every question', async () => {
    const { items } = await currentText(clinic.practitioner, 'questionnaires');
    expect((items as { code: string }[]).map(({ code }) => code).sort()).toEqual(EFFECTS.map(([code]) => code).sort());
  });

  it('no to everything clears every region', async () => {
    expect(await screen()).toMatchObject({
      status: 201,
      body: { outcome: 'cleared', findings: [], clearedRegions: REGIONS, addedRisks: [], awaitsApproval: false, advice: null },
    });
  });

  it.each(EFFECTS.flatMap((effect) => (['yes', 'unsure'] as const).map((answer) => [answer, ...effect] as const)))(
    '%s to %s is %s',
    async (answer, code, effect, regions, addedRisks) => {
      const clearedRegions = without(...regions);
      expect(await screen({ [code]: { answer } })).toMatchObject({
        status: 201,
        body: {
          outcome: clearedRegions.length > 0 ? 'cleared_with_precautions' : 'referred',
          findings: [{ code, answer, effect, regions, barredRegions: effect === 'absolute' ? regions : [], note: null }],
          clearedRegions,
          addedRisks,
          awaitsApproval: effect === 'relative',
        },
      });
    },
  );

  it.each(EFFECTS)('with medical advice, %s, which is %s, clears what is not barred', async (code, effect, regions, addedRisks) => {
    const clearedRegions = effect === 'absolute' ? without(...regions) : REGIONS;
    expect(await screen({ [code]: { answer: 'yes' } }, ADVICE)).toMatchObject({
      status: 201,
      body: {
        outcome: clearedRegions.length > 0 ? 'cleared_with_precautions' : 'referred',
        clearedRegions,
        addedRisks,
        advice: ADVICE,
        awaitsApproval: false,
      },
    });
  });

  it('tells what to do at once, in the questionnaire’s words', async () => {
    const { items } = await currentText(clinic.practitioner, 'questionnaires');
    const { urgentAction } = (items as { code: string; urgentAction: string }[]).find(({ code }) => code === 'cauda_equina_warning') ?? {};
    const screening = await screen({ cauda_equina_warning: { answer: 'yes' }, osteoporosis: { answer: 'yes' } });
    expect(urgentAction).toMatch(/\S/);
    expect(screening.body.findings).toMatchObject([
      { code: 'cauda_equina_warning', urgentAction },
      { code: 'osteoporosis', urgentAction: null },
    ]);
  });
});

describe('named regions', () => {
  it.each(['fracture_or_dislocation', 'instability_or_fixation'])('narrow %s to themselves', async (code) => {
    expect((await screen({ [code]: { answer: 'yes', regions: ['lumbar', 'pelvic'] } })).body).toMatchObject({
      outcome: 'cleared_with_precautions',
      findings: [{ code, regions: ['lumbar', 'pelvic'], barredRegions: ['lumbar', 'pelvic'] }],
      clearedRegions: without('lumbar', 'pelvic'),
      awaitsApproval: false,
    });
  });

  it.each(['fracture_or_dislocation', 'instability_or_fixation'])('don’t narrow %s where the patient is unsure', async (code) => {
    expect((await screen({ [code]: { answer: 'unsure', regions: ['lumbar'] } })).body).toMatchObject({
      outcome: 'referred',
      findings: [{ regions: REGIONS, barredRegions: REGIONS }],
      clearedRegions: [],
    });
  });

  it('an empty list names none, so that all are barred', async () => {
    expect((await screen({ fracture_or_dislocation: { answer: 'yes', regions: [] } })).body).toMatchObject({ clearedRegions: [] });
  });

  it.each(['yes', 'unsure'])('are barred absolutely by an inflammatory disease (%s), which is relative elsewhere', async (answer) => {
    const finding = { systemic_inflammatory_disease: { answer, regions: ['cervical'] } };
    expect((await screen(finding)).body).toMatchObject({
      outcome: 'referred',
      findings: [{ effect: 'relative', regions: REGIONS, barredRegions: ['cervical'] }],
      clearedRegions: [],
      awaitsApproval: true,
    });
    expect((await screen(finding, ADVICE)).body).toMatchObject({
      outcome: 'cleared_with_precautions',
      clearedRegions: without('cervical'),
      awaitsApproval: false,
    });
  });

  it('change nothing where the question doesn’t ask for them', async () => {
    expect((await screen({ osteoporosis: { answer: 'yes', regions: ['lumbar'] } })).body).toMatchObject({
      findings: [{ code: 'osteoporosis', regions: REGIONS }],
      clearedRegions: [],
    });
    expect((await screen({ cervical_arterial_warning: { answer: 'yes', regions: ['lumbar'] } })).body).toMatchObject({
      findings: [{ code: 'cervical_arterial_warning', regions: ['cervical'] }],
      clearedRegions: without('cervical'),
    });
  });

  it('don’t count with a no', async () => {
    expect((await screen({ fracture_or_dislocation: { answer: 'no', regions: ['lumbar'] } })).body).toMatchObject({
      outcome: 'cleared',
      clearedRegions: REGIONS,
    });
  });
});

describe('several findings', () => {
  it('bar what any of them bars', async () => {
    const several = {
      cervical_arterial_warning: { answer: 'unsure' },
      fracture_or_dislocation: { answer: 'yes', regions: ['thoracic'] },
      osteoporosis: { answer: 'yes' },
      systemic_inflammatory_disease: { answer: 'yes', regions: ['sacral'] },
    };
    const screening = await screen(several, ADVICE);
    expect(screening.body).toMatchObject({
      outcome: 'cleared_with_precautions',
      clearedRegions: ['lumbar', 'pelvic'],
      addedRisks: ['rib_fracture'],
      awaitsApproval: false,
    });
    expect((screening.body.findings as { code: string }[]).map(({ code }) => code).sort()).toEqual(Object.keys(several).sort());
    expect((await screen(several)).body).toMatchObject({ outcome: 'referred', clearedRegions: [], awaitsApproval: true });
  });

  it('refer, advice or not, where one bars every region', async () => {
    expect((await screen({ osteoporosis: { answer: 'yes' }, spinal_tumour: { answer: 'unsure' } }, ADVICE)).body).toMatchObject({
      outcome: 'referred',
      clearedRegions: [],
      clearsFrom: null,
      clearsUntil: null,
      awaitsApproval: false,
    });
  });
});

describe('how long a screening clears', () => {
  it('from the server’s instant, for as many days as the policy says', async () => {
    const { body } = await screen();
    expect(body.clearsFrom).toBe(body.performedAt);
    expect(Date.parse(body.clearsUntil as string) - Date.parse(body.clearsFrom as string)).toBe(90 * DAY);
  });

  it('follows another policy from then on', async () => {
    const careful = await makeClinic(server);
    await setPolicy(server, careful, { screening_valid_days: 7 });
    const patientId = await makePatient(careful.practitioner);
    await makeScreening(careful.practitioner, patientId);
    const [screening] = (await careful.practitioner.api.get(`/api/patients/${patientId}/screenings`)).body.items;
    expect(Date.parse(screening.clearsUntil as string) - Date.parse(screening.clearsFrom as string)).toBe(7 * DAY);
  });

  it('ends when a newer screening is recorded, whatever that one finds, and the history shows it', async () => {
    const first = await screen();
    const patientId = first.body.patientId as string;
    const second = await screen({ osteoporosis: { answer: 'yes' } }, ADVICE, patientId);
    const third = await screen({ spinal_infection: { answer: 'yes' } }, undefined, patientId);
    const { items } = (await clinic.practitioner.api.get(`/api/patients/${patientId}/screenings`)).body;
    expect(items).toEqual([
      third.body,
      { ...second.body, clearsUntil: third.body.performedAt },
      { ...first.body, clearsUntil: second.body.performedAt },
    ]);
    expect((await clinic.practitioner.api.get(`/api/patients/${patientId}/clearance`)).body).toMatchObject({
      screening: { state: 'referred', since: null, until: null },
      clearedRegions: [],
    });
  });

  it('doesn’t reach back: one that had expired keeps its end', async () => {
    const first = await screen();
    await expire(server, 'screenings', first.body.id as string);
    const patientId = first.body.patientId as string;
    const second = await screen({}, undefined, patientId);
    const { items } = (await clinic.practitioner.api.get(`/api/patients/${patientId}/screenings`)).body;
    expect(items[0]).toEqual(second.body);
    expect(Date.parse(items[1].clearsUntil as string)).toBeLessThan(Date.parse(second.body.performedAt as string));
  });
});

describe('GET /patients/:id/screenings', () => {
  it('is empty before the first', async () => {
    const patientId = await makePatient(clinic.practitioner);
    expect(await clinic.practitioner.api.get(`/api/patients/${patientId}/screenings`)).toMatchObject({ status: 200, body: { items: [] } });
  });

  it('shows an administrator what a practitioner recorded, notes included', async () => {
    const { body } = await screen({ earlier_reaction: { answer: 'yes', note: 'Vertige,\nà gauche: 痛い 🙂' } });
    const { items } = (await clinic.administrator.api.get(`/api/patients/${body.patientId}/screenings`)).body;
    expect(items).toEqual([body]);
    expect(items[0].findings[0].note).toBe('Vertige,\nà gauche: 痛い 🙂');
  });

  it('has no patient of an unknown id', async () => {
    expect(await clinic.practitioner.api.get(`/api/patients/${clinic.id}/screenings`)).toMatchObject({
      status: 404,
      body: { code: 'not-found' },
    });
  });
});
