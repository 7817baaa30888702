import { hashToken } from '../../src/identity/tokens.js';
import { type Answer, Caller, callerOf } from '../support/api.js';
import { withClient } from '../support/database.js';
import { makeClinic, makePatient, makeStaff, PASSWORD, type Person, signIn, type TestClinic } from '../support/make.js';
import { startServer, type TestServer } from '../support/server.js';
import { asApplication } from '../support/sql.js';

let server: TestServer;
let clinic: TestClinic;
beforeAll(async () => {
  server = await startServer();
});
beforeEach(async () => {
  clinic = await makeClinic(server);
});
afterAll(() => server.stop());

const outcome = ({ status, body }: Answer) => [status, body.code as string];
const sql = (text: string, values: unknown[] = []) => withClient(server.database.superuser, (client) => client.query(text, values));

/** Lets a session's clock run, which no test waits for. */
async function pass(person: Person, column: 'last_seen_at' | 'started_at' | 'authenticated_at', minutes: number): Promise<void> {
  const { rowCount } = await sql(`UPDATE auth.session SET ${column} = ${column} - make_interval(mins => $2) WHERE token = $1`, [
    hashToken(person.token),
    minutes,
  ]);
  expect(rowCount).toBe(1);
}

const setPolicy = async (policy: object): Promise<void> => {
  expect((await clinic.administrator.api.patch('/api/clinic/policy', policy)).status).toBe(200);
};

describe('an idle session', () => {
  it('locks after 30 minutes, and reads and writes nothing then', async () => {
    await pass(clinic.practitioner, 'last_seen_at', 29);
    expect((await clinic.practitioner.api.get('/api/patients')).status).toBe(200);
    await pass(clinic.practitioner, 'last_seen_at', 31);
    expect(outcome(await clinic.practitioner.api.get('/api/patients'))).toEqual([401, 'login.locked']);
    expect((await clinic.practitioner.api.get('/api/auth/session')).body).toMatchObject({
      state: 'locked',
      me: { id: clinic.practitioner.id },
    });
    const rows = await asApplication(server, clinic.practitioner.token, (client) => client.query('SELECT FROM app.staff'));
    expect(rows.rowCount).toBe(0);
    // Asking doesn't unlock it.
    expect(outcome(await clinic.practitioner.api.get('/api/patients'))).toEqual([401, 'login.locked']);
  });

  it('is put off by requests, and locks when the policy says so, at once', async () => {
    await pass(clinic.practitioner, 'last_seen_at', 25);
    await clinic.practitioner.api.get('/api/patients');
    await pass(clinic.practitioner, 'last_seen_at', 25);
    expect((await clinic.practitioner.api.get('/api/patients')).status).toBe(200);
    await pass(clinic.practitioner, 'last_seen_at', 10);
    await setPolicy({ idleMinutes: 5 });
    expect(outcome(await clinic.practitioner.api.get('/api/patients'))).toEqual([401, 'login.locked']);
  });

  it('goes on after one proof, under a new token, in the same clinic, and ends when it would have', async () => {
    const locked = await signIn(server, clinic.administrator.id);
    await pass(locked, 'started_at', 600);
    await pass(locked, 'last_seen_at', 31);
    const [before] = (await sql('SELECT started_at, "expiresAt" FROM auth.session WHERE token = $1', [hashToken(locked.token)])).rows;
    expect(outcome(await locked.api.post('/api/auth/verify', { password: 'a wrong password' }))).toEqual([401, 'verification.refused']);
    const answer = await locked.api.post('/api/auth/verify', { password: PASSWORD });
    expect(answer.body).toMatchObject({ state: 'full', fresh: true, methods: ['password', 'totp'], me: { id: clinic.administrator.id } });
    const unlocked = callerOf(server.url, answer);
    expect((await unlocked.get('/api/staff')).status).toBe(200);
    expect(outcome(await locked.api.get('/api/me'))).toEqual([401, 'not-signed-in']);
    const [after] = (await sql('SELECT started_at, "expiresAt" FROM auth.session WHERE token = $1', [hashToken(unlocked.token ?? '')]))
      .rows;
    expect(after).toEqual(before);
  });

  it('goes on once when it is unlocked twice at once', async () => {
    const locked = await signIn(server, clinic.administrator.id);
    await pass(locked, 'last_seen_at', 31);
    const answers = await Promise.all([1, 2].map(() => locked.api.post('/api/auth/verify', { password: PASSWORD })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401]);
  });

  it.each([{}, { password: PASSWORD, totp: '123456' }, { totp: '12345' }, { recoveryCode: 7 }, { code: '123456' }])(
    'takes one proof, and not %j',
    async (proof) => {
      expect(outcome(await clinic.administrator.api.post('/api/auth/verify', proof))).toEqual([400, 'malformed']);
    },
  );
});

describe('a session', () => {
  it('ends after 12 hours, whatever happens meanwhile, and sooner where the policy says so', async () => {
    await pass(clinic.practitioner, 'started_at', 719);
    expect((await clinic.practitioner.api.get('/api/me')).status).toBe(200);
    await pass(clinic.practitioner, 'started_at', 2);
    expect(outcome(await clinic.practitioner.api.get('/api/me'))).toEqual([401, 'not-signed-in']);
    await pass(clinic.colleague, 'started_at', 121);
    await setPolicy({ sessionHours: 2 });
    expect(outcome(await clinic.colleague.api.get('/api/me'))).toEqual([401, 'not-signed-in']);
  });

  it('can’t be that of somebody else’s place, whoever writes it', async () => {
    const wrong = sql(
      `INSERT INTO auth.session (id, token, "userId", staff_id, methods, "expiresAt")
       SELECT 'x', $3, user_id, $2, 'password', now() + interval '1 hour' FROM app.staff WHERE id = $1`,
      [clinic.receptionist.id, clinic.administrator.id, hashToken('x')],
    );
    await expect(wrong).rejects.toMatchObject({ constraint: 'session_in_own_clinic' });
  });

  it('is listed for its owner, who ends it', async () => {
    const other = await signIn(server, clinic.practitioner.id);
    const { body } = await clinic.practitioner.api.get('/api/me/sessions');
    expect(body.items).toHaveLength(2);
    expect(body.items.filter(({ current }: { current: boolean }) => current)).toHaveLength(1);
    expect(body.items[0]).toMatchObject({ methods: ['password', 'totp'], startedAt: expect.any(String), expiresAt: expect.any(String) });
    expect(JSON.stringify(body)).not.toContain(hashToken(other.token));
    const { id } = body.items.find(({ current }: { current: boolean }) => !current) as { id: string };
    expect((await clinic.practitioner.api.delete(`/api/me/sessions/${id}`)).status).toBe(204);
    expect((await other.api.get('/api/me')).status).toBe(401);
    expect((await clinic.practitioner.api.delete(`/api/me/sessions/${id}`)).status).toBe(404);
  });

  it('stays when its owner ends all others', async () => {
    const others = [await signIn(server, clinic.practitioner.id), await signIn(server, clinic.practitioner.id)];
    expect((await clinic.practitioner.api.delete('/api/me/sessions')).body).toEqual({ ended: 2 });
    for (const { api } of others) expect((await api.get('/api/me')).status).toBe(401);
    expect((await clinic.practitioner.api.get('/api/me')).status).toBe(200);
    expect((await clinic.colleague.api.get('/api/me')).status).toBe(200);
  });

  it('isn’t ended or seen by anybody else but an administrator of its clinic', async () => {
    const { body } = await clinic.practitioner.api.get('/api/me/sessions');
    const { id } = body.items[0] as { id: string };
    expect((await clinic.colleague.api.delete(`/api/me/sessions/${id}`)).status).toBe(404);
    expect((await clinic.colleague.api.get(`/api/staff/${clinic.practitioner.id}/sessions`)).status).toBe(403);
    const stranger = (await makeClinic(server)).administrator;
    expect((await stranger.api.delete(`/api/staff/${clinic.practitioner.id}/sessions/${id}`)).status).toBe(404);
    expect((await stranger.api.get(`/api/staff/${clinic.practitioner.id}/sessions`)).status).toBe(404);

    const seen = await clinic.administrator.api.get(`/api/staff/${clinic.practitioner.id}/sessions`);
    expect(seen.body.items).toMatchObject([{ id, current: false }]);
    expect((await clinic.administrator.api.delete(`/api/staff/${clinic.practitioner.id}/sessions/${id}`)).status).toBe(204);
    expect((await clinic.practitioner.api.get('/api/me')).status).toBe(401);
    expect((await clinic.administrator.api.delete(`/api/staff/${clinic.receptionist.id}/sessions`)).body).toEqual({ ended: 1 });
    expect((await clinic.receptionist.api.get('/api/me')).status).toBe(401);
  });

  it('ends with the place, and loses at once what its person’s role loses', async () => {
    await clinic.administrator.api.patch(`/api/staff/${clinic.practitioner.id}`, { role: 'receptionist' });
    expect((await clinic.practitioner.api.get('/api/questionnaires/current')).status).toBe(403);
    await clinic.administrator.api.post(`/api/staff/${clinic.practitioner.id}/deactivation`);
    expect(outcome(await clinic.practitioner.api.get('/api/me'))).toEqual([401, 'not-signed-in']);
  });
});

describe('a person of two clinics', () => {
  let other: TestClinic;
  /** Ben, who is a practitioner in the one and an administrator in the other. */
  async function makeBen(): Promise<{ caller: Caller; person: Person }> {
    other = await makeClinic(server);
    const { email } = (await clinic.practitioner.api.get('/api/me')).body as { email: string };
    await makeStaff(server, other, { email, role: 'administrator', profession: undefined });
    const person = await signIn(server, clinic.practitioner.id);
    await sql('UPDATE auth.session SET staff_id = NULL WHERE token = $1', [hashToken(person.token)]);
    return { caller: person.api, person };
  }
  const choose = (caller: Caller, clinicId: string) => caller.post('/api/auth/clinic', { clinicId });

  it('chooses one before anything else, and switches later', async () => {
    const { caller } = await makeBen();
    const patientId = await makePatient(clinic.practitioner);
    const { body } = await caller.get('/api/auth/session');
    expect(body).toMatchObject({ state: 'clinic', me: null });
    expect(body.clinics.map(({ clinicId, role }: Record<string, string>) => [clinicId, role]).sort()).toEqual(
      [
        [clinic.id, 'practitioner'],
        [other.id, 'administrator'],
      ].sort(),
    );
    expect(outcome(await caller.get('/api/patients'))).toEqual([403, 'clinic-not-chosen']);

    const here = callerOf(server.url, await choose(caller, clinic.id));
    expect((await here.get(`/api/patients/${patientId}`)).status).toBe(200);
    expect((await here.get('/api/staff')).status).toBe(403);
    const there = callerOf(server.url, await choose(here, other.id));
    expect((await there.get(`/api/patients/${patientId}`)).status).toBe(404);
    expect((await there.get('/api/staff')).status).toBe(200);
    expect((await here.get('/api/me')).status).toBe(401);
  });

  it('chooses none where they have no place', async () => {
    const { caller } = await makeBen();
    const foreign = await makeClinic(server);
    expect(outcome(await choose(caller, foreign.id))).toEqual([404, 'not-found']);
    await other.administrator.api.post(`/api/staff/${await staffIdOf(other)}/deactivation`);
    expect(outcome(await choose(caller, other.id))).toEqual([404, 'not-found']);
  });

  it('unlocks nothing and renews no authentication by choosing', async () => {
    const { caller, person } = await makeBen();
    await pass(person, 'authenticated_at', 16);
    const stale = callerOf(server.url, await choose(caller, other.id));
    expect(outcome(await stale.post('/api/staff', {}))).toEqual([403, 'reauthentication-required']);
    const again = { ...person, token: stale.token ?? '', api: stale };
    await pass(again, 'last_seen_at', 31);
    expect(outcome(await choose(stale, clinic.id))).toEqual([401, 'login.locked']);
  });

  it('keeps their sessions there when an administrator here ends those here', async () => {
    const { caller } = await makeBen();
    const there = callerOf(server.url, await choose(caller, other.id));
    await clinic.administrator.api.delete(`/api/staff/${clinic.practitioner.id}/sessions`);
    expect((await there.get('/api/me')).status).toBe(200);
    expect((await clinic.practitioner.api.get('/api/me')).status).toBe(401);
  });

  async function staffIdOf({ administrator }: TestClinic): Promise<string> {
    const { body } = await administrator.api.get('/api/staff');
    return (body.items as { id: string; name: string }[]).find(({ name }) => name === 'Nora New')?.id ?? '';
  }
});
