import type { Client } from 'pg';
import {
  makeAnswers,
  makeClearedPatient,
  makeClinic,
  makeDiscussion,
  makePatient,
  makeRepresentative,
  makeRepresentedPatient,
  makeScreening,
  PROPOSAL,
  type TestClinic,
} from '../support/make.js';
import { startServer, type TestServer } from '../support/server.js';
import { asApplication, asSuperuser, licenceOf, refusal, startSession } from '../support/sql.js';

let server: TestServer;
let clinic: TestClinic;
beforeAll(async () => {
  server = await startServer();
});
beforeEach(async () => {
  clinic = await makeClinic(server);
});
afterAll(() => server.stop());

const as = (statements: (client: Client) => Promise<unknown>, by = clinic.practitioner) =>
  refusal(asApplication(server, by.token, statements));

const ADVICE = { name: 'Dr Lee', profession: 'physician', date: '2026-01-02', text: 'Fine.' };
/** Texts that say nothing, and values that aren't texts. */
const HOLLOW = [null, '', '  ', '\u200b', '\u2060\u00a0', '\u3164', '…', [], ['Dr Lee'], {}, 0, true];

describe('what permits something says something, in raw SQL too', () => {
  it('medical advice', async () => {
    const { practitioner } = clinic;
    const patient = await makePatient(practitioner);
    const { questionnaireId, answers } = await makeAnswers(practitioner, { osteoporosis: { answer: 'yes' } });
    const screen = (advice: unknown) =>
      as((client) =>
        client.query('INSERT INTO app.screenings (patient_id, questionnaire_id, answers, advice) VALUES ($1, $2, $3, $4)', [
          patient,
          questionnaireId,
          JSON.stringify(answers),
          JSON.stringify(advice),
        ]),
      );
    expect(await screen(ADVICE)).toBe('nothing refused');
    const whole = [null, '', [], ['name', 'profession', 'date', 'text'], 'name', {}];
    const parts = Object.keys(ADVICE).flatMap((key) => HOLLOW.map((value) => ({ ...ADVICE, [key]: value })));
    for (const advice of [...whole, ...parts, { ...ADVICE, date: 'today' }, { ...ADVICE, date: '2026-02-30' }]) {
      expect([advice, await screen(advice)]).toEqual([advice, 'screening_advice_whole']);
    }
  });

  it.each([[{ regions: 'cervical' }], [{ regions: { 0: 'cervical' } }], [{ note: ['x'] }]])('an answer: not %j', async (part) => {
    const { practitioner } = clinic;
    const patient = await makePatient(practitioner);
    const { questionnaireId, answers } = await makeAnswers(practitioner, { systemic_inflammatory_disease: { answer: 'yes', ...part } });
    const sql = 'INSERT INTO app.screenings (patient_id, questionnaire_id, answers) VALUES ($1, $2, $3)';
    expect(await as((client) => client.query(sql, [patient, questionnaireId, JSON.stringify(answers)]))).toBe(
      'screening_answers_its_questions',
    );
  });

  it('the reason of an approval, the aim of a discussion, a representative', async () => {
    const { practitioner, colleague } = clinic;
    const patient = await makePatient(practitioner);
    const screening = await makeScreening(practitioner, patient, { earlier_reaction: { answer: 'yes' } });
    for (const hollow of ['', ' ', '\u200b', '\u2060', '\u3164', '…']) {
      const approve = 'INSERT INTO app.screening_approvals (screening_id, reason) VALUES ($1, $2)';
      expect(await as((client) => client.query(approve, [screening, hollow]), colleague)).toBe('approval_has_reason');
      const open = `INSERT INTO app.discussions (patient_id, regions, techniques, aim, mode, language) VALUES ($1, $2, $3, $4, 'in_person', 'en')`;
      expect(await as((client) => client.query(open, [patient, PROPOSAL.regions, PROPOSAL.techniques, hollow]))).toBe('discussion_has_aim');
      const represent =
        'INSERT INTO app.representatives (patient_id, name, relationship, authority, valid) VALUES ($1, $2, $3, $4, tstzrange(now(), NULL))';
      expect(await as((client) => client.query(represent, [patient, hollow, 'mother', 'birth certificate']))).toBe(
        'representative_has_name',
      );
      expect(await as((client) => client.query(represent, [patient, 'Lucía', 'mother', hollow]))).toBe('representative_has_authority');
    }
  });

  it('a teach-back, a signature, a witness', async () => {
    const { practitioner } = clinic;
    const patient = await makePatient(practitioner);
    await makeScreening(practitioner, patient);
    const discussion = await makeDiscussion(practitioner, patient);
    const decide = (teachBack: unknown, signature: unknown, witness?: unknown) =>
      as((client) =>
        client.query(
          `INSERT INTO app.consents (discussion_id, decision, decided_by, capacity_confirmed, alternatives_discussed, right_to_withdraw_told, teach_back, signature, witness)
           VALUES ($1, 'given', 'patient', true, true, true, $2, $3, $4)`,
          [discussion, teachBack, JSON.stringify(signature), JSON.stringify(witness)],
        ),
      );
    const name = { name: 'Rosa', strokes: [] };
    expect(await decide('I may be sore.', name, { name: 'Wanda' })).toBe('nothing refused');
    for (const hollow of [null, '', ' ', '\u200b', '\u2060', '\u3164']) {
      expect(await decide(hollow, name)).toBe('consent_needs_teach_back');
    }
    for (const hollow of HOLLOW) {
      expect([hollow, await decide('I may be sore.', { name: hollow, strokes: [] })]).toEqual([hollow, 'consent_needs_signature']);
      expect([hollow, await decide('I may be sore.', name, { name: hollow })]).toEqual([hollow, 'consent_witness_whole']);
    }
    expect(await decide('I may be sore.', ['name'])).toBe('consent_needs_signature');
    expect(await decide('I may be sore.', { name: 'Rosa', strokes: 'none' })).toBe('consent_needs_signature');
  });
});

describe('a recorded end counts when the clock was set back to before it', () => {
  /** As the clock would show it: what ended just now, ends an hour from now. */
  const setBack = (table: string, period: string, id: string) =>
    asSuperuser(
      server,
      `SET session_replication_role = replica;
       UPDATE app.${table} SET ${period} = tstzrange(clock_timestamp() - interval '1 day', clock_timestamp() + interval '1 hour') WHERE id = '${id}'`,
    );
  const withdrawal = { reason: 'no', withdrawnBy: { kind: 'patient' } };

  it.each([
    ['session_needs_licence', 'licence.revoked'],
    ['session_needs_screening', 'screening.referred'],
    ['session_needs_consent', 'consent.withdrawn'],
  ])('a start: %s', async (rule, code) => {
    const { practitioner, administrator } = clinic;
    const { patientId, screeningId, consentId } = await makeClearedPatient(practitioner);
    const licence = await licenceOf(server, practitioner);
    if (rule === 'session_needs_consent') {
      await practitioner.api.post(`/api/consents/${consentId}/withdrawal`, withdrawal);
      await setBack('consents', 'in_force', consentId);
    } else if (rule === 'session_needs_licence') {
      await administrator.api.post(`/api/licences/${licence}/revocation`, { reason: 'left' });
      await setBack('licences', 'valid', licence);
    } else {
      const newer = await makeScreening(practitioner, patientId);
      await asSuperuser(
        server,
        `SET session_replication_role = replica; UPDATE app.screenings SET clears = NULL, outcome = 'referred' WHERE id = '${newer}'`,
      );
      await setBack('screenings', 'clears', screeningId);
    }
    expect(await as(startSession({ patient: patientId, licence, screening: screeningId, consent: consentId }))).toBe(rule);
    const { body } = await practitioner.api.get(`/api/patients/${patientId}/clearance`);
    expect(body.allowed).toBe(false);
    expect(body.blockers).toMatchObject([{ code }]);
  });

  it('the acts that a session rests on, and a representative’s decision', async () => {
    const { practitioner, colleague, administrator } = clinic;
    const { patientId, representativeId } = await makeRepresentedPatient(practitioner);
    const discussion = await makeDiscussion(practitioner, patientId);
    await makeRepresentative(practitioner, patientId);
    await practitioner.api.post(`/api/representatives/${representativeId}/end`, { reason: 'revoked' });
    await setBack('representatives', 'valid', representativeId);
    const decide = `INSERT INTO app.consents (discussion_id, decision, decided_by, representative_id, alternatives_discussed, right_to_withdraw_told, teach_back, signature)
      VALUES ($1, 'given', 'representative', $2, true, true, 'I may be sore.', '{"name": "Lucía", "strokes": []}')`;
    expect(await as((client) => client.query(decide, [discussion, representativeId]))).toBe('consent_needs_authority');

    const licence = await licenceOf(server, colleague);
    await administrator.api.post(`/api/licences/${licence}/revocation`, { reason: 'left' });
    await setBack('licences', 'valid', licence);
    const answers = await makeAnswers(colleague);
    expect(await colleague.api.post(`/api/patients/${patientId}/screenings`, answers)).toMatchObject({ body: { code: 'licence.revoked' } });
  });
});
