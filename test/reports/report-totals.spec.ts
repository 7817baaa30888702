import { withClient } from '../support/database.js';
import {
  CONFIRMED,
  makeClearedPatient,
  makeClinic,
  makeConsent,
  makeDisclosure,
  makeDiscussion,
  makePatient,
  makeRepresentative,
  makeScreening,
  makeSession,
  type TestClinic,
} from '../support/make.js';
import { startServer, type TestServer } from '../support/server.js';
import { licenceOf } from '../support/sql.js';

let server: TestServer;
let clinic: TestClinic;
beforeAll(async () => {
  server = await startServer();
});
beforeEach(async () => {
  clinic = await makeClinic(server);
});
afterAll(() => server.stop());

// oxlint-disable-next-line typescript/no-explicit-any -- as an Answer's body
async function totals(query = ''): Promise<any> {
  const { status, body } = await clinic.administrator.api.get(`/api/reports/disclosures/totals${query}`);
  expect(status).toBe(200);
  return body;
}

/** Past every trigger and key, as only a superuser can. `$name` stands for one of the ids. */
async function damage(sql: string, ids: Record<string, string>): Promise<void> {
  await withClient(server.database.superuser, async (client) => {
    await client.query('SET session_replication_role = replica');
    const result = await client.query(sql.replaceAll(/\$(\w+)/g, (_, name: string) => `'${ids[name] ?? ''}'`));
    if ([result].flat().at(-1)?.rowCount === 0) throw new Error('Nothing was damaged.');
  });
}

async function makeCoveredSession(): Promise<Record<string, string>> {
  const ids = await makeClearedPatient(clinic.practitioner);
  const session = await makeSession(clinic.practitioner, ids.patientId);
  return {
    session,
    patient: ids.patientId,
    screening: ids.screeningId,
    discussion: ids.discussionId,
    consent: ids.consentId,
    licence: await licenceOf(server, clinic.practitioner),
    colleaguesLicence: await licenceOf(server, clinic.colleague),
    practitioner: clinic.practitioner.id,
    representative: await makeRepresentative(clinic.practitioner, ids.patientId),
  };
}

describe('GET /reports/disclosures/totals', () => {
  it('counts sessions, the risks discussed before them, and refusals by what was in the way', async () => {
    const { patientId } = await makeClearedPatient(clinic.practitioner);
    for (let visit = 1; visit <= 3; visit += 1) {
      await clinic.practitioner.api.post(`/api/sessions/${await makeSession(clinic.practitioner, patientId)}/end`);
    }
    const other = await makePatient(clinic.colleague);
    await makeScreening(clinic.colleague, other, { osteoporosis: { answer: 'yes' } }, ADVICE);
    await makeConsent(clinic.colleague, await makeDiscussion(clinic.colleague, other, { regions: ['pelvic'] }));
    await makeSession(clinic.colleague, other);
    const waiting = await makePatient(clinic.practitioner);
    await clinic.practitioner.api.post(`/api/patients/${waiting}/sessions`, CONFIRMED);
    await makeScreening(clinic.practitioner, waiting);
    await clinic.practitioner.api.post(`/api/patients/${waiting}/sessions`, CONFIRMED);

    const exceptions = { count: 0, items: [] };
    const refusals = {
      count: 2,
      byBlocker: [
        { blocker: 'consent.none', count: 2 },
        { blocker: 'screening.none', count: 1 },
      ],
    };
    const weeks = (sessions: number) => [{ week: expect.stringMatching(/^\d{4}-\d\d-\d\d$/), sessions, covered: sessions }];
    // Five risks for three sessions, and six for one.
    expect(await totals()).toEqual({ sessions: 4, covered: 4, exceptions, weeks: weeks(4), risksDiscussed: 11, refusals });
    expect(await totals(`?practitionerId=${clinic.colleague.id}`)).toEqual({
      sessions: 1,
      covered: 1,
      exceptions,
      weeks: weeks(1),
      risksDiscussed: 6,
      refusals: { count: 0, byBlocker: [] },
    });
    expect(await totals(`?patientId=${waiting}`)).toEqual({ sessions: 0, covered: 0, exceptions, weeks: [], risksDiscussed: 0, refusals });
    expect(await totals('?region=pelvic')).toMatchObject({ sessions: 1, covered: 1, exceptions, risksDiscussed: 6, refusals: null });
    expect(await totals('?disclosureVersion=1')).toMatchObject({ sessions: 4, refusals: null });
    expect(await totals('?until=2001-01-01')).toMatchObject({ sessions: 0, refusals: { count: 0 } });
  });

  it('counts by weeks that begin on Monday in the clinic’s time zone', async () => {
    clinic = await makeClinic(server, { timeZone: 'Pacific/Auckland' });
    const { patientId } = await makeClearedPatient(clinic.practitioner);
    // A Sunday evening, an hour later the Monday there: in UTC it is Sunday for both.
    for (const instant of ['2026-03-01 23:30', '2026-03-02 00:30', '2026-03-08 23:30']) {
      const session = await makeSession(clinic.practitioner, patientId);
      await clinic.practitioner.api.post(`/api/sessions/${session}/end`);
      await damage(`UPDATE app.sessions SET started_at = $instant::timestamp AT TIME ZONE 'Pacific/Auckland' WHERE id = $session`, {
        instant,
        session,
      });
    }
    expect((await totals()).weeks).toEqual([
      { week: '2026-02-23', sessions: 1, covered: 0 },
      { week: '2026-03-02', sessions: 2, covered: 0 },
    ]);
  });

  it('finds no exception in what the gate let through, whatever ended afterwards', async () => {
    const { practitioner, colleague, administrator } = clinic;
    const end = async (sessionId: string) => practitioner.api.post(`/api/sessions/${sessionId}/end`);
    // Screened and consenting again, withdrawn, a text that requires re-consent, a licence revoked.
    const { patientId, consentId } = await makeClearedPatient(practitioner);
    await end(await makeSession(practitioner, patientId));
    await makeScreening(practitioner, patientId);
    await end(await makeSession(practitioner, patientId));
    const again = await makeConsent(practitioner, await makeDiscussion(practitioner, patientId));
    await end(await makeSession(practitioner, patientId));
    await practitioner.api.post(`/api/consents/${again}/withdrawal`, { reason: 'enough', withdrawnBy: { kind: 'patient' } });
    await makeConsent(practitioner, await makeDiscussion(practitioner, patientId), { regions: ['lumbar'] });
    await end(await makeSession(practitioner, patientId));
    await makeDisclosure(administrator, { requiresReconsent: true });

    // A minor's mother; a finding that a colleague approved.
    const child = await makePatient(practitioner, { birthDate: `${new Date().getUTCFullYear() - 10}-01-01` });
    const screening = await makeScreening(practitioner, child, { earlier_reaction: { answer: 'yes' } });
    await colleague.api.post(`/api/screenings/${screening}/approval`, { reason: 'seen' });
    const id = await makeRepresentative(practitioner, child);
    await makeConsent(practitioner, await makeDiscussion(practitioner, child), { decidedBy: { kind: 'representative', id } });
    await makeSession(practitioner, child);
    await administrator.api.post(`/api/licences/${await licenceOf(server, practitioner)}/revocation`, { reason: 'left' });

    expect(await totals()).toMatchObject({ sessions: 5, covered: 5, exceptions: { count: 0 } });
    expect((await administrator.api.get(`/api/consents/${consentId}`)).body.state).toBe('replaced');
  });
});

const ADVICE = { name: 'Dr. Orth', profession: 'orthopaedist', date: '2026-01-10', text: 'Low force only.' };
const BEFORE = `(SELECT started_at - interval '1 microsecond' FROM app.sessions WHERE id = $session)`;

/** What could have gone wrong, and which condition then fails. */
const DAMAGES: Record<string, [sql: string, ...conditions: string[]]> = {
  'the licence of somebody else': ['UPDATE app.sessions SET licence_id = $colleaguesLicence WHERE id = $session', 'licence'],
  'a licence that had expired': [`UPDATE app.licences SET valid = tstzrange(lower(valid), ${BEFORE}) WHERE id = $licence`, 'licence'],
  'a licence that was revoked and stayed open': [
    `UPDATE app.licences SET revoked_at = ${BEFORE}, revoked_by = practitioner_id, revocation_reason = 'x' WHERE id = $licence`,
    'licence',
  ],
  'no licence': ['DELETE FROM app.licences WHERE id = $licence', 'licence', 'unlicensed'],
  'a screening by somebody without a licence': [
    'UPDATE app.screenings SET licence_id = NULL, unlicensed = true WHERE id = $screening',
    'unlicensed',
  ],
  'a risk discussed by somebody whose licence it wasn’t': [
    `UPDATE app.discussed_risks SET licence_id = $colleaguesLicence WHERE discussion_id = $discussion AND code = 'stroke'`,
    'unlicensed',
  ],
  'a consent recorded before the licence began': [
    `UPDATE app.consents SET licence_id = NULL, unlicensed = true WHERE id = $consent`,
    'unlicensed',
  ],
  'a screening that had expired': [
    `UPDATE app.screenings SET clears = tstzrange(lower(clears), ${BEFORE}) WHERE id = $screening`,
    'screening',
  ],
  'a screening after the start': [
    `UPDATE app.screenings SET performed_at = performed_at + interval '1 hour', clears = tstzrange(performed_at - interval '1 hour', upper(clears)) WHERE id = $screening`,
    'screening',
  ],
  'a newer screening that ended nothing': [
    `INSERT INTO app.screenings (clinic_id, patient_id, questionnaire_id, answers, performed_by, performed_at, outcome, findings, added_risks, cleared_regions, licence_id)
     SELECT clinic_id, patient_id, questionnaire_id, answers, performed_by, ${BEFORE}, 'referred', '[]', '{}', '{}', licence_id
       FROM app.screenings WHERE id = $screening`,
    'screening',
  ],
  'the screening of another patient': ['UPDATE app.screenings SET patient_id = uuidv7() WHERE id = $screening', 'screening', 'region'],
  'a consent that had ended': [`UPDATE app.consents SET in_force = tstzrange(lower(in_force), ${BEFORE}) WHERE id = $consent`, 'consent'],
  'a withdrawal that ended nothing': [
    `UPDATE app.consents SET withdrawn_at = ${BEFORE}, withdrawn_by = 'patient', withdrawal_reason = 'x', withdrawal_recorded_by = recorded_by WHERE id = $consent`,
    'consent',
  ],
  'a refusal that ended nothing': [
    `INSERT INTO app.consents (clinic_id, discussion_id, patient_id, decision, decided_by, recorded_by, decided_at, shown_sha256)
     SELECT clinic_id, uuidv7(), patient_id, 'refused', 'patient', recorded_by, ${BEFORE}, shown_sha256 FROM app.consents WHERE id = $consent`,
    'consent',
  ],
  'no consent': ['DELETE FROM app.consents WHERE id = $consent', 'consent', 'risks', 'region', 'record'],
  'a risk that was left out': [`DELETE FROM app.discussed_risks WHERE discussion_id = $discussion AND code = 'stroke'`, 'risks'],
  'a risk discussed after the decision': [
    `UPDATE app.discussed_risks SET discussed_at = discussed_at + interval '1 hour' WHERE discussion_id = $discussion AND code = 'stroke'`,
    'risks',
  ],
  'a risk that the screening added': [`UPDATE app.screenings SET added_risks = '{rib_fracture}' WHERE id = $screening`, 'risks'],
  'no discussion': ['DELETE FROM app.discussions WHERE id = $discussion', 'risks', 'record'],
  'a region that wasn’t cleared': [`UPDATE app.screenings SET cleared_regions = '{thoracic}' WHERE id = $screening`, 'region'],
  'a representative whose authority was ended before the start': [
    `UPDATE app.consents SET decided_by = 'representative', representative_id = $representative WHERE id = $consent;
     UPDATE app.representatives
        SET valid = tstzrange(now() - interval '1 day', now() + interval '1 day'), end_reason = 'revoked', ended_by = $practitioner,
            ended_at = (SELECT started_at FROM app.sessions WHERE id = $session)
      WHERE id = $representative`,
    'authority',
  ],
  'a representative without authority': [
    `UPDATE app.consents SET decided_by = 'representative', representative_id = uuidv7() WHERE id = $consent`,
    'authority',
  ],
  'questions at the start that were answered otherwise': [
    `ALTER TABLE app.sessions DROP CONSTRAINT session_needs_consent_confirmed; UPDATE app.sessions SET still_consents = false WHERE id = $session`,
    'check',
  ],
  'another version than the consent’s': ['UPDATE app.sessions SET disclosure_version = 2 WHERE id = $session', 'record'],
  'other regions than the consent’s': [`UPDATE app.sessions SET consented_regions = '{lumbar}' WHERE id = $session`, 'record'],
};

describe('an exception', () => {
  it.each(Object.entries(DAMAGES))('is found: a session with %s', async (_, [sql, ...conditions]) => {
    const ids = await makeCoveredSession();
    expect(await totals()).toMatchObject({ sessions: 1, covered: 1 });
    await damage(sql, ids);
    const found = await totals();
    expect(found).toMatchObject({ sessions: 1, covered: 0, exceptions: { count: 1 } });
    expect(found.exceptions.items).toEqual([
      {
        sessionId: ids['session'],
        patientId: ids['patient'],
        patient: expect.objectContaining({ id: ids['patient'], givenName: 'Rosa', familyName: 'García' }),
        practitioner: { id: expect.any(String), name: expect.stringMatching(/^(Ben|Carla) /) },
        startedAt: expect.any(String),
        conditions,
      },
    ]);
  });

  it('is found among others: a session out of nothing, newest first, a hundred named and all counted', async () => {
    const ids = await makeCoveredSession();
    const waiting = await makePatient(clinic.practitioner);
    await damage(
      `INSERT INTO app.sessions (clinic_id, patient_id, practitioner_id, licence_id, screening_id, consent_id, nothing_changed, still_consents, started_at, ended_at, ended_by)
       SELECT clinic_id, $waiting, practitioner_id, licence_id, uuidv7(), uuidv7(), true, true, started_at + n * interval '1 second', started_at + interval '1 hour', practitioner_id
         FROM app.sessions, generate_series(1, 130) AS n WHERE id = $session`,
      { ...ids, waiting },
    );
    const { sessions, covered, exceptions } = await totals();
    expect({ sessions, covered, count: exceptions.count, named: exceptions.items.length }).toEqual({
      sessions: 131,
      covered: 1,
      count: 130,
      named: 100,
    });
    expect(exceptions.items[0]).toMatchObject({ patientId: waiting, conditions: ['screening', 'consent', 'risks', 'region', 'record'] });
    const starts = exceptions.items.map(({ startedAt }: { startedAt: string }) => startedAt);
    expect(starts).toEqual([...starts].sort().toReversed());
    // Whom it named is in the record.
    const { body } = await clinic.administrator.api.get('/api/audit/events?action=search');
    expect(body.items[0]).toMatchObject({ subject: 'countDisclosures', details: { found: [waiting] } });
  });
});
