import { migrate } from '../../src/database/migrate.js';
import { withClient, withDatabase } from '../support/database.js';
import {
  makeClinic,
  makeConsent,
  makeDisclosure,
  makeDiscussion,
  makePatient,
  makeScreening,
  makeSession,
  type TestClinic,
} from '../support/make.js';
import { applyReleased } from '../support/released.js';
import { startServer, type TestServer } from '../support/server.js';
import { asApplication, asSuperuser, PRIVILEGE, refusal } from '../support/sql.js';

let server: TestServer;
let clinic: TestClinic;
beforeAll(async () => {
  server = await startServer();
  clinic = await makeClinic(server);
});
afterAll(() => server.stop());

const cited = async (sessionId: string) =>
  (
    await asSuperuser(server, 'SELECT consented_regions AS regions, disclosure_version AS version FROM app.sessions WHERE id = $1', [
      sessionId,
    ])
  )[0];

describe('a session', () => {
  it('keeps the regions of its consent, and the version that it followed', async () => {
    const { practitioner, administrator } = clinic;
    const patientId = await makePatient(practitioner);
    await makeScreening(practitioner, patientId);
    const discussionId = await makeDiscussion(practitioner, patientId);
    await makeDisclosure(administrator);
    await makeConsent(practitioner, discussionId, { regions: ['lumbar'] });
    const sessionId = await makeSession(practitioner, patientId);
    expect(await cited(sessionId)).toEqual({ regions: ['lumbar'], version: 1 });
    await practitioner.api.post(`/api/sessions/${sessionId}/end`);
    expect(await cited(sessionId)).toEqual({ regions: ['lumbar'], version: 1 });
    await makeConsent(practitioner, await makeDiscussion(practitioner, patientId));
    expect(await cited(await makeSession(practitioner, patientId))).toEqual({ regions: ['cervical', 'lumbar'], version: 2 });
  });

  it.each([`UPDATE app.sessions SET disclosure_version = 9`, `UPDATE app.sessions SET consented_regions = '{}'`])(
    'takes nobody’s word for it: %s',
    async (sql) => {
      expect(await refusal(asApplication(server, clinic.practitioner.token, (client) => client.query(sql)))).toBe(PRIVILEGE);
    },
  );
});

describe('the report’s indexes', () => {
  it('are there for each region', async () => {
    const rows = await asSuperuser(
      server,
      `SELECT region FROM unnest(app.regions()) AS region
        WHERE NOT EXISTS (SELECT FROM pg_indexes WHERE schemaname = 'app' AND tablename = 'sessions'
                             AND indexdef LIKE format('%%(clinic_id, started_at, id) WHERE (%L::text = ANY (consented_regions))', region))`,
    );
    expect(rows).toEqual([]);
  });
});

describe('the migration', () => {
  it('copies to sessions of before, ended or not, and says so in the record, and leaves no trigger switched off', () =>
    withDatabase({ migrated: false }, async (database) => {
      await applyReleased(database, { before: '0009' });
      const sql = (text: string) => withClient(database.superuser, (client) => client.query(text));
      const [one, two] = ['00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000002'];
      await sql(`
        SET session_replication_role = replica;
        INSERT INTO app.disclosures (clinic_id, id, version, language, content, published_by) VALUES ('${one}', '${one}', 7, 'en', '{}', '${one}');
        INSERT INTO app.discussions (clinic_id, id, patient_id, screening_id, disclosure_id, regions, techniques, aim, mode, language, practitioner_id)
        VALUES ('${one}', '${one}', '${one}', '${one}', '${one}', '{lumbar}', '{traction}', 'x', 'phone', 'en', '${one}');
        INSERT INTO app.consents (clinic_id, id, discussion_id, patient_id, decision, regions, decided_by, alternatives_discussed, right_to_withdraw_told,
                                  teach_back, signature, recorded_by, decided_at, shown_sha256, in_force)
        VALUES ('${one}', '${one}', '${one}', '${one}', 'given', '{lumbar}', 'patient', true, true, 'x', '{"name": "x"}', '${one}', now(), '', tstzrange(now(), NULL));
        INSERT INTO app.sessions (clinic_id, id, patient_id, practitioner_id, licence_id, screening_id, consent_id, nothing_changed, still_consents, started_at, ended_at, ended_by)
        SELECT '${one}', id, id, '${one}', '${one}', '${one}', '${one}', true, true, now(), ended, CASE WHEN ended IS NOT NULL THEN '${one}'::uuid END
          FROM (VALUES ('${one}'::uuid, now()), ('${two}', NULL)) AS two (id, ended)`);
      await applyReleased(database, { from: '0009' });
      await migrate(database);
      const { rows } = await sql('SELECT consented_regions AS regions, disclosure_version AS version FROM app.sessions');
      expect(rows).toEqual(Array.from({ length: 2 }, () => ({ regions: ['lumbar'], version: 7 })));
      // One that says what is there now, as verification wants it, and none of a change by somebody.
      const events = await sql(`SELECT action FROM audit.events WHERE subject = 'sessions' AND details LIKE '%consented_regions%'`);
      expect(events.rowCount).toBe(2);
      expect((await sql(`SELECT FROM pg_trigger WHERE tgrelid = 'app.sessions'::regclass AND tgenabled <> 'O'`)).rowCount).toBe(0);
    }));
});
