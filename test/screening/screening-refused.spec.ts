import { currentText, makeAnswers, makeClinic, makePatient, type TestClinic } from '../support/make.js';
import { startServer, type TestServer } from '../support/server.js';

const ADVICE = { name: 'Dr Jo Field', profession: 'general practitioner', date: '2024-02-29', text: 'Gentle techniques only.' };
const UNKNOWN = '01890000-0000-7000-8000-000000000000';

let server: TestServer;
let clinic: TestClinic;
beforeAll(async () => {
  server = await startServer();
  clinic = await makeClinic(server);
});
afterAll(() => server.stop());

/** Screens a new patient with a body that `change` made of a good one. Nothing may be recorded. */
async function refused(change: (good: { questionnaireId: string; answers: Record<string, unknown>[] }) => object) {
  const { practitioner } = clinic;
  const patientId = await makePatient(practitioner);
  const { questionnaireId, answers } = await makeAnswers(practitioner);
  const answer = await practitioner.api.post(
    `/api/patients/${patientId}/screenings`,
    change({ questionnaireId, answers: answers as Record<string, unknown>[] }),
  );
  expect((await practitioner.api.get(`/api/patients/${patientId}/screenings`)).body.items).toEqual([]);
  return answer;
}

describe('answers that don’t fit the questionnaire', () => {
  it('leave no question out', async () => {
    expect(
      await refused((good) => ({
        ...good,
        answers: good.answers.filter(({ code }) => code !== 'osteoporosis' && code !== 'cord_compression'),
      })),
    ).toMatchObject({ status: 422, body: { code: 'screening.unanswered', missing: ['cord_compression', 'osteoporosis'] } });
  });

  it('answer no question twice, be it in the same way', async () => {
    expect(await refused((good) => ({ ...good, answers: [...good.answers, { code: 'spinal_tumour', answer: 'no' }] }))).toMatchObject({
      status: 422,
      body: { code: 'screening.answers-other-questions', missing: ['spinal_tumour'] },
    });
  });

  it('answer nothing that isn’t asked', async () => {
    expect(await refused((good) => ({ ...good, answers: [...good.answers, { code: 'pregnancy', answer: 'no' }] }))).toMatchObject({
      status: 422,
      body: { code: 'screening.answers-other-questions', missing: ['pregnancy'] },
    });
  });

  it('belong to a questionnaire that exists', async () => {
    expect(await refused((good) => ({ ...good, questionnaireId: UNKNOWN }))).toMatchObject({ status: 404, body: { code: 'not-found' } });
  });

  it('aren’t another clinic’s', async () => {
    const { questionnaireId } = await makeAnswers((await makeClinic(server)).practitioner);
    expect(await refused((good) => ({ ...good, questionnaireId }))).toMatchObject({ status: 404, body: { code: 'not-found' } });
  });

  it('belong to a patient who exists', async () => {
    expect(await clinic.practitioner.api.post(`/api/patients/${UNKNOWN}/screenings`, await makeAnswers(clinic.practitioner))).toMatchObject(
      {
        status: 404,
        body: { code: 'not-found' },
      },
    );
  });

  it('don’t belong to a version that was replaced', async () => {
    const { administrator, practitioner } = await makeClinic(server);
    const patientId = await makePatient(practitioner);
    const old = await makeAnswers(practitioner);
    const text = await currentText(administrator, 'questionnaires');
    // Another language's questionnaire replaces nothing.
    expect((await administrator.api.post('/api/questionnaires', { ...text, language: 'es' })).status).toBe(201);
    expect((await practitioner.api.post(`/api/patients/${patientId}/screenings`, old)).status).toBe(201);
    expect((await administrator.api.post('/api/questionnaires', text)).status).toBe(201);
    expect(await practitioner.api.post(`/api/patients/${patientId}/screenings`, old)).toMatchObject({
      status: 409,
      body: { code: 'screening.questionnaire-replaced' },
    });
    expect((await practitioner.api.post(`/api/patients/${patientId}/screenings`, await makeAnswers(practitioner))).status).toBe(201);
  });

  it('are refused for what they lack under the newer version', async () => {
    const { administrator, practitioner } = await makeClinic(server);
    const patientId = await makePatient(practitioner);
    const { answers } = await makeAnswers(practitioner);
    const text = await currentText(administrator, 'questionnaires');
    const items = [...(text['items'] as object[]), { ...text['items'][0], code: 'pregnancy' }];
    const { body } = await administrator.api.post('/api/questionnaires', { ...text, items });
    expect(await practitioner.api.post(`/api/patients/${patientId}/screenings`, { questionnaireId: body.id, answers })).toMatchObject({
      status: 422,
      body: { code: 'screening.unanswered', missing: ['pregnancy'] },
    });
  });
});

describe('malformed answers', () => {
  const first = (values: object) => (good: { answers: object[] }) => ({
    ...good,
    answers: [{ ...good.answers[0], ...values }, ...good.answers.slice(1)],
  });

  it.each([
    ['another answer', first({ answer: 'maybe' }), 'answers[0].answer'],
    ['no answer', first({ answer: undefined }), 'answers[0].answer'],
    ['an answer that isn’t text', first({ answer: true }), 'answers[0].answer'],
    ['no code', first({ code: undefined }), 'answers[0].code'],
    ['a code that is too long', first({ code: 'c'.repeat(61) }), 'answers[0].code'],
    ['an unknown region', first({ answer: 'yes', regions: ['tail'] }), 'answers[0].regions'],
    ['a region twice', first({ answer: 'yes', regions: ['lumbar', 'lumbar'] }), 'answers[0].regions'],
    ['one region, not a list', first({ answer: 'yes', regions: 'lumbar' }), 'answers[0].regions'],
    ['a note that is too long', first({ note: 'n'.repeat(2001) }), 'answers[0].note'],
    ['an empty note', first({ note: ' \n ' }), 'answers[0].note'],
    ['a note with a NUL', first({ note: 'a\0b' }), 'answers[0].note'],
    ['a note with half a character', first({ note: 'a\ud83d' }), 'answers[0].note'],
    ['an unknown key in an answer', first({ certainty: 1 }), 'answers[0].certainty'],
    ['an unknown key', (good: object) => ({ ...good, outcome: 'cleared' }), 'outcome'],
    ['answers that aren’t a list', (good: object) => ({ ...good, answers: { code: 'no' } }), 'answers'],
    ['an answer that isn’t an object', (good: { answers: object[] }) => ({ ...good, answers: ['no', ...good.answers] }), 'answers'],
    ['an answer that is null', (good: { answers: object[] }) => ({ ...good, answers: [null, ...good.answers] }), 'answers'],
    ['a list of lists of answers', (good: { answers: object[] }) => ({ ...good, answers: [good.answers] }), 'answers'],
    ['no answers', (good: object) => ({ ...good, answers: [] }), 'answers'],
    [
      'more answers than a questionnaire has questions',
      (good: { answers: object[] }) => ({ ...good, answers: Array.from({ length: 101 }, () => good.answers[0]) }),
      'answers',
    ],
    ['a questionnaire’s id that isn’t one', (good: object) => ({ ...good, questionnaireId: '1' }), 'questionnaireId'],
    ['no questionnaire', (good: object) => ({ ...good, questionnaireId: undefined }), 'questionnaireId'],
  ] as [string, (good: object) => object, string][])('%s names its field', async (_, change, field) => {
    expect(await refused(change)).toMatchObject({ status: 400, body: { code: 'malformed', errors: [{ field }] } });
  });

  it('a note of 2,000 characters is kept', async () => {
    const { practitioner } = clinic;
    const patientId = await makePatient(practitioner);
    const answers = await makeAnswers(practitioner, { osteoporosis: { answer: 'yes', note: 'ñ'.repeat(2000) } });
    const { body } = await practitioner.api.post(`/api/patients/${patientId}/screenings`, answers);
    expect(body.findings[0].note).toBe('ñ'.repeat(2000));
  });
});

describe('medical advice', () => {
  const inDays = (days: number) =>
    new Intl.DateTimeFormat('en-CA', { timeZone: 'Europe/London' }).format(new Date(Date.now() + days * 86_400_000));

  it.each([
    ['without who gave it', { name: undefined }, 'name'],
    ['with an empty name', { name: '  ' }, 'name'],
    ['with a name of 201 characters', { name: 'n'.repeat(201) }, 'name'],
    ['with a name of two lines', { name: 'Jo\nField' }, 'name'],
    ['without a profession', { profession: undefined }, 'profession'],
    ['with a profession of 101 characters', { profession: 'p'.repeat(101) }, 'profession'],
    ['without a date', { date: undefined }, 'date'],
    ['on a day that doesn’t exist', { date: '2023-02-29' }, 'date'],
    ['on a day written otherwise', { date: '29/02/2024' }, 'date'],
    ['before 1900', { date: '1899-12-31' }, 'date'],
    ['in the future', { date: inDays(2) }, 'date'],
    ['in a later century', { date: '3000-01-01' }, 'date'],
    ['without what was advised', { text: undefined }, 'text'],
    ['with an empty text', { text: '\n' }, 'text'],
    ['with a text of 4,001 characters', { text: 't'.repeat(4001) }, 'text'],
    ['with an unknown key', { licence: '1' }, 'licence'],
  ])('%s is malformed', async (_, change, field) => {
    expect(await refused((good) => ({ ...good, advice: { ...ADVICE, ...change } }))).toMatchObject({
      status: 400,
      body: { code: 'malformed', errors: [{ field: `advice.${field}` }] },
    });
  });

  it.each([['ask a doctor'], [7], [true], [[]], [[ADVICE]]])('%j is no advice', async (advice) => {
    expect(await refused((good) => ({ ...good, advice }))).toMatchObject({ status: 400, body: { code: 'malformed' } });
  });

  it('of today clears', async () => {
    const { practitioner } = clinic;
    const answers = await makeAnswers(practitioner, { osteoporosis: { answer: 'yes' } });
    const advice = { ...ADVICE, date: inDays(0), text: 't'.repeat(4000) };
    const patientId = await makePatient(practitioner);
    expect(await practitioner.api.post(`/api/patients/${patientId}/screenings`, { ...answers, advice })).toMatchObject({
      status: 201,
      body: { outcome: 'cleared_with_precautions', advice },
    });
  });
});
