import type { Answer } from '../support/api.js';
import {
  currentText,
  GIVEN,
  makeClinic,
  makeConsent,
  makeDisclosure,
  makeDiscussion,
  makePatient,
  makeScreening,
  PROPOSAL,
  REGIONS,
  TECHNIQUES,
  type TestClinic,
} from '../support/make.js';
import { startServer, type TestServer } from '../support/server.js';

const ALWAYS = ['stroke', 'nerve_damage', 'disc_injury', 'headache', 'local_soreness'];
const ADVICE = { name: 'Dr Jo Field', profession: 'general practitioner', date: '2024-02-29', text: 'Gentle techniques only.' };
const UNKNOWN = '01890000-0000-7000-8000-000000000000';

let server: TestServer;
let clinic: TestClinic;
beforeAll(async () => {
  server = await startServer();
  clinic = await makeClinic(server);
});
afterAll(() => server.stop());

async function makeScreened(different: Record<string, object> = {}, { practitioner } = clinic): Promise<string> {
  const patientId = await makePatient(practitioner);
  await makeScreening(practitioner, patientId, different);
  return patientId;
}

const open = (patientId: string, values: object = {}, { practitioner } = clinic): Promise<Answer> =>
  practitioner.api.post(`/api/patients/${patientId}/discussions`, { ...PROPOSAL, ...values });
const discuss = (discussionId: string, code: string, body?: object, by = clinic.practitioner): Promise<Answer> =>
  by.api.put(`/api/discussions/${discussionId}/risks/${code}`, body);
const get = async (discussionId: string, by = clinic.practitioner) => (await by.api.get(`/api/discussions/${discussionId}`)).body;
const codes = (risks: { code: string }[]) => risks.map(({ code }) => code);

describe('POST /patients/:id/discussions', () => {
  it('keeps what is proposed, and GET shows the same', async () => {
    const patientId = await makeScreened();
    const proposal = {
      regions: REGIONS,
      techniques: TECHNIQUES,
      aim: 'Weniger Schmerz.\nBesser schlafen: 眠り',
      mode: 'video',
      language: 'en',
      interpreter: 'Ms Weber, sworn interpreter',
    };
    const opened = await open(patientId, proposal);
    expect(opened).toMatchObject({ status: 201, body: { ...proposal, patientId, practitionerId: clinic.practitioner.id } });
    expect(await get(opened.body.id as string)).toEqual(opened.body);
    expect(await get(opened.body.id as string, clinic.administrator)).toEqual(opened.body);
  });

  it('names the risks that are always discussed, in the disclosure’s order, none of them discussed yet', async () => {
    const { risks } = (await open(await makeScreened())).body;
    expect(codes(risks)).toEqual(ALWAYS);
    expect(risks).toEqual(
      ALWAYS.map(() =>
        expect.objectContaining({ addedByScreening: false, discussedAt: null, discussedBy: null, question: null, answer: null }),
      ),
    );
  });

  it('names those too that the screening added for this patient', async () => {
    const { risks } = (await open(await makeScreened({ osteoporosis: { answer: 'unsure' } }))).body;
    expect(codes(risks)).toEqual([...ALWAYS, 'rib_fracture']);
    expect(risks.at(-1)).toMatchObject({ addedByScreening: true });
  });

  it('is refused before a screening', async () => {
    expect(await open(await makePatient(clinic.practitioner))).toMatchObject({ status: 409, body: { code: 'screening.none' } });
  });

  it('is refused in a language in which nothing is published', async () => {
    expect(await open(await makeScreened(), { language: 'fi' })).toMatchObject({ status: 422, body: { code: 'disclosure.language' } });
  });

  it('of an unknown patient doesn’t exist', async () => {
    expect(await open(UNKNOWN)).toMatchObject({ status: 404, body: { code: 'not-found' } });
    expect(await clinic.practitioner.api.get(`/api/discussions/${UNKNOWN}`)).toMatchObject({ status: 404, body: { code: 'not-found' } });
  });

  it.each([
    ['no region', { regions: [] }, 'regions'],
    ['an unknown region', { regions: ['head'] }, 'regions'],
    ['a region twice', { regions: ['lumbar', 'lumbar'] }, 'regions'],
    ['a region that isn’t in a list', { regions: 'lumbar' }, 'regions'],
    ['no technique', { techniques: [] }, 'techniques'],
    ['an unknown technique', { techniques: ['massage'] }, 'techniques'],
    ['a technique twice', { techniques: ['traction', 'traction'] }, 'techniques'],
    ['no aim', { aim: undefined }, 'aim'],
    ['an empty aim', { aim: ' \n' }, 'aim'],
    ['an aim of 2,001 characters', { aim: 'a'.repeat(2001) }, 'aim'],
    ['no mode', { mode: undefined }, 'mode'],
    ['another mode', { mode: 'letter' }, 'mode'],
    ['no language', { language: undefined }, 'language'],
    ['what is no language', { language: 'English, please' }, 'language'],
    ['an empty interpreter', { interpreter: '' }, 'interpreter'],
    ['an interpreter of 201 characters', { interpreter: 'i'.repeat(201) }, 'interpreter'],
    ['an instant of its own', { openedAt: '2020-01-01T00:00:00Z' }, 'openedAt'],
    ['a screening of its own', { screeningId: UNKNOWN }, 'screeningId'],
  ])('with %s is malformed', async (_, values, field) => {
    expect(await open(await makeScreened(), values)).toMatchObject({ status: 400, body: { code: 'malformed', errors: [{ field }] } });
  });
});

describe('PUT /discussions/:id/risks/:code', () => {
  it('records who discussed the risk and when, once: the same again changes nothing', async () => {
    const discussionId = (await open(await makeScreened())).body.id as string;
    const told = await discuss(discussionId, 'stroke', { question: 'Could I die?', answer: 'It is very rare, and yes.' });
    expect(told).toMatchObject({
      status: 200,
      body: { code: 'stroke', discussedBy: clinic.practitioner.id, question: 'Could I die?', answer: 'It is very rare, and yes.' },
    });
    const again = await discuss(
      discussionId,
      'stroke',
      { question: 'Could I die?', answer: 'It is very rare, and yes.' },
      clinic.colleague,
    );
    expect(again).toMatchObject({ status: 200, body: told.body });
    const { risks } = await get(discussionId);
    expect(risks[0]).toEqual(told.body);
    expect(codes((risks as { code: string; discussedAt: string | null }[]).filter(({ discussedAt }) => discussedAt))).toEqual(['stroke']);
  });

  it.each([undefined, {}])('needs no question (%j)', async (body) => {
    const discussionId = (await open(await makeScreened())).body.id as string;
    const told = await discuss(discussionId, 'headache', body);
    expect(told).toMatchObject({ status: 200, body: { question: null, answer: null, discussedAt: expect.any(String) } });
    expect(await discuss(discussionId, 'headache', body)).toMatchObject({ status: 200, body: told.body });
  });

  it('takes a question that comes up later, and its answer later still, once', async () => {
    const discussionId = (await open(await makeScreened())).body.id as string;
    const told = (await discuss(discussionId, 'stroke')).body;
    const question = 'And at my age?';
    const answer = 'The figures are for adults of any age.';
    expect(await discuss(discussionId, 'stroke', { question })).toMatchObject({ status: 200, body: { ...told, question } });
    expect(await discuss(discussionId, 'stroke', { question, answer })).toMatchObject({ status: 200, body: { ...told, question, answer } });
    for (const body of [undefined, { question }, { question: 'Another?', answer }, { question, answer: 'Never mind.' }]) {
      expect(await discuss(discussionId, 'stroke', body)).toMatchObject({
        status: 409,
        body: { code: 'discussion.risk-already-discussed' },
      });
    }
    expect((await get(discussionId)).risks[0]).toEqual({ ...told, question, answer });
  });

  it.each(['vertigo', 'rib_fracture', 'STROKE', 'stroke%20', '%F0%9F%99%82'])(
    'has no risk %s that isn’t this discussion’s',
    async (code) => {
      const discussionId = (await open(await makeScreened())).body.id as string;
      expect(await discuss(discussionId, code)).toMatchObject({ status: 404, body: { code: 'not-found' } });
      expect(codes((await get(discussionId)).risks)).toEqual(ALWAYS);
    },
  );

  it('of an unknown discussion doesn’t exist', async () => {
    expect(await discuss(UNKNOWN, 'stroke')).toMatchObject({ status: 404, body: { code: 'not-found' } });
  });

  it.each(['given', 'refused'])('is over once the decision is recorded (%s)', async (decision) => {
    const patientId = await makeScreened({ osteoporosis: { answer: 'yes' } });
    const discussionId = await makeDiscussion(clinic.practitioner, patientId, {}, decision === 'refused' ? ['headache'] : []);
    await makeConsent(clinic.practitioner, discussionId, { decision });
    const before = await get(discussionId);
    for (const risk of ['headache', 'stroke']) {
      expect(await discuss(discussionId, risk, { question: 'Late?' })).toMatchObject({ status: 409, body: { code: 'discussion.decided' } });
    }
    expect(await get(discussionId)).toEqual(before);
  });

  it.each([
    [{ question: '' }, 'question'],
    [{ question: 'q'.repeat(4001) }, 'question'],
    [{ question: 7 }, 'question'],
    [{ answer: ' ' }, 'answer'],
    [{ answer: 'a'.repeat(4001) }, 'answer'],
    [{ answer: 'a\0b' }, 'answer'],
    [{ discussedAt: '2020-01-01T00:00:00Z' }, 'discussedAt'],
    [{ wording: 'Nothing can happen.' }, 'wording'],
  ])('is malformed with %.60j', async (body, field) => {
    const discussionId = (await open(await makeScreened())).body.id as string;
    expect(await discuss(discussionId, 'stroke', body)).toMatchObject({ status: 400, body: { code: 'malformed', errors: [{ field }] } });
    expect((await get(discussionId)).risks[0].discussedAt).toBeNull();
  });
});

describe('a discussion that goes on while something changes', () => {
  it('shows the wording of its own version after another is published', async () => {
    const fresh = await makeClinic(server);
    const { body } = await open(await makeScreened({}, fresh), {}, fresh);
    await discuss(body.id as string, 'stroke', undefined, fresh.practitioner);
    const { risks } = await currentText(fresh.administrator, 'disclosures');
    await makeDisclosure(fresh.administrator, {
      risks: (risks as object[]).map((risk) => ({ ...risk, wording: 'Nothing to worry about.' })),
    });
    const told = await discuss(body.id as string, 'headache', undefined, fresh.practitioner);
    const wordings = (list: { wording: string }[]) => list.map(({ wording }) => wording);
    expect(wordings((await get(body.id as string, fresh.practitioner)).risks)).toEqual(wordings(body.risks));
    expect(told.body.wording).toBe((body.risks as { code: string; wording: string }[]).find(({ code }) => code === 'headache')?.wording);
  });

  it('needs the risk that a newer screening adds', async () => {
    const patientId = await makeScreened();
    const discussionId = await makeDiscussion(clinic.practitioner, patientId);
    expect(await discuss(discussionId, 'rib_fracture')).toMatchObject({ status: 404 });
    await makeScreening(clinic.practitioner, patientId, { osteoporosis: { answer: 'yes' } }, ADVICE);
    expect((await get(discussionId)).risks.at(-1)).toMatchObject({ code: 'rib_fracture', addedByScreening: true, discussedAt: null });
    expect(await clinic.practitioner.api.post(`/api/discussions/${discussionId}/consent`, GIVEN)).toMatchObject({
      status: 422,
      body: { code: 'consent.risks-not-discussed', missing: ['rib_fracture'] },
    });
    expect((await discuss(discussionId, 'rib_fracture')).status).toBe(200);
    await makeConsent(clinic.practitioner, discussionId);
  });

  it('goes on needing the risk that the screening it rests on added, whatever a newer one says', async () => {
    const patientId = await makeScreened({ osteoporosis: { answer: 'unsure' } });
    const discussionId = await makeDiscussion(clinic.practitioner, patientId, {}, ['rib_fracture']);
    await makeScreening(clinic.practitioner, patientId);
    expect(await clinic.practitioner.api.post(`/api/discussions/${discussionId}/consent`, GIVEN)).toMatchObject({
      status: 422,
      body: { missing: ['rib_fracture'] },
    });
  });

  it('takes the same again of a risk that a screening between added and the latest doesn’t', async () => {
    const patientId = await makeScreened();
    const discussionId = await makeDiscussion(clinic.practitioner, patientId);
    await makeScreening(clinic.practitioner, patientId, { osteoporosis: { answer: 'yes' } }, ADVICE);
    const told = await discuss(discussionId, 'rib_fracture');
    await makeScreening(clinic.practitioner, patientId);
    expect((await get(discussionId)).risks.at(-1)).toEqual(told.body);
    expect(await discuss(discussionId, 'rib_fracture')).toMatchObject({ status: 200, body: told.body });
  });

  it('of one patient is untouched by another patient’s screening', async () => {
    const discussionId = await makeDiscussion(clinic.practitioner, await makeScreened());
    await makeScreened({ osteoporosis: { answer: 'yes' } });
    expect(codes((await get(discussionId)).risks)).toEqual(ALWAYS);
  });
});

describe('one risk recorded at the same time', () => {
  it('with the same words is recorded once', async () => {
    const discussionId = (await open(await makeScreened())).body.id as string;
    const answers = await Promise.all(Array.from({ length: 8 }, () => discuss(discussionId, 'stroke', { question: 'Why?' })));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    expect(new Set(answers.map(({ body }) => body.discussedAt as string)).size).toBe(1);
  });

  it.each(['anew', 'after it was recorded'])('with different questions, %s, keeps one of them', async (when) => {
    const discussionId = (await open(await makeScreened())).body.id as string;
    if (when !== 'anew') await discuss(discussionId, 'stroke');
    const questions = Array.from({ length: 8 }, (_, index) => `Question ${index}?`);
    const answers = await Promise.all(questions.map((question) => discuss(discussionId, 'stroke', { question })));
    const kept = answers.filter(({ status }) => status === 200);
    expect(kept).toHaveLength(1);
    expect(new Set(answers.filter(({ status }) => status !== 200).map(({ body }) => body.code as string))).toEqual(
      new Set(['discussion.risk-already-discussed']),
    );
    expect((await get(discussionId)).risks[0]).toEqual(kept[0]?.body);
  });
});
