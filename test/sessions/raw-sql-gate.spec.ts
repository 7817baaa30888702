import type { Client } from 'pg';
import {
  makeClearedPatient,
  makeClinic,
  makeConsent,
  makeDiscussion,
  makePatient,
  makeScreening,
  makeSession,
  type Person,
  type TestClinic,
} from '../support/make.js';
import { startServer, type TestServer } from '../support/server.js';
import { asApplication, asSuperuser, licenceOf, NOT_NULL, type Permits, PRIVILEGE, refusal, startSession } from '../support/sql.js';

let server: TestServer;
let clinic: TestClinic;
beforeAll(async () => {
  server = await startServer();
  clinic = await makeClinic(server);
});
afterAll(() => server.stop());

const as = <T>(token: string | null, statements: (client: Client) => Promise<T>, begin?: string): Promise<T> =>
  asApplication(server, token, statements, begin);

async function permitsOf(person: Person): Promise<Permits> {
  const { patientId, screeningId, consentId } = await makeClearedPatient(person);
  return { patient: patientId, licence: await licenceOf(server, person), screening: screeningId, consent: consentId };
}

describe('a session, started in raw SQL', () => {
  it('starts with a licence, a screening and a consent in force', async () => {
    const permits = await permitsOf(clinic.practitioner);
    expect(await refusal(as(clinic.practitioner.token, startSession(permits)))).toBe('nothing refused');
  });

  it.each<[string, string, (own: Permits, other: Permits) => Permits | Promise<Permits>]>([
    ['without a consent', 'session_needs_a_region', (own) => ({ ...own, consent: null })],
    ['without a screening', 'session_needs_a_region', (own) => ({ ...own, screening: null })],
    ['without a licence', NOT_NULL, (own) => ({ ...own, licence: null })],
    ['without a patient', NOT_NULL, (own) => ({ ...own, patient: null })],
    ['on a consent that doesn’t exist', 'session_needs_a_region', (own) => ({ ...own, consent: crypto.randomUUID() })],
    ['on a licence that doesn’t exist', 'session_needs_licence', (own) => ({ ...own, licence: crypto.randomUUID() })],
    ['on another patient’s consent', 'session_needs_consent', (own, other) => ({ ...own, consent: other.consent })],
    ['on another patient’s screening', 'session_needs_screening', (own, other) => ({ ...own, screening: other.screening })],
    ['with another patient’s permits', 'session_needs_screening', (own, other) => ({ ...other, patient: own.patient })],
    ['on a colleague’s licence', 'session_needs_licence', async (own) => ({ ...own, licence: await licenceOf(server, clinic.colleague) })],
  ])('is refused %s', async (_, rule, change) => {
    const [own, other] = [await permitsOf(clinic.practitioner), await permitsOf(clinic.practitioner)];
    expect(await refusal(as(clinic.practitioner.token, startSession(await change(own, other))))).toBe(rule);
  });

  it.each([
    ['consents', 'in_force', 'consent', 'session_needs_consent'],
    ['screenings', 'clears', 'screening', 'session_needs_screening'],
  ] as const)('is refused on expired %s, and on those that are not yet in force', async (table, period, permit, rule) => {
    const permits = await permitsOf(clinic.practitioner);
    for (const range of [
      `tstzrange(now() - interval '2 days', now() - interval '1 microsecond')`,
      `tstzrange(now() + interval '1 hour', now() + interval '2 days')`,
    ]) {
      await asSuperuser(server, `UPDATE app.${table} SET ${period} = ${range} WHERE id = $1`, [permits[permit]]);
      expect(await refusal(as(clinic.practitioner.token, startSession(permits)))).toBe(rule);
    }
  });

  it('is refused on an expired licence, in its last moment too', async () => {
    const { practitioner } = await makeClinic(server);
    const permits = await permitsOf(practitioner);
    await asSuperuser(server, `ALTER TABLE app.licences DISABLE TRIGGER revoke`);
    await asSuperuser(server, `UPDATE app.licences SET valid = tstzrange(lower(valid), clock_timestamp()) WHERE id = $1`, [
      permits.licence,
    ]);
    await asSuperuser(server, `ALTER TABLE app.licences ENABLE TRIGGER revoke`);
    expect(await refusal(as(practitioner.token, startSession(permits)))).toBe('session_needs_licence');
  });

  it('is refused on a withdrawn consent, a revoked licence, a replaced screening and a replaced consent', async () => {
    const { practitioner, administrator } = await makeClinic(server);
    const withdrawn = await permitsOf(practitioner);
    await practitioner.api.post(`/api/consents/${withdrawn.consent}/withdrawal`, { reason: 'no', withdrawnBy: { kind: 'patient' } });
    expect(await refusal(as(practitioner.token, startSession(withdrawn)))).toBe('session_needs_consent');

    const screenedAgain = await permitsOf(practitioner);
    await makeScreening(practitioner, screenedAgain.patient ?? '');
    expect(await refusal(as(practitioner.token, startSession(screenedAgain)))).toBe('session_needs_screening');

    const decidedAgain = await permitsOf(practitioner);
    await makeConsent(practitioner, await makeDiscussion(practitioner, decidedAgain.patient ?? ''));
    expect(await refusal(as(practitioner.token, startSession(decidedAgain)))).toBe('session_needs_consent');

    const revoked = await permitsOf(practitioner);
    await administrator.api.post(`/api/licences/${revoked.licence}/revocation`, { reason: 'struck off' });
    expect(await refusal(as(practitioner.token, startSession(revoked)))).toBe('session_needs_licence');
  });

  it('is refused after a referral', async () => {
    const { practitioner } = clinic;
    const permits = await permitsOf(practitioner);
    const referred = await makeScreening(practitioner, permits.patient ?? '', { spinal_tumour: { answer: 'yes' } });
    expect(await refusal(as(practitioner.token, startSession({ ...permits, screening: referred })))).toBe('session_needs_a_region');
  });

  it('is refused when the screening adds a risk that was not discussed', async () => {
    const { practitioner } = clinic;
    const permits = await permitsOf(practitioner);
    const advice = { name: 'Dr Lee', profession: 'physician', date: '2026-01-02', text: 'Fine.' };
    const screening = await makeScreening(practitioner, permits.patient ?? '', { osteoporosis: { answer: 'yes' } }, advice);
    expect(await refusal(as(practitioner.token, startSession({ ...permits, screening })))).toBe('session_needs_every_risk_discussed');
  });

  it('is refused unless nothing changed and the patient still consents, NULL included', async () => {
    const { patient, licence, screening, consent } = await permitsOf(clinic.practitioner);
    const attempt = (check: string) =>
      refusal(
        as(clinic.practitioner.token, (client) =>
          client.query(
            `INSERT INTO app.sessions (patient_id, licence_id, screening_id, consent_id, nothing_changed, still_consents)
             VALUES ($1, $2, $3, $4, ${check})`,
            [patient, licence, screening, consent],
          ),
        ),
      );
    expect(await attempt('false, true')).toBe('session_needs_nothing_changed');
    expect(await attempt('true, false')).toBe('session_needs_consent_confirmed');
    expect(await attempt('NULL, NULL')).toBe(NOT_NULL);
  });

  it('is refused twice for one patient', async () => {
    const permits = await permitsOf(clinic.practitioner);
    await makeSession(clinic.practitioner, permits.patient ?? '');
    expect(await refusal(as(clinic.practitioner.token, startSession(permits)))).toBe('session_one_open_per_patient');
  });

  it.each([
    ['started_at', `now() - interval '1 day'`],
    ['started', `tstzrange(now(), now(), '[]')`],
    ['practitioner_id', 'app.actor()'],
    ['clinic_id', 'app.clinic()'],
    ['id', 'uuidv7()'],
    ['ended_at', 'now()'],
  ])('can’t choose its %s', async (column, value) => {
    const { patient, licence, screening, consent } = await permitsOf(clinic.practitioner);
    const insert = (client: Client) =>
      client.query(
        `INSERT INTO app.sessions (patient_id, licence_id, screening_id, consent_id, nothing_changed, still_consents, ${column})
         OVERRIDING SYSTEM VALUE VALUES ($1, $2, $3, $4, true, true, ${value})`,
        [patient, licence, screening, consent],
      );
    expect(await refusal(as(clinic.practitioner.token, insert))).toMatch(new RegExp(`^(${PRIVILEGE}|428C9)$`));
  });

  it('takes the server’s instant, not the transaction’s', async () => {
    const permits = await permitsOf(clinic.practitioner);
    const { practitioner } = clinic;
    await as(practitioner.token, async (client) => {
      await practitioner.api.post(`/api/consents/${permits.consent}/withdrawal`, { reason: 'no', withdrawnBy: { kind: 'patient' } });
      // This transaction began before the withdrawal: its now() lies within the consent's period.
      expect(await refusal(startSession(permits)(client))).toBe('session_needs_consent');
    });
  });
});

describe('a consent, recorded in raw SQL', () => {
  const GIVEN = `'given', 'patient', true, true, true, 'I may be sore.', '{"name": "Rosa", "strokes": []}'`;
  const record = (discussion: string, values = GIVEN) =>
    refusal(
      as(clinic.practitioner.token, (client) =>
        client.query(
          `INSERT INTO app.consents (discussion_id, decision, decided_by, capacity_confirmed, alternatives_discussed, right_to_withdraw_told, teach_back, signature)
           VALUES ($1, ${values})`,
          [discussion],
        ),
      ),
    );

  it('is refused until every risk was discussed', async () => {
    const patient = await makePatient(clinic.practitioner);
    await makeScreening(clinic.practitioner, patient);
    expect(await record(await makeDiscussion(clinic.practitioner, patient, {}, ['headache']))).toBe('consent_needs_every_risk_discussed');
    expect(await record(await makeDiscussion(clinic.practitioner, patient))).toBe('nothing refused');
  });

  it.each([
    ['a decision that is neither', GIVEN.replace('given', 'maybe'), 'consent_decision_known'],
    ['NULL as the decision', GIVEN.replace(`'given'`, 'NULL'), NOT_NULL],
    ['NULL as the decider', GIVEN.replace(`'patient'`, 'NULL'), NOT_NULL],
    ['no representative’s name', GIVEN.replace(`'patient', true`, `'representative', false`), 'consent_names_representative'],
    ['an unconfirmed capacity', GIVEN.replace('true', 'false'), 'consent_without_capacity_needs_representative'],
    ['NULL as the capacity', GIVEN.replace('true', 'NULL'), NOT_NULL],
    ['no signature', `'given', 'patient', true, true, true, 'I may be sore.', NULL`, 'consent_needs_signature'],
    ['an empty signature', `'given', 'patient', true, true, true, 'I may be sore.', '{"name": " "}'`, 'consent_needs_signature'],
    [
      'an invisible signature',
      `'given', 'patient', true, true, true, 'I may be sore.', '{"name": "\u200b\u2060"}'`,
      'consent_needs_signature',
    ],
    [
      'a reordered signature',
      `'given', 'patient', true, true, true, 'I may be sore.', '{"name": "\u202eRosa"}'`,
      'consent_needs_signature',
    ],
    ['an invisible teach-back', GIVEN.replace('I may be sore.', '\u200b\u2060\u3164'), 'consent_needs_teach_back'],
    ['no teach-back', GIVEN.replace(`'I may be sore.'`, 'NULL'), 'consent_needs_teach_back'],
  ])('is refused with %s', async (_, values, rule) => {
    const patient = await makePatient(clinic.practitioner);
    await makeScreening(clinic.practitioner, patient);
    expect(await record(await makeDiscussion(clinic.practitioner, patient), values)).toBe(rule);
  });
});
