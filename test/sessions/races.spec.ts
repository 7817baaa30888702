import { Client } from 'pg';
import {
  CONFIRMED,
  GIVEN,
  makeClearedPatient,
  makeClinic,
  makeDiscussion,
  makePatient,
  makeRepresentative,
  makeRepresentedPatient,
  makeScreening,
  type Person,
  type TestClinic,
} from '../support/make.js';
import { startServer, type TestServer } from '../support/server.js';
import { asSuperuser, licenceOf, type Permits, refusal, startSession } from '../support/sql.js';

let server: TestServer;
let clinic: TestClinic;
beforeAll(async () => {
  server = await startServer();
  clinic = await makeClinic(server);
});
afterAll(() => server.stop());

const WITHDRAWAL = { reason: 'I have changed my mind.', withdrawnBy: { kind: 'patient' } };
const start = (by: Person, patientId: string) => by.api.post(`/api/patients/${patientId}/sessions`, CONFIRMED);
const withdraw = (by: Person, consentId: string) => by.api.post(`/api/consents/${consentId}/withdrawal`, WITHDRAWAL);

describe('a withdrawal against parallel starts', () => {
  it('leaves no session that started after it was acknowledged, in 1,000 rounds', async () => {
    const { practitioner, administrator } = clinic;
    const rounds = await makeClearedPatients(practitioner, 1_000);
    const outcomes = new Set<string>();
    const round = async ({ patientId, consentId }: { patientId: string; consentId: string }, index: number) => {
      // Who is sent first alternates, and one start follows the acknowledgement.
      const first = index % 2 === 0 ? [start(practitioner, patientId)] : [];
      const withdrawal = withdraw(index % 3 === 0 ? administrator : practitioner, consentId);
      const second = [start(practitioner, patientId), start(practitioner, patientId)];
      const { status } = await withdrawal;
      const late = await start(practitioner, patientId);
      const statuses = (await Promise.all([...first, ...second])).map((answer) => answer.status);
      expect([status, late.status]).toEqual([200, 409]);
      expect(late.body.blockers).toContainEqual(expect.objectContaining({ code: 'consent.withdrawn' }));
      expect(statuses.filter((one) => one !== 201 && one !== 409)).toEqual([]);
      expect(statuses.filter((one) => one === 201).length).toBeLessThanOrEqual(1);
      outcomes.add(statuses.includes(201) ? 'started before the withdrawal' : 'refused');
    };
    await inParallel(8, rounds, round);

    const [found] = await asSuperuser(
      server,
      `SELECT count(*)::int AS sessions, count(*) FILTER (WHERE s.started_at >= c.withdrawn_at OR NOT c.in_force @> s.started_at)::int AS uncovered,
              (SELECT count(*)::int FROM app.consents WHERE clinic_id = $1 AND withdrawn_at IS NULL) AS "notWithdrawn"
         FROM app.sessions s JOIN app.consents c ON c.clinic_id = s.clinic_id AND c.id = s.consent_id WHERE s.clinic_id = $1`,
      [clinic.id],
    );
    expect(found).toMatchObject({ uncovered: 0, notWithdrawn: 0 });
    // Both outcomes were seen, so the two did race.
    expect(outcomes).toEqual(new Set(['started before the withdrawal', 'refused']));
  });
});

describe.each([
  ['a reported change', { nothingChanged: false, change: 'A fall.', stillConsents: true }, 'screening.change-reported'],
  ['a doubt', { nothingChanged: true, stillConsents: false, doubt: 'Not today.' }, 'consent.doubted'],
])('%s against parallel starts', (_, check, blocker) => {
  it('leaves no session that started after it was acknowledged, in 1,000 rounds', async () => {
    const own = await makeClinic(server);
    const { practitioner, colleague } = own;
    const rounds = await makeClearedPatients(practitioner, 1_000);
    const outcomes = new Set<string>();
    await inParallel(8, rounds, async ({ patientId }, index) => {
      const first = index % 2 === 0 ? [start(practitioner, patientId)] : [];
      const report = (index % 3 === 0 ? colleague : practitioner).api.post(`/api/patients/${patientId}/sessions`, check);
      const second = [start(practitioner, patientId), start(practitioner, patientId)];
      expect((await report).body.code).toBe('session.refused');
      const late = await start(practitioner, patientId);
      expect(late.body.blockers).toContainEqual(expect.objectContaining({ code: blocker }));
      const statuses = (await Promise.all([...first, ...second])).map(({ status }) => status);
      expect(statuses.filter((one) => one !== 201 && one !== 409)).toEqual([]);
      outcomes.add(statuses.includes(201) ? 'started before the report' : 'refused');
    });
    const [found] = await asSuperuser(
      server,
      `SELECT count(DISTINCT r.id)::int AS reports,
              count(s.id) FILTER (WHERE s.started_at >= r.reported_at OR NOT screening.clears @> s.started_at OR NOT consent.in_force @> s.started_at)::int AS uncovered
         FROM app.patient_reports r
         LEFT JOIN app.sessions   s         ON s.clinic_id = r.clinic_id AND s.patient_id = r.patient_id
         LEFT JOIN app.screenings screening ON screening.clinic_id = s.clinic_id AND screening.id = s.screening_id
         LEFT JOIN app.consents   consent   ON consent.clinic_id   = s.clinic_id AND consent.id   = s.consent_id
        WHERE r.clinic_id = $1`,
      [own.id],
    );
    expect(found).toEqual({ reports: 1_000, uncovered: 0 });
    expect(outcomes).toEqual(new Set(['started before the report', 'refused']));
  });
});

interface Ending {
  readonly token: string;
  readonly sql: string;
  readonly values: unknown[];
  /** Where the permit is kept. */
  readonly table: string;
}

/** What ends a permit, each as a transaction of its own that is left open. */
const ENDINGS: Record<string, (permits: Permits, by: TestClinic) => Ending> = {
  'a withdrawal': ({ consent }, { practitioner }) => ({
    token: practitioner.token,
    sql: `UPDATE app.consents SET withdrawn_by = 'patient', withdrawal_reason = 'no' WHERE id = $1`,
    table: 'consents',
    values: [consent],
  }),
  'a reported change': ({ patient }, { colleague }) => ({
    token: colleague.token,
    sql: `INSERT INTO app.patient_reports (patient_id, kind, words) VALUES ($1, 'change', 'A fall.')`,
    table: 'screenings',
    values: [patient],
  }),
  'a doubt about the consent': ({ patient }, { colleague }) => ({
    token: colleague.token,
    sql: `INSERT INTO app.patient_reports (patient_id, kind, words) VALUES ($1, 'doubt', 'Not today.')`,
    table: 'consents',
    values: [patient],
  }),
  'a revocation of the licence': ({ licence }, { administrator }) => ({
    token: administrator.token,
    sql: `UPDATE app.licences SET revocation_reason = 'struck off' WHERE id = $1`,
    table: 'licences',
    values: [licence],
  }),
  'a newer screening': ({ screening }, { colleague }) => ({
    token: colleague.token,
    sql: `INSERT INTO app.screenings (patient_id, questionnaire_id, answers) SELECT patient_id, questionnaire_id, answers FROM app.screenings WHERE id = $1`,
    table: 'screenings',
    values: [screening],
  }),
  'a disclosure that requires re-consent': (_, { administrator }) => ({
    token: administrator.token,
    sql: `INSERT INTO app.disclosures (language, content, requires_reconsent) SELECT language, content, true FROM app.disclosures ORDER BY version DESC LIMIT 1`,
    table: 'consents',
    values: [],
  }),
  'the end of the authority of who consented': ({ patient }, { receptionist }) => ({
    token: receptionist.token,
    sql: `UPDATE app.representatives SET end_reason = 'revoked' WHERE patient_id = $1`,
    table: 'consents',
    values: [patient],
  }),
  'a newer decision': ({ patient }, { practitioner }) => ({
    token: practitioner.token,
    sql: `INSERT INTO app.consents (discussion_id, decision, decided_by) SELECT id, 'refused', 'patient' FROM app.discussions WHERE patient_id = $1 ORDER BY opened_at DESC LIMIT 1`,
    table: 'consents',
    values: [patient],
  }),
};

describe.each(Object.keys(ENDINGS))('%s', (name) => {
  let own: TestClinic;
  let permits: Permits;
  let starting: Client;
  let ending: Client;
  beforeEach(async () => {
    own = await makeClinic(server);
    const { practitioner } = own;
    const { patientId, screeningId, consentId } = await makeRepresentedPatient(practitioner);
    permits = { patient: patientId, licence: await licenceOf(server, practitioner), screening: screeningId, consent: consentId };
    await makeDiscussion(practitioner, patientId);
    [starting, ending] = await Promise.all([connect(practitioner.token), connect(end().token)]);
  });
  afterEach(() => Promise.all([starting.end(), ending.end()]));
  const end = () => ENDINGS[name]?.(permits, own) ?? { token: '', sql: '', values: [], table: '' };
  const endPermit = () => ending.query(end().sql, end().values);

  it('waits for a start that is under way, which then lies before it', async () => {
    await startSession(permits)(starting);
    const ended = endPermit();
    await waitsFor(ending, starting);
    await starting.query('COMMIT');
    await ended;
    await ending.query('COMMIT');
    expect(await coverage(permits)).toEqual([{ covered: true }]);
  });

  it('that is under way makes a start wait, and refuses it', async () => {
    await endPermit();
    const started = refusal(startSession(permits)(starting));
    await waitsFor(starting, ending);
    await ending.query('COMMIT');
    expect(await started).toMatch(/^session_needs_(licence|screening|consent)$/);
    await starting.query('ROLLBACK');
    expect(await coverage(permits)).toEqual([]);
  });

  // Both wait for the permit's row. Whoever comes first, no start succeeds once the ending is through: it must read the clock
  // when its turn comes, or it would claim an instant at which the permit was still in force.
  it('that waits beside a start comes either after it or in its way', async () => {
    const holder = new Client({ connectionString: server.database.superuser });
    await holder.connect();
    await holder.query(`BEGIN; SELECT FROM app.${end().table} WHERE clinic_id = '${own.id}' FOR UPDATE`);
    const ended = endPermit().then(() => 'ended');
    await waitsFor(ending, holder);
    const started = refusal(startSession(permits)(starting));
    await waitsFor(starting, holder, ending);
    await holder.query('COMMIT');
    await holder.end();
    const startedFirst = (await Promise.race([ended, started])) === 'nothing refused';
    if (startedFirst) await starting.query('COMMIT');
    await ended;
    await ending.query('COMMIT');
    expect(await started).toMatch(startedFirst ? /^nothing refused$/ : /^session_needs_(licence|screening|consent)$/);
    expect(await coverage(permits)).toEqual(startedFirst ? [{ covered: true }] : []);
  });

  it('that is taken back lets the waiting start go on', async () => {
    await endPermit();
    const started = refusal(startSession(permits)(starting));
    await waitsFor(starting, ending);
    await ending.query('ROLLBACK');
    expect(await started).toBe('nothing refused');
    await starting.query('COMMIT');
    expect(await coverage(permits)).toEqual([{ covered: true }]);
  });
});

describe('the end of an authority', () => {
  let made: Awaited<ReturnType<typeof makeRepresentedPatient>>;
  let discussionId: string;
  let acting: Client;
  let ending: Client;
  beforeEach(async () => {
    const { practitioner, receptionist } = clinic;
    made = await makeRepresentedPatient(practitioner);
    discussionId = await makeDiscussion(practitioner, made.patientId);
    [acting, ending] = await Promise.all([connect(practitioner.token), connect(receptionist.token)]);
  });
  afterEach(() => Promise.all([acting.end(), ending.end()]));

  const end = () => ending.query(`UPDATE app.representatives SET end_reason = 'revoked' WHERE id = $1`, [made.representativeId]);
  const decide = () =>
    acting.query(
      `INSERT INTO app.consents (discussion_id, decision, decided_by, representative_id, alternatives_discussed, right_to_withdraw_told, teach_back, signature)
       VALUES ($1, 'given', 'representative', $2, true, true, 'He may be sore.', '{"name": "Lucía", "strokes": []}')`,
      [discussionId, made.representativeId],
    );
  const withdrawByIt = () =>
    acting.query(
      `UPDATE app.consents SET withdrawn_by = 'representative', withdrawn_by_representative = $2, withdrawal_reason = 'no' WHERE id = $1`,
      [made.consentId, made.representativeId],
    );
  const endings = async () =>
    (await asSuperuser(server, 'SELECT ended_because FROM app.consents WHERE patient_id = $1 ORDER BY decided_at', [made.patientId])).map(
      (row) => row['ended_because'],
    );

  /** Somebody who holds rows until they are let go. */
  async function hold(sql: string, id: string): Promise<Client> {
    const holder = new Client({ connectionString: server.database.superuser });
    await holder.connect();
    await holder.query('BEGIN');
    await holder.query(sql, [id]);
    return holder;
  }

  it('waits for a decision that has read the clock, and ends what was decided', async () => {
    // Without an earlier consent that both would wait for.
    const { practitioner } = clinic;
    const patientId = await makePatient(practitioner, { birthDate: '2020-01-01' });
    await makeScreening(practitioner, patientId);
    const representativeId = await makeRepresentative(practitioner, patientId);
    made = { ...made, patientId, representativeId };
    discussionId = await makeDiscussion(practitioner, patientId);
    // The decision is held up where it makes sure of who records it, before it makes sure of the authority.
    const holder = await hold('SELECT FROM app.staff WHERE id = $1 FOR UPDATE', practitioner.id);
    const decided = decide();
    await waitsFor(acting, holder);
    const ended = end();
    await waitsFor(ending, acting);
    await holder.end();
    await decided;
    await acting.query('COMMIT');
    await ended;
    await ending.query('COMMIT');
    expect(await endings()).toEqual(['unrepresented']);
  });

  it.each(['app.patients WHERE id = $1 FOR NO KEY UPDATE', 'app.consents WHERE patient_id = $1 FOR KEY SHARE'])(
    'reads the clock when its turn comes, after a session that started while it waited for %s',
    async (row) => {
      const holder = await hold(`SELECT FROM ${row}`, made.patientId);
      const ended = end();
      await waitsFor(ending, holder);
      const permits = {
        patient: made.patientId,
        licence: await licenceOf(server, clinic.practitioner),
        screening: made.screeningId,
        consent: made.consentId,
      };
      await startSession(permits)(acting);
      await acting.query('COMMIT');
      await holder.end();
      await ended;
      await ending.query('COMMIT');
      expect(await coverage(permits)).toEqual([{ covered: true }]);
    },
  );

  it('reads the clock when its turn comes, after a withdrawal in that name while it waited', async () => {
    const father = await makeRepresentative(clinic.practitioner, made.patientId, { relationship: 'father' });
    made = { ...made, representativeId: father };
    const holder = await hold('SELECT FROM app.representatives WHERE id = $1 FOR KEY SHARE', father);
    const ended = end();
    await waitsFor(ending, holder);
    await withdrawByIt();
    await acting.query('COMMIT');
    await holder.end();
    await ended;
    await ending.query('COMMIT');
    expect(await endings()).toEqual(['withdrawn']);
  });

  it('that is under way makes a decision wait, and refuses it', async () => {
    await end();
    const decided = refusal(decide());
    await waitsFor(acting, ending);
    await ending.query('COMMIT');
    expect(await decided).toBe('consent_needs_authority');
    await acting.query('ROLLBACK');
    expect(await endings()).toEqual(['unrepresented']);
  });

  it('waits for a withdrawal that is under way, and leaves it', async () => {
    await withdrawByIt();
    const ended = end();
    await waitsFor(ending, acting);
    await acting.query('COMMIT');
    await ended;
    await ending.query('COMMIT');
    expect(await endings()).toEqual(['withdrawn']);
  });

  it('that is under way makes a withdrawal wait, which then has nothing to withdraw', async () => {
    await end();
    const withdrawn = refusal(withdrawByIt());
    await waitsFor(acting, ending);
    await ending.query('COMMIT');
    expect(await withdrawn).toBe('withdrawal_of_consent_in_force');
    await acting.query('ROLLBACK');
    expect(await endings()).toEqual(['unrepresented']);
  });
});

describe('two at once', () => {
  it('start one session, and the other hears that it is open', async () => {
    const { practitioner, colleague } = clinic;
    for (let round = 0; round < 20; round++) {
      const { patientId } = await makeClearedPatient(practitioner);
      const answers = await Promise.all([start(practitioner, patientId), start(colleague, patientId), start(practitioner, patientId)]);
      expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
      for (const { body } of answers.filter(({ status }) => status === 409)) {
        expect(body.blockers.map(({ code }: { code: string }) => code)).toEqual(['session.already-open']);
      }
    }
  });

  it('decide once on one discussion', async () => {
    const { practitioner, colleague } = clinic;
    const patientId = await makePatient(practitioner);
    await makeScreening(practitioner, patientId);
    const discussion = await makeDiscussion(practitioner, patientId);
    const answers = await Promise.all(
      [practitioner, colleague, practitioner].map((by, index) =>
        by.api.post(`/api/discussions/${discussion}/consent`, { ...GIVEN, decision: index === 1 ? 'refused' : 'given' }),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
  });

  it('decide on two discussions, and one decision is in force', async () => {
    const { practitioner, colleague } = clinic;
    for (let round = 0; round < 10; round++) {
      const patientId = await makePatient(practitioner);
      await makeScreening(practitioner, patientId);
      const discussions = [await makeDiscussion(practitioner, patientId), await makeDiscussion(colleague, patientId)];
      const answers = await Promise.all(discussions.map((id) => practitioner.api.post(`/api/discussions/${id}/consent`, GIVEN)));
      expect(answers.map(({ status }) => status)).toEqual([201, 201]);
      const { body } = await practitioner.api.get(`/api/patients/${patientId}/consents`);
      expect(body.items.map(({ state }: { state: string }) => state).sort()).toEqual(['in_force', 'replaced']);
    }
  });

  it('screen, and one screening clears', async () => {
    const { practitioner, colleague } = clinic;
    for (let round = 0; round < 10; round++) {
      const patientId = await makePatient(practitioner);
      await Promise.all([practitioner, colleague, practitioner].map((by) => makeScreening(by, patientId)));
      const [open] = await asSuperuser(
        server,
        `SELECT count(*)::int AS clearing, bool_and(p.latest_screening_id = s.id) AS latest
           FROM app.screenings s JOIN app.patients p ON p.id = s.patient_id WHERE s.patient_id = $1 AND s.clears @> clock_timestamp()`,
        [patientId],
      );
      expect(open).toEqual({ clearing: 1, latest: true });
    }
  });
});

async function connect(token: string): Promise<Client> {
  const client = new Client({ connectionString: server.database.app });
  await client.connect();
  await client.query('BEGIN');
  await client.query('SELECT app.sign_on($1)', [token]);
  return client;
}

/** Returns once PostgreSQL says that one connection waits for one of the others. */
async function waitsFor(waiting: Client, ...blocking: Client[]): Promise<void> {
  const sql = 'SELECT pg_blocking_pids($1) && $2::int[] AS waits';
  const pids = [pidOf(waiting), blocking.map(pidOf)];
  for (let [found] = await asSuperuser(server, sql, pids); !found?.['waits']; [found] = await asSuperuser(server, sql, pids));
}

const pidOf = (client: Client): number => (client as Client & { processID: number }).processID;

/** Whether each session of the patient lies within everything that it cites. */
function coverage({ patient }: Permits): Promise<Record<string, string>[]> {
  return asSuperuser(
    server,
    `SELECT l.valid @> s.started_at AND g.clears @> s.started_at AND c.in_force @> s.started_at AS covered
       FROM app.sessions s
       JOIN app.licences   l ON l.id = s.licence_id
       JOIN app.screenings g ON g.id = s.screening_id
       JOIN app.consents   c ON c.id = s.consent_id
      WHERE s.patient_id = $1`,
    [patient],
  );
}

/** Many cleared patients, by the application's role in one transaction, since a thousand flows over HTTP take a while. */
async function makeClearedPatients(by: Person, count: number): Promise<{ patientId: string; consentId: string }[]> {
  const client = await connect(by.token);
  await client.query(
    `INSERT INTO app.patients (given_name, family_name, birth_date) SELECT 'Rosa', 'Race ' || n, '1984-05-17' FROM generate_series(1, ${count}) AS n`,
  );
  await client.query(`
    INSERT INTO app.screenings (patient_id, questionnaire_id, answers)
    SELECT p.id, q.id, (SELECT jsonb_agg(jsonb_build_object('code', i.code, 'answer', 'no')) FROM app.questionnaire_items i WHERE i.questionnaire_id = q.id)
      FROM app.patients p, app.questionnaires q WHERE p.family_name LIKE 'Race %'`);
  await client.query(`
    INSERT INTO app.discussions (patient_id, regions, techniques, aim, mode, language)
    SELECT id, '{lumbar}', '{mobilisation}', 'Less pain.', 'in_person', 'en' FROM app.patients WHERE family_name LIKE 'Race %'`);
  await client.query(`
    INSERT INTO app.discussed_risks (discussion_id, code)
    SELECT d.id, r.code FROM app.discussions d JOIN app.disclosure_risks r ON r.disclosure_id = d.disclosure_id AND r.always`);
  const { rows } = await client.query<{ patientId: string; consentId: string }>(`
    INSERT INTO app.consents (discussion_id, decision, decided_by, capacity_confirmed, alternatives_discussed, right_to_withdraw_told, teach_back, signature)
    SELECT id, 'given', 'patient', true, true, true, 'I may be sore.', '{"name": "Rosa", "strokes": []}' FROM app.discussions
    RETURNING patient_id AS "patientId", id AS "consentId"`);
  await client.query('COMMIT');
  await client.end();
  return rows;
}

async function inParallel<T>(width: number, items: readonly T[], work: (item: T, index: number) => Promise<void>): Promise<void> {
  const queue = items.entries();
  await Promise.all(
    Array.from({ length: width }, async () => {
      for (const [index, item] of queue) await work(item, index);
    }),
  );
}
