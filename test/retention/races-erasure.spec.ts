import { Client } from 'pg';
import { makeClearedPatient, makeClinic, type Person, type TestClinic } from '../support/make.js';
import { archive, erase, hold, makeErasable } from '../support/retention.js';
import { startServer, type TestServer } from '../support/server.js';
import { asSuperuser, licenceOf, type Permits, refusal, startSession } from '../support/sql.js';

let server: TestServer;
let clinic: TestClinic;
const clients: Client[] = [];
beforeAll(async () => {
  server = await startServer();
});
beforeEach(async () => {
  clinic = await makeClinic(server);
});
afterEach(() => Promise.all(clients.splice(0).map((client) => client.end())));
afterAll(() => server.stop());

/** A transaction of the application that stays open. */
async function open({ token }: Person): Promise<Client> {
  const client = new Client({ connectionString: server.database.app });
  clients.push(client);
  await client.connect();
  await client.query('BEGIN');
  await client.query('SELECT app.sign_on($1)', [token]);
  return client;
}

/** Returns once PostgreSQL says that a connection of the application waits for this one. */
async function somebodyWaitsFor(client: Client): Promise<void> {
  const sql = `SELECT count(*)::int AS waiting FROM pg_stat_activity WHERE $1::int = ANY (pg_blocking_pids(pid))`;
  const pid = (client as Client & { processID: number }).processID;
  for (let waiting = 0; waiting === 0; waiting = Number((await asSuperuser(server, sql, [pid]))[0]?.['waiting']));
}

const ERASE = `SELECT app.erase_patient($1, 'old')`;
const PLACE = `INSERT INTO app.legal_holds (patient_id, reason) VALUES ($1, 'pending')`;

describe('a legal hold and an erasure', () => {
  it('that is placed first keeps the record', async () => {
    const patientId = await makeErasable(server, clinic);
    const placing = await open(clinic.administrator);
    await placing.query(PLACE, [patientId]);
    const erased = erase(clinic, patientId);
    await somebodyWaitsFor(placing);
    await placing.query('COMMIT');
    expect((await erased).body.code).toBe('erasure.legal-hold');
  });

  it('that comes while it runs comes too late, and hears so', async () => {
    const patientId = await makeErasable(server, clinic);
    const erasing = await open(clinic.administrator);
    await erasing.query(ERASE, [patientId]);
    const placed = hold(clinic, patientId);
    await somebodyWaitsFor(erasing);
    await erasing.query('COMMIT');
    expect((await placed).body.code).toBe('patient.erased');
    expect(await asSuperuser(server, 'SELECT FROM app.legal_holds WHERE patient_id = $1', [patientId])).toEqual([]);
  });

  it('that comes while it runs and is taken back is placed', async () => {
    const patientId = await makeErasable(server, clinic);
    const erasing = await open(clinic.administrator);
    await erasing.query(ERASE, [patientId]);
    const placed = hold(clinic, patientId);
    await somebodyWaitsFor(erasing);
    await erasing.query('ROLLBACK');
    expect((await placed).status).toBe(201);
  });
});

describe('a start and an archiving', () => {
  let permits: Permits;
  beforeEach(async () => {
    const { patientId, screeningId, consentId } = await makeClearedPatient(clinic.practitioner);
    permits = { patient: patientId, screening: screeningId, consent: consentId, licence: await licenceOf(server, clinic.practitioner) };
  });
  const patient = () => permits.patient ?? '';

  it('that is under way makes the archiving wait, and refuses it', async () => {
    const starting = await open(clinic.practitioner);
    await startSession(permits)(starting);
    const archived = archive(clinic, patient());
    await somebodyWaitsFor(starting);
    await starting.query('COMMIT');
    expect((await archived).body.code).toBe('patient.session-open');
  });

  it('that comes later waits, and hears that the patient is archived', async () => {
    const archiving = await open(clinic.receptionist);
    await archiving.query(`SELECT app.archive_patient($1, 'left')`, [patient()]);
    const started = clinic.practitioner.api.post(`/api/patients/${patient()}/sessions`, { nothingChanged: true, stillConsents: true });
    await somebodyWaitsFor(archiving);
    await archiving.query('COMMIT');
    const { status, body } = await started;
    expect([status, body.blockers.map(({ code }: { code: string }) => code)]).toEqual([409, ['patient.archived']]);
  });

  it('that comes later goes on where the archiving is taken back', async () => {
    const archiving = await open(clinic.receptionist);
    await archiving.query(`SELECT app.archive_patient($1, 'left')`, [patient()]);
    const starting = await open(clinic.practitioner);
    const started = refusal(startSession(permits)(starting));
    await somebodyWaitsFor(archiving);
    await archiving.query('ROLLBACK');
    expect(await started).toBe('nothing refused');
    await starting.query('COMMIT');
  });

  it('at once leave no open session of an archived patient, in 60 rounds', async () => {
    const outcomes = new Set<string>();
    for (let round = 0; round < 60; round++) {
      const { patientId } = await makeClearedPatient(clinic.practitioner);
      const start = () =>
        clinic.practitioner.api.post(`/api/patients/${patientId}/sessions`, { nothingChanged: true, stillConsents: true });
      const [started, archived] =
        round % 2
          ? await Promise.all([start(), archive(clinic, patientId)])
          : (await Promise.all([archive(clinic, patientId), start()])).toReversed();
      expect([
        [201, 409],
        [409, 200],
      ]).toContainEqual([started?.status, archived?.status]);
      outcomes.add(started?.status === 201 ? 'started' : 'archived');
    }
    expect(outcomes).toEqual(new Set(['started', 'archived']));
  });
});

describe('a search and an erasure', () => {
  const searches = () =>
    asSuperuser(server, `SELECT details FROM audit.events WHERE clinic_id = $1 AND action = 'search' AND details LIKE '%zqrace%'`, [
      clinic.id,
    ]);

  it('that is under way ends first, and its words go too', async () => {
    const patientId = await makeErasable(server, clinic, { familyName: 'Zqrace' });
    const searching = await open(clinic.receptionist);
    const { rows } = await searching.query(`SELECT id FROM app.search_patients('zqrace', NULL, NULL, 10, true)`);
    expect(rows).toEqual([{ id: patientId }]);
    const erased = erase(clinic, patientId);
    await somebodyWaitsFor(searching);
    const details = JSON.stringify({ query: 'zqrace', found: [patientId] });
    await searching.query(`SELECT audit.record_read('search', 'findPatients', NULL, NULL, $1)`, [details]);
    await searching.query('COMMIT');
    expect((await erased).body.searchesBlanked).toBe(1);
    expect(await searches()).toEqual([]);
  });

  it('that comes while it runs waits, and finds nobody', async () => {
    const patientId = await makeErasable(server, clinic, { familyName: 'Zqrace' });
    const erasing = await open(clinic.administrator);
    await erasing.query(ERASE, [patientId]);
    const found = clinic.receptionist.api.get('/api/patients?query=zqrace&archived=true');
    await somebodyWaitsFor(erasing);
    await erasing.query('COMMIT');
    expect((await found).body.items).toEqual([]);
  });
});

describe('two erasures of one patient', () => {
  it('happen once', async () => {
    const patientId = await makeErasable(server, clinic);
    const answers = await Promise.all([erase(clinic, patientId), erase(clinic, patientId), erase(clinic, patientId)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 410, 410]);
  });
});
