import { migrate } from '../../src/database/migrate.js';
import { withDatabase } from '../support/database.js';
import { makeClinic, makePatient, makeSession, makeClearedPatient, signIn, type TestClinic } from '../support/make.js';
import { applyReleased, makeReleasedClinic } from '../support/released.js';
import { age, archive, erase, makeErasable, makeTreatedLongAgo } from '../support/retention.js';
import { startServer, type TestServer, withServer } from '../support/server.js';
import { asApplication, asSuperuser } from '../support/sql.js';

let server: TestServer;
let clinic: TestClinic;
// A database for each test, since a verification is of all that is in it.
beforeEach(async () => {
  server = await startServer();
  clinic = await makeClinic(server);
});
afterEach(() => server.stop());

/** What a verification finds, as `subject problem`. */
async function findings({ api } = clinic.administrator): Promise<string[]> {
  let { body } = await api.post('/api/audit/verifications');
  while (['waiting', 'running'].includes(body.state as string)) ({ body } = await api.get(`/api/audit/verifications/${body.id}`));
  expect(['clean', 'altered']).toContain(body.state);
  return (body.findings as { subject: string; problem: string }[]).map(({ subject, problem }) => `${subject} ${problem}`);
}

/** Without what made the record old, save in rows that an erasure recorded anew. */
const beyondAge = async () => (await findings()).filter((finding) => !/^(licences|patients) .*: (valid|registered_at)$/.test(finding));

describe('after an erasure', () => {
  it('all that is left is as it was recorded, and goes on being compared', async () => {
    const { patientId, sessionId } = await makeTreatedLongAgo(server, clinic);
    const { patientId: present } = await makeClearedPatient(clinic.practitioner);
    await makeSession(clinic.practitioner, present);
    await erase(clinic, patientId);
    expect(await beyondAge()).toEqual([]);

    await asSuperuser(server, 'UPDATE app.consents SET capacity_confirmed = false WHERE patient_id = $1', [patientId]);
    await asSuperuser(server, 'ALTER TABLE app.consents DISABLE TRIGGER audit');
    await asSuperuser(server, `UPDATE app.consents SET right_to_withdraw_told = true, teach_back = 'x' WHERE patient_id = $1`, [patientId]);
    await asSuperuser(server, 'ALTER TABLE app.sessions DISABLE TRIGGER ALL');
    await asSuperuser(server, `UPDATE app.sessions SET started_at = started_at - interval '1 day' WHERE id = $1`, [sessionId]);
    expect((await beyondAge()).sort()).toEqual([
      expect.stringMatching(/^consents .* was changed without an event: teach_back$/),
      `sessions ${sessionId} was changed without an event: started, started_at`,
    ]);
  });

  it('details that no erasure took are missed', async () => {
    await erase(clinic, await makeErasable(server, clinic));
    const other = await makePatient(clinic.practitioner);
    await asSuperuser(server, 'UPDATE audit.events SET details = NULL, salt = NULL WHERE patient_id = $1', [other]);
    expect(await beyondAge()).toEqual([
      expect.stringMatching(/^event .*(its details are missing, and no erasure removed them|was changed before it got into the log)$/),
      `patients ${other} was added without an event`,
    ]);
  });

  it('the list of what it took can’t be made longer, and the erasure not another one', async () => {
    const erased = await erase(clinic, await makeErasable(server, clinic));
    const other = await makePatient(clinic.practitioner);
    await asSuperuser(server, 'INSERT INTO audit.erased_events SELECT clinic_id, id, $2 FROM audit.events WHERE patient_id = $1', [
      other,
      erased.body.id,
    ]);
    await asSuperuser(server, 'UPDATE audit.events SET details = NULL, salt = NULL WHERE patient_id = $1', [other]);
    const longer = `erasure ${erased.body.id} was changed without an event, or its list of events was`;
    expect(await beyondAge()).toEqual([longer, `patients ${other} was added without an event`]);
    await asSuperuser(server, 'DELETE FROM audit.erased_events WHERE event_id IN (SELECT id FROM audit.events WHERE patient_id = $1)', [
      other,
    ]);
    await asSuperuser(server, `UPDATE audit.erasures SET reason = 'another'`);
    expect(await beyondAge()).toContain(longer);
    await asSuperuser(server, 'DELETE FROM audit.erased_events');
    await asSuperuser(server, 'DELETE FROM audit.erasures');
    expect(await beyondAge()).toContain(`erasure ${erased.body.id} was removed`);
  });

  it('what a migration wrote down of the patient’s rows is gone too', async () => {
    const patientId = await makePatient(clinic.practitioner, { familyName: 'Zqmigrated' });
    await asSuperuser(server, `SELECT audit.record_present('app.patients', '{family_name}')`);
    await age(server, patientId);
    await archive(clinic, patientId);
    expect((await erase(clinic, patientId)).status).toBe(201);
    expect(await asSuperuser(server, `SELECT FROM audit.events WHERE details LIKE '%Zqmigrated%'`)).toEqual([]);
    expect(await beyondAge()).toEqual([]);
  });
});

describe('a database from before there were erasures', () => {
  it('has nothing to find once it is brought up to date', () =>
    withDatabase({ migrated: false }, async (database) => {
      await applyReleased(database, { before: '0010' });
      const { administratorId, receptionistId } = await makeReleasedClinic(database);
      const receptionist = await signIn({ ...server, database }, receptionistId);
      await asApplication({ ...server, database }, receptionist.token, (client) =>
        client.query(`INSERT INTO app.patients (given_name, family_name, birth_date) VALUES ('Rosa', 'García', '1984-05-17'); COMMIT`),
      );
      await applyReleased(database, { from: '0010' });
      expect(await migrate(database)).toContain('0002-plain-names.sql');
      await withServer({ shared: database }, async (upgraded) => {
        expect(await findings(await signIn(upgraded, administratorId))).toEqual([]);
      });
    }));
});
