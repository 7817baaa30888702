import { readFileSync } from 'node:fs';
import { browserOf, codeOf, forgetPeriods, idle, invite, join, said, setUpTotp, signInWith } from '../support/accounts.js';
import { Caller } from '../support/api.js';
import { makeClearedPatient, makeClinic, PASSWORD, type Person, signIn, type TestClinic } from '../support/make.js';
import { startServer, type TestServer } from '../support/server.js';
import { asApplication, asSuperuser } from '../support/sql.js';

interface Operation {
  readonly operationId: string;
  readonly requestBody?: object;
}

const openApi = JSON.parse(readFileSync(new URL('../../openapi.json', import.meta.url), 'utf8')) as {
  paths: Record<string, Record<string, Operation>>;
};
const routes = Object.entries(openApi.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, { operationId, requestBody }]) => ({
    operation: operationId,
    method: method.toUpperCase(),
    path,
    requestBody,
  })),
);

/** What asks nobody who they are. */
const PUBLIC = [
  'isLive',
  'isReady',
  'getCheckpoint',
  'signIn',
  'startPasskeySignIn',
  'signInWithPasskey',
  'signOut',
  'openInvitation',
  'acceptInvitation',
  'forgetPassword',
  'resetPassword',
  'listSsoProviders',
  'startSso',
  'finishSso',
];
/** With which a session that owes a second factor shows one, sets up the first one, or gives up. */
const WAYS_ON = [
  'getLogin',
  'lock',
  'verify',
  'startPasskeyVerification',
  'verifyWithPasskey',
  'chooseClinic',
  'enrolTotp',
  'confirmTotp',
  'startPasskey',
  'addPasskey',
];
const REQUIRED = [403, 'second-factor-required'];
const UNKNOWN = '0198c0de-0000-7000-8000-000000000000';

let server: TestServer;
let clinic: TestClinic;
let anyone: Caller;
/** An administrator who has a password and nothing else. */
let owing: Person;
beforeAll(async () => {
  server = await startServer();
  clinic = await makeClinic(server);
  await makeClearedPatient(clinic.practitioner);
  anyone = new Caller(server.url);
  const email = (await clinic.administrator.api.get('/api/me')).body.email as string;
  const answer = await signInWith(anyone, email, PASSWORD);
  if (answer.body.state !== 'second_factor') throw new Error(JSON.stringify(answer.body));
  owing = { id: clinic.administrator.id, ...browserOf(server, answer) };
});
afterAll(() => server.stop());

const isOneOf = (operations: string[]) => routes.filter(({ operation }) => operations.includes(operation));

/** Administers by now: with the second factor that the clinic asks for. */
async function makeAdministrator(by = clinic): Promise<Person> {
  return join(server, await invite(by, { role: 'administrator', profession: undefined }));
}

describe('an administrator with a password alone', () => {
  it('is refused by every route but those that lead on: both lists are routes', () => {
    for (const list of [PUBLIC, WAYS_ON])
      expect(
        isOneOf(list)
          .map(({ operation }) => operation)
          .sort(),
      ).toEqual([...list].sort());
    expect(routes.length).toBeGreaterThan(50);
  });

  it.each(routes.filter(({ operation }) => ![...PUBLIC, ...WAYS_ON].includes(operation)))(
    '$operation: $method $path is refused',
    async ({ method, path, requestBody }) => {
      const answer = await owing.api.call(method, path.replaceAll(/\{\w+\}/g, UNKNOWN), requestBody && {}, { 'if-match': '"1"' });
      expect(said(answer)).toEqual(REQUIRED);
    },
  );

  it('sees nothing by raw SQL, and changes nothing', async () => {
    // All but what is the same in every clinic.
    const tables = await asSuperuser(
      server,
      `SELECT format('%I.%I', nspname, relname) AS name
         FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
        WHERE nspname IN ('app', 'auth') AND relkind IN ('r', 'p', 'v') AND relname NOT IN ('permissions', 'segments')
          AND has_any_column_privilege('assent_app', pg_class.oid, 'SELECT')`,
    );
    expect(tables.length).toBeGreaterThan(10);
    const count = (token: string, table: string) =>
      asApplication(
        server,
        token,
        async (client) => (await client.query<{ count: number }>(`SELECT count(*)::int FROM ${table}`)).rows[0]?.count,
      );
    for (const { name } of tables) expect([name, await count(owing.token, name ?? '')]).toEqual([name, 0]);
    // The same with both factors shows something, so that nothing above is empty for another reason.
    const seen = await Promise.all(tables.map(({ name }) => count(clinic.administrator.token, name ?? '')));
    expect(seen.filter((rows) => (rows ?? 0) > 0).length).toBeGreaterThan(8);

    const functions = await asApplication(server, owing.token, async (client) => {
      const { rows } = await client.query<object>(
        `SELECT app.clinic() AS clinic, app.actor() AS actor, app.clinic_for('staff.manage') AS manage, app.clinic_for('patient.read') AS read,
                (SELECT count(*)::int FROM app.keys()) AS keys, (SELECT count(*)::int FROM app.login_sessions(NULL)) AS sessions,
                app.end_login_sessions(NULL, NULL) AS ended, app.revoke_key($1) AS revoked`,
        [UNKNOWN],
      );
      return rows[0];
    });
    expect(functions).toEqual({ clinic: null, actor: null, manage: null, read: null, keys: 0, sessions: 0, ended: 0, revoked: false });
  });

  it('is recorded as refused', async () => {
    const { body } = await clinic.administrator.api.get(`/api/audit/events?staffId=${owing.id}&action=denial`);
    expect(body.items).toContainEqual(
      expect.objectContaining({ outcome: 'failure', details: { permission: 'staff.read', code: 'second-factor-required' } }),
    );
  });

  it('comes no further with the password again', async () => {
    const joined = await makeAdministrator();
    const answer = await joined.api.post('/api/auth/verify', { password: 'seven quiet lighthouses' });
    expect([answer.status, answer.body.state]).toEqual([200, 'second_factor']);
    expect(said(await browserOf(server, answer).api.get('/api/staff'))).toEqual(REQUIRED);
  });

  it('comes no further by choosing the clinic', async () => {
    const joined = await makeAdministrator();
    const answer = await joined.api.post('/api/auth/clinic', { clinicId: clinic.id });
    expect([answer.status, answer.body.state]).toEqual([200, 'second_factor']);
  });

  it('sets up an authenticator app, and is in', async () => {
    const joined = await makeAdministrator();
    const complete = await setUpTotp(server, joined);
    expect((await complete.api.get('/api/auth/session')).body).toMatchObject({
      state: 'full',
      fresh: true,
      methods: ['password', 'totp'],
      factors: ['totp', 'recovery_code'],
    });
    expect((await complete.api.get('/api/staff')).status).toBe(200);
    expect((await complete.api.patch('/api/clinic/policy', {})).status).toBe(200);
    // The session that owed it is over.
    expect((await joined.api.get('/api/auth/session')).status).toBe(204);
  });

  it('isn’t in by a wrong code, nor by a secret that nobody confirmed', async () => {
    const joined = await makeAdministrator();
    const { body } = await joined.api.post('/api/me/totp');
    const wrong = codeOf(body.secret as string) === '000000' ? '111111' : '000000';
    expect(said(await joined.api.post('/api/me/totp/confirm', { code: wrong }))).toEqual([422, 'totp.wrong']);
    expect((await joined.api.post('/api/auth/verify', { totp: codeOf(body.secret as string) })).status).toBe(401);
    expect(said(await joined.api.get('/api/staff'))).toEqual(REQUIRED);
  });

  it('must have authenticated a short while ago to set one up', async () => {
    const joined = await makeAdministrator();
    await asSuperuser(server, `UPDATE auth.session SET authenticated_at = now() - interval '16 minutes' WHERE staff_id = $1`, [joined.id]);
    expect(said(await joined.api.post('/api/me/totp'))).toEqual([403, 'reauthentication-required']);
    await idle(server, joined, 31);
    expect((await joined.api.post('/api/me/totp')).status).toBe(403);
    expect(said(await joined.api.get('/api/staff'))).toEqual([401, 'login.locked']);
  });
});

describe('a practitioner', () => {
  it('comes in with a password where the clinic asks for no more', async () => {
    const { api } = await join(server, await invite(clinic));
    expect((await api.get('/api/auth/session')).body.state).toBe('full');
  });

  it('owes a second factor where the clinic asks for it, and sets one up', async () => {
    const own = await makeClinic(server);
    await own.administrator.api.patch('/api/clinic/policy', { mfaRoles: ['administrator', 'practitioner'] });
    const joined = await join(server, await invite(own));
    expect(said(await joined.api.get('/api/patients?name=x'))).toEqual(REQUIRED);
    const complete = await setUpTotp(server, joined);
    expect((await complete.api.get('/api/me')).status).toBe(200);
    const receptionist = await join(server, await invite(own, { role: 'receptionist', profession: undefined }));
    expect((await receptionist.api.get('/api/me')).status).toBe(200);
  });

  it('owes it in the one clinic, and not in the other', async () => {
    const strict = await makeClinic(server);
    await strict.administrator.api.patch('/api/clinic/policy', { mfaRoles: ['administrator', 'practitioner'] });
    const here = await invite(clinic);
    const { api } = await join(server, here);
    const there = await invite(strict, { email: here.email });
    const accepted = await api.post('/api/auth/invitations/accept', { token: there.token });
    expect(accepted.body).toMatchObject({ state: 'second_factor', me: { clinic: { id: strict.id } } });
    const owes = browserOf(server, accepted).api;
    expect(said(await owes.get('/api/me'))).toEqual(REQUIRED);
    const back = await owes.post('/api/auth/clinic', { clinicId: clinic.id });
    expect(back.body).toMatchObject({ state: 'full', me: { clinic: { id: clinic.id } } });
  });
});

describe('somebody who has set up a second factor', () => {
  it('must show it in a role that needs none', async () => {
    const invited = await invite(clinic, { role: 'receptionist', profession: undefined });
    const { secret } = await setUpTotp(server, await join(server, invited));
    const signedIn = await signInWith(anyone, invited.email);
    expect(signedIn.body).toMatchObject({ state: 'second_factor', factors: ['totp', 'recovery_code'] });
    const { api } = browserOf(server, signedIn);
    expect(said(await api.get('/api/me'))).toEqual(REQUIRED);
    await forgetPeriods(server);
    const shown = await api.post('/api/auth/verify', { totp: codeOf(secret) });
    expect(shown.body).toMatchObject({ state: 'full', methods: ['password', 'totp'] });
  });

  it('isn’t offered another one instead, nor loses it, while it is owed', async () => {
    const invited = await invite(clinic);
    await setUpTotp(server, await join(server, invited));
    const { api } = browserOf(server, await signInWith(anyone, invited.email));
    expect(said(await api.post('/api/me/totp'))).toEqual(REQUIRED);
    expect(said(await api.post('/api/me/passkeys/options'))).toEqual(REQUIRED);
    expect(said(await api.delete('/api/me/totp'))).toEqual(REQUIRED);
    expect(said(await api.put('/api/me/password', { newPassword: 'nine loud steamboats' }))).toEqual(REQUIRED);
  });

  it('shows it with a recovery code, once', async () => {
    const invited = await invite(clinic);
    const { recoveryCodes } = await setUpTotp(server, await join(server, invited));
    const [recoveryCode] = recoveryCodes;
    const first = browserOf(server, await signInWith(anyone, invited.email));
    expect((await first.api.post('/api/auth/verify', { recoveryCode })).body).toMatchObject({ state: 'full' });
    const second = browserOf(server, await signInWith(anyone, invited.email));
    expect((await second.api.post('/api/auth/verify', { recoveryCode })).status).toBe(401);
    expect(said(await second.api.get('/api/me'))).toEqual(REQUIRED);
  });

  it('owes it in sessions that were opened with it, and not in an API key or a passkey', async () => {
    const { id } = await join(server, await invite(clinic, { role: 'administrator', profession: undefined }));
    const states = await Promise.all(
      [
        'password',
        'provider',
        'password totp',
        'password recovery_code',
        'provider totp',
        'provider_mfa',
        'passkey',
        'totp recovery_code',
      ].map(async (methods) => [methods, (await (await signIn(server, id, methods)).api.get('/api/auth/session')).body.state as string]),
    );
    expect(Object.fromEntries(states)).toEqual({
      password: 'second_factor',
      provider: 'second_factor',
      'password totp': 'full',
      'password recovery_code': 'full',
      'provider totp': 'full',
      provider_mfa: 'full',
      passkey: 'full',
      'totp recovery_code': 'second_factor',
    });
  });
});
