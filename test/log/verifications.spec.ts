import { sealed, tamper, until } from '../support/log.js';
import { makeClearedPatient, makeClinic, type TestClinic } from '../support/make.js';
import { startServer, type TestServer, withServer } from '../support/server.js';
import { asApplication, asSuperuser, PRIVILEGE, refusal } from '../support/sql.js';

let server: TestServer;
let clinic: TestClinic;
beforeAll(async () => {
  server = await startServer();
  clinic = await makeClinic(server);
});
afterAll(() => server.stop());

interface Verification {
  readonly id: string;
  readonly state: string;
  readonly findings: { subject: string; problem: string }[];
  readonly findingCount: number;
  readonly entries: number | null;
  readonly rows: number | null;
  readonly finishedAt: string | null;
}

async function verify({ administrator }: TestClinic): Promise<Verification> {
  const { status, body } = await administrator.api.post('/api/audit/verifications');
  expect([status, body.findings]).toEqual([202, []]);
  let verification = body as Verification;
  await until(async () => {
    verification = (await administrator.api.get(`/api/audit/verifications/${verification.id}`)).body as Verification;
    return verification.finishedAt !== null;
  });
  return verification;
}

describe('a verification', () => {
  it('is done in the background, and finds nothing where nothing was altered', async () => {
    await makeClearedPatient(clinic.practitioner);
    await sealed(server.database);
    const verification = await verify(clinic);
    expect(verification).toMatchObject({ state: 'clean', findings: [], findingCount: 0, problem: null, phase: null, anchored: 0 });
    const [count] = await asSuperuser(server, 'SELECT count(*) FROM audit.leaves');
    expect(verification.entries).toBeGreaterThan(0);
    expect(verification.entries).toBeLessThanOrEqual(Number(count?.['count']));
    expect(verification.rows).toBeGreaterThan(10);
    expect((await clinic.administrator.api.get('/api/audit/verifications')).body.items[0]).toMatchObject({
      id: verification.id,
      state: 'clean',
      findings: [],
    });
  });

  it('is one at a time: who asks again gets the one under way, and asking is recorded once', async () => {
    const { administrator } = await makeClinic(server);
    const asked = await Promise.all(Array.from({ length: 5 }, () => administrator.api.post('/api/audit/verifications')));
    expect(new Set(asked.map(({ body }) => body.id as string)).size).toBe(1);
    const { body } = await administrator.api.get('/api/audit/events?action=verify');
    expect(body.items).toHaveLength(1);
  });

  it('counts as interrupted when the server that did it says nothing any more', async () => {
    const { administrator } = await makeClinic(server);
    const [row] = await asSuperuser(
      server,
      `INSERT INTO audit.verifications (clinic_id, requested_by, requested_at, started_at, heartbeat_at)
       SELECT clinic_id, id, now() - interval '1 hour', now() - interval '1 hour', now() - interval '2 minutes' FROM app.staff WHERE id = $1 RETURNING id`,
      [administrator.id],
    );
    expect((await administrator.api.get(`/api/audit/verifications/${row?.['id']}`)).body).toMatchObject({ state: 'interrupted' });
    // And the next one isn't held up by it.
    expect((await administrator.api.post('/api/audit/verifications')).body.id).not.toBe(row?.['id']);
  });

  it('isn’t to be asked for, written or read past the API’s rules by raw SQL', async () => {
    const as = (token: string | null, sql: string) => refusal(asApplication(server, token, (client) => client.query(sql)));
    for (const person of [clinic.practitioner, clinic.receptionist]) {
      expect(await as(person.api.token ?? '', 'SELECT audit.request_verification()')).toBe(PRIVILEGE);
    }
    expect(await as(null, 'SELECT audit.request_verification()')).toBe(PRIVILEGE);
    const { token } = clinic.administrator.api;
    for (const sql of [
      'INSERT INTO audit.verifications DEFAULT VALUES',
      'UPDATE audit.verifications SET problem = NULL',
      'DELETE FROM audit.verifications',
      `INSERT INTO audit.findings VALUES (uuidv7(), 1, NULL, '', '')`,
      'DELETE FROM audit.findings',
    ]) {
      expect(await as(token ?? '', sql)).toBe(PRIVILEGE);
    }
  });
});

it('names what was altered to whose it is, and to others that something was', () =>
  withServer({}, async (altered) => {
    const [own, other] = [await makeClinic(altered), await makeClinic(altered)];
    const { consentId } = await makeClearedPatient(own.practitioner);
    await sealed(altered.database);
    await tamper(altered.database, (client) =>
      client.query(`UPDATE app.consents SET regions = regions || '{thoracic}' WHERE id = $1`, [consentId]),
    );
    const found = await verify(own);
    expect(found).toMatchObject({ state: 'altered', findingCount: 2 });
    expect(found.findings).toEqual([
      { subject: `consents ${consentId}`, problem: 'was changed without an event: regions' },
      { subject: `consent_scope of ${consentId}`, problem: 'don’t match it: rows were added, changed or removed' },
    ]);
    expect(await verify(other)).toMatchObject({ state: 'altered', findingCount: 2, findings: [] });
  }));
