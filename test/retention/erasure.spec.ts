import { createHash } from 'node:crypto';
import { said } from '../support/accounts.js';
import { withClient } from '../support/database.js';
import {
  GIVEN,
  makeAnswers,
  makeClinic,
  makeConsent,
  makeDiscussion,
  makePatient,
  makeRepresentative,
  makeScreening,
  makeSession,
  SIGNATURE,
  type TestClinic,
} from '../support/make.js';
import { age, archive, erase, hold, makeTreatedLongAgo, storedEvents } from '../support/retention.js';
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

/** Every row of the database as text, as `table: row` in small letters. */
async function everyText(): Promise<string[]> {
  return withClient(server.database.superuser, async (client) => {
    const { rows: tables } = await client.query<{ name: string }>(
      `SELECT oid::regclass::text AS name FROM pg_class WHERE relkind IN ('r', 'm') AND relnamespace::regnamespace::text !~ '^(pg_|information_schema)'`,
    );
    const texts: string[] = [];
    for (const { name } of tables) {
      const { rows } = await client.query<{ row: string }>(`SELECT t::text AS row FROM ${name} t`);
      texts.push(...rows.map(({ row }) => `${name}: ${row}`.toLowerCase()));
    }
    return texts;
  });
}

const register = (patientId: string) => clinic.administrator.api.get(`/api/patients/${patientId}`);

/** A record with a word of its own in each text that it can hold. All of it happened eleven years ago. */
async function makeFullRecord(): Promise<{ patientId: string; sessionId: string; consentId: string; words: string[] }> {
  const { practitioner: by, colleague, administrator } = clinic;
  const words: string[] = [];
  const word = (name: string): string => {
    words.push(`zq${name}`);
    return `zq${name}`;
  };
  const patientId = await makePatient(by, {
    givenName: word('Given'),
    familyName: word('Maiden'),
    recordNumber: word('number'),
    email: `${word('mail')}@people.example`,
    phone: '+44 20 7946 0999',
    sex: 'female',
    preferredLanguage: 'es',
  });
  await by.api.get('/api/patients?query=ZQMAIDEN');
  await by.api.patch(`/api/patients/${patientId}`, { familyName: word('Family') }, '"1"');
  await by.api.get('/api/patients?query=zqfam');
  await by.api.get('/api/patients?query=nobody+zqFamily+here');
  const representativeId = await makeRepresentative(by, patientId, {
    name: word('Mother'),
    relationship: word('relationship'),
    authority: word('authority'),
  });
  const relative = { earlier_reaction: { answer: 'yes', note: word('note') } };
  const advice = { name: word('adviser'), profession: word('profession'), date: '2026-01-01', text: word('advice') };
  await by.api.post(`/api/patients/${patientId}/screenings`, { ...(await makeAnswers(by, relative)), advice });
  const screeningId = await makeScreening(by, patientId, relative);
  await colleague.api.post(`/api/screenings/${screeningId}/approval`, { reason: word('approval') });

  const represented = await makeDiscussion(by, patientId, { aim: word('aim'), interpreter: word('interpreter') });
  const withdrawn = await makeConsent(by, represented, {
    decidedBy: { kind: 'representative', id: representativeId },
    capacityConfirmed: false,
    teachBack: word('teachback'),
    signature: { ...SIGNATURE, name: word('signer') },
    witness: { name: word('witness'), strokes: SIGNATURE.strokes },
  });
  await by.api.post(`/api/consents/${withdrawn}/withdrawal`, {
    reason: word('withdrawal'),
    withdrawnBy: { kind: 'representative', id: representativeId },
  });
  await by.api.post(`/api/representatives/${representativeId}/end`, { reason: 'capacity_regained', note: word('endnote') });
  const discussionId = await makeDiscussion(by, patientId, {}, ['stroke']);
  await by.api.put(`/api/discussions/${discussionId}/risks/stroke`, { question: word('question'), answer: word('answer') });
  const consentId = await makeConsent(by, discussionId, { signature: { name: word('typed'), strokes: [] } });
  await by.api.post(`/api/patients/${patientId}/sessions`, { nothingChanged: false, change: word('change'), stillConsents: true });
  const [report] = (await by.api.get(`/api/patients/${patientId}/reports`)).body.items as { id: string }[];
  await by.api.post(`/api/patients/${patientId}/reports/${report?.id}/retraction`, { reason: word('retraction') });
  const sessionId = await makeSession(by, patientId);
  await by.api.post(`/api/sessions/${sessionId}/manipulations`, {
    region: 'lumbar',
    segment: 'L5',
    technique: 'mobilisation',
    response: word('response'),
  });
  await by.api.post(`/api/sessions/${sessionId}/end`);
  await age(server, patientId);
  const held = await hold(clinic, patientId, word('hold'));
  await administrator.api.post(`/api/legal-holds/${held.body.id}/lift`, { reason: word('lift') });
  // With an answer that is kept, in case the request is repeated.
  const key = { 'idempotency-key': `archive-${patientId}` };
  await clinic.receptionist.api.call('POST', `/api/patients/${patientId}/archive`, { reason: 'died' }, key);
  return { patientId, sessionId, consentId, words };
}

/** Every column of a patient's record in which something can be written about a person, or that is kept though it can. A new one fails until it is told. */
const TEXTS: Record<string, string> = {
  blanked: `consents.signature consents.signed_sha256 consents.teach_back consents.withdrawal_reason consents.witness
    discussed_risks.answer discussed_risks.question discussions.aim discussions.interpreter legal_holds.lift_reason legal_holds.reason
    manipulations.response patient_reports.retraction_reason patient_reports.words patients.birth_date patients.email patients.family_name patients.given_name patients.phone patients.preferred_language
    patients.record_number patients.search_text patients.sex patients.sort_name
    representatives.authority representatives.end_note representatives.name representatives.relationship screening_approvals.reason
    screenings.advice screenings.answers screenings.findings`,
  // Codes, published wording, and the digest of what was shown.
  kept: `consent_scope.region consent_scope.technique consents.decided_by consents.decision consents.ended_because consents.regions
    consents.shown_sha256 consents.withdrawn_by discussed_risks.code discussed_risks.title discussed_risks.wording discussions.language discussions.mode
    discussions.regions discussions.techniques manipulations.region manipulations.segment manipulations.side manipulations.technique
    sessions.consented_regions patient_reports.kind screenings.ended_because
    patients.archive_reason representatives.end_reason screening_regions.region screenings.added_risks screenings.cleared_regions screenings.outcome`,
};

describe('every text of a patient’s record', () => {
  it('is either blanked by an erasure or known to be kept', async () => {
    const columns = await asSuperuser(
      server,
      `WITH RECURSIVE record (id) AS (
         SELECT 'app.patients'::regclass::oid
          UNION
         SELECT c.conrelid FROM pg_constraint c JOIN record ON record.id = c.confrelid WHERE c.contype = 'f' AND c.connamespace = 'app'::regnamespace)
       SELECT relname || '.' || attname AS name
         FROM record JOIN pg_class ON pg_class.oid = record.id JOIN pg_attribute ON attrelid = record.id
        WHERE attnum > 0 AND NOT attisdropped AND atttypid::regtype::text ~ '^(text|jsonb?|date|bytea)'`,
    );
    const known = Object.values(TEXTS).flatMap((names) => names.split(/\s+/));
    expect(columns.map(({ name }) => name).sort()).toEqual(known.sort());
  });
});

describe('an erasure', () => {
  it('leaves no word of the record anywhere in the database', async () => {
    const { patientId, words } = await makeFullRecord();
    const placesOf = (word: string, texts: string[]) => texts.filter((text) => text.includes(word.toLowerCase()));
    const before = await everyText();
    expect(words.filter((word) => placesOf(word, before).length === 0)).toEqual([]);
    expect(said(await erase(clinic, patientId))[0]).toBe(201);
    const after = await everyText();
    expect([...words, '7946 0999', '@people.example'].flatMap((word) => placesOf(word, after))).toEqual([]);
  });

  it('leaves rows that every constraint still holds for, and the session covered', async () => {
    const { patientId, sessionId, consentId } = await makeFullRecord();
    await erase(clinic, patientId);
    await withClient(server.database.superuser, async (client) => {
      const { rows } = await client.query<{ table: string; name: string; text: string }>(
        `SELECT conrelid::regclass::text AS table, quote_ident(conname) AS name, pg_get_constraintdef(oid) AS text
           FROM pg_constraint WHERE connamespace = 'app'::regnamespace AND contype IN ('c', 'f') AND conrelid <> 0`,
      );
      expect(rows.length).toBeGreaterThan(100);
      await client.query('BEGIN');
      // Made anew, each is checked for every row that is there.
      for (const { table, name, text } of rows) {
        await client.query(`ALTER TABLE ${table} DROP CONSTRAINT ${name}; ALTER TABLE ${table} ADD CONSTRAINT ${name} ${text}`);
      }
      await client.query('ROLLBACK');
    });
    const covered = await asSuperuser(
      server,
      `SELECT s.consent_id AS consent, c.in_force @> s.started_at AND g.clears @> s.started_at AND l.valid @> s.started_at AS covered,
              cardinality(app.undiscussed_risks(s.clinic_id, s.screening_id, s.consent_id)) AS undiscussed
         FROM app.sessions s JOIN app.consents c ON c.id = s.consent_id JOIN app.screenings g ON g.id = s.screening_id JOIN app.licences l ON l.id = s.licence_id
        WHERE s.id = $1`,
      [sessionId],
    );
    expect(covered).toEqual([{ consent: consentId, covered: true, undiscussed: 0 }]);
    const session = await clinic.practitioner.api.get(`/api/sessions/${sessionId}`);
    expect([session.status, session.body.manipulations]).toEqual([
      200,
      [expect.objectContaining({ region: 'lumbar', segment: 'L5', response: null })],
    ]);
    const consent = await clinic.practitioner.api.get(`/api/consents/${consentId}`);
    expect([consent.status, consent.body.signature, consent.body.signedSha256]).toEqual([200, { name: '[erased]', strokes: [] }, null]);
  });

  it('changes nothing of the record of what happened but details and salts, and says which', async () => {
    const { patientId } = await makeFullRecord();
    const other = await makePatient(clinic.practitioner, { familyName: 'Zqother' });
    await clinic.colleague.api.get('/api/patients?query=zq&archived=true');
    await clinic.colleague.api.get('/api/patients?query=somebody+else');
    await clinic.administrator.api.get('/api/audit/events?text=zqfam');
    const before = await storedEvents(server, clinic);
    const { body: erasure } = await erase(clinic, patientId);
    const after = new Map((await storedEvents(server, clinic)).map((event) => [event.id, event]));

    const erased = new Set<string>();
    for (const event of before) {
      const now = after.get(event.id);
      const isErased = event.details !== null && now?.details === null;
      expect(now).toEqual(isErased ? { ...event, details: null, salt: null } : event);
      if (isErased) erased.add(event.id);
    }
    const searches = before.filter(({ id, action }) => action === 'search' && erased.has(id));
    expect(searches.map(({ details }) => details?.['query'])).toEqual(['ZQMAIDEN', 'zqfam', 'nobody zqFamily here', 'zq', 'zqfam']);
    expect(before.filter(({ id, patient_id }) => erased.has(id) && patient_id !== patientId)).toEqual(searches);
    expect(before.filter(({ patient_id, details, id }) => patient_id === patientId && details && !erased.has(id))).toEqual([]);

    // What the searches showed is recorded anew, without the words.
    const redactions = [...after.values()].filter(({ action }) => action === 'search.redaction');
    expect(redactions.map(({ subject, subject_id, details }) => [subject, subject_id, details])).toEqual(
      searches
        .map(({ id, subject, details }) => [subject, id, { found: (details?.['found'] ?? []) as unknown[] }] as const)
        .filter(([, , { found }]) => found.length > 0),
    );
    expect(redactions.at(-2)?.details?.['found']).toEqual(expect.arrayContaining([other, patientId]));
    expect(redactions.map(({ subject }) => subject)).toEqual(expect.arrayContaining(['findPatients', 'listEvents']));

    // Each event without details is explained by one row, and the list by the erasure's own event.
    const rows = await asSuperuser(server, 'SELECT event_id FROM audit.erased_events WHERE erasure_id = $1 ORDER BY event_id', [
      erasure.id,
    ]);
    const listed = rows.map(({ event_id }) => event_id ?? '');
    const unexplained = await asSuperuser(
      server,
      `SELECT FROM audit.events e WHERE details IS NULL AND details_sha256 IS NOT NULL
          AND NOT EXISTS (SELECT FROM audit.erased_events x WHERE x.clinic_id = e.clinic_id AND x.event_id = e.id)`,
    );
    expect([unexplained, [...erased].filter((id) => !listed.includes(id))]).toEqual([[], []]);
    const own = [...after.values()].find(({ action }) => action === 'erasure');
    expect(own).toMatchObject({
      subject: 'patients',
      subject_id: patientId,
      patient_id: patientId,
      details: {
        erasureId: erasure.id,
        reason: 'The retention period is over.',
        rows: { patients: 1, screenings: 2, consents: 2, legal_holds: 1 },
        searches: 5,
        eventsSha256: createHash('sha256').update(listed.join(',')).digest('hex'),
      },
    });
    expect(listed).toHaveLength(erasure.eventsBlanked + erasure.searchesBlanked);
  });

  it('is for good: the patient is gone from every route and search, and nothing is added', async () => {
    const { patientId, sessionId } = await makeTreatedLongAgo(server, clinic);
    const { body: consents } = await clinic.practitioner.api.get(`/api/patients/${patientId}/consents`);
    const { body: record } = await register(patientId);
    await erase(clinic, patientId);
    const { practitioner, administrator, receptionist } = clinic;
    for (const path of ['', '/representatives', '/screenings', '/consents', '/sessions', '/reports', '/legal-holds']) {
      expect([path, said(await administrator.api.get(`/api/patients/${patientId}${path}`))]).toEqual([path, [410, 'patient.erased']]);
    }
    for (const query of [record.recordNumber as string, 'Rosa', '[erased]', patientId, '1900-01-01', '']) {
      const found = await receptionist.api.get(`/api/patients?archived=true&query=${encodeURIComponent(query)}`);
      expect([query, found.body.items]).toEqual([query, []]);
    }
    const gone = [
      await erase(clinic, patientId),
      await archive(clinic, patientId),
      await receptionist.api.post(`/api/patients/${patientId}/restore`),
      await receptionist.api.patch(`/api/patients/${patientId}`, { givenName: 'Rosa' }, `"${record.version + 1}"`),
      await receptionist.api.patch(`/api/patients/${patientId}`, { phone: null }, `"${record.version + 1}"`),
      await receptionist.api.post(`/api/patients/${patientId}/representatives`, { name: 'x', relationship: 'x', authority: 'x' }),
      await practitioner.api.post(`/api/patients/${patientId}/screenings`, await makeAnswers(practitioner)),
      await hold(clinic, patientId),
      await practitioner.api.post(`/api/consents/${consents.items[0].id}/withdrawal`, { reason: 'x', withdrawnBy: { kind: 'patient' } }),
    ];
    expect(gone.map(said)).toEqual(gone.map(() => [410, 'patient.erased']));
    const clearance = await practitioner.api.get(`/api/patients/${patientId}/clearance`);
    expect(clearance.body.blockers[0].code).toBe('patient.erased');
    const start = await practitioner.api.post(`/api/patients/${patientId}/sessions`, { nothingChanged: true, stillConsents: true });
    expect([...said(start), start.body.blockers[0].code]).toEqual([409, 'session.refused', 'patient.erased']);
    expect((await practitioner.api.get(`/api/sessions/${sessionId}`)).status).toBe(200);
  });

  it('ends a consent that is still in force, and leaves an undecided discussion closed', async () => {
    const { practitioner, administrator } = clinic;
    await administrator.api.patch('/api/clinic/policy', { retentionYears: 1, consentValidDays: 1096 });
    const patientId = await makePatient(practitioner);
    await makeScreening(practitioner, patientId);
    const consentId = await makeConsent(practitioner, await makeDiscussion(practitioner, patientId));
    const open = await makeDiscussion(practitioner, patientId, {}, ['stroke']);
    await age(server, patientId, '2 years');
    await archive(clinic, patientId);
    expect((await practitioner.api.get(`/api/consents/${consentId}`)).body.state).toBe('in_force');
    expect(said(await erase(clinic, patientId))[0]).toBe(201);
    expect((await practitioner.api.get(`/api/consents/${consentId}`)).body.state).toBe('outdated');
    for (const code of ['stroke', 'headache']) {
      const discussed = await practitioner.api.put(`/api/discussions/${open}/risks/${code}`, { question: 'again?' });
      expect([code, said(discussed)]).toEqual([code, [410, 'patient.erased']]);
    }
    expect(said(await practitioner.api.post(`/api/discussions/${open}/consent`, GIVEN))).toEqual([410, 'patient.erased']);
  });
});
