import { readFileSync } from 'node:fs';
import { browserOf, CHOSEN, codeOf, forgetPeriods, idle, invite, join, said, setUpTotp, signInWith } from '../support/accounts.js';
import { Caller } from '../support/api.js';
import { makeClinic, PASSWORD, type Person, signIn, type TestClinic } from '../support/make.js';
import { startServer, type TestServer } from '../support/server.js';
import { asSuperuser } from '../support/sql.js';

interface Operation {
  readonly operationId: string;
  readonly requestBody?: object;
  readonly security?: object[];
}

const openApi = JSON.parse(readFileSync(new URL('../../openapi.json', import.meta.url), 'utf8')) as {
  paths: Record<string, Record<string, Operation>>;
};
const routes = Object.entries(openApi.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, { operationId, requestBody, security = [] }]) => ({
    operationId,
    security,
    method: method.toUpperCase(),
    path,
    requestBody,
  })),
);

/** Besides the first factor, what a session may do in every state, and what needs none. */
const isWayIn = ({ path, security }: { path: string; security: object[] }): boolean =>
  path.startsWith('/api/auth/') || security.some((one) => Object.keys(one).length === 0);
/** What sets up the first second factor, which a locked session doesn't. */
const FIRST_FACTOR = new Set(['enrolTotp', 'confirmTotp', 'startPasskey', 'addPasskey']);
const LOCKED = [401, 'login.locked'];
const UNKNOWN = '0198c0de-0000-7000-8000-000000000000';

let server: TestServer;
let clinic: TestClinic;
beforeAll(async () => {
  server = await startServer();
  clinic = await makeClinic(server);
  await idle(server, clinic.practitioner, 31);
});
afterAll(() => server.stop());

/** Signed in with both factors, and idle since. */
async function makeLocked(): Promise<Person & { secret: string; recoveryCodes: string[]; email: string }> {
  const invited = await invite(clinic);
  const person = await setUpTotp(server, await join(server, invited));
  await forgetPeriods(server);
  await idle(server, person, 31);
  return { ...person, email: invited.email };
}

describe('a locked session', () => {
  it.each(routes.filter((route) => !isWayIn(route) && !FIRST_FACTOR.has(route.operationId)))(
    'is refused $operationId, and stays locked',
    async ({ method, path, requestBody }) => {
      // Locked once, before all of these: none of them revives it.
      const answer = await clinic.practitioner.api.call(method, path.replaceAll(/\{\w+\}/g, UNKNOWN), requestBody && {});
      expect(said(answer)).toEqual(LOCKED);
    },
  );

  it.each(routes.filter(({ operationId }) => FIRST_FACTOR.has(operationId)))('adds no factor: $operationId', async (route) => {
    const needed = route.operationId === 'confirmTotp' ? { code: '123456' } : { label: 'x', response: {} };
    const answer = await clinic.practitioner.api.call(route.method, route.path, route.requestBody && needed);
    expect(answer.status).toBe(403);
    expect(
      await asSuperuser(server, 'SELECT FROM auth.totp JOIN app.staff USING (user_id) WHERE id = $1', [clinic.practitioner.id]),
    ).toEqual([]);
  });

  it.each(['totp', 'recoveryCode', 'password'] as const)('goes on with the right %s, and with no other', async (proof) => {
    const { id, api, secret, recoveryCodes } = await makeLocked();
    const wrong = { totp: codeOf(secret) === '000000' ? '000001' : '000000', recoveryCode: 'aaaa-bbbb-cccc', password: PASSWORD }[proof];
    const right = { totp: codeOf(secret), recoveryCode: recoveryCodes[0], password: CHOSEN }[proof];
    expect(said(await api.post('/api/auth/verify', { [proof]: wrong }))).toEqual([401, 'verification.refused']);
    expect(said(await api.get('/api/me'))).toEqual(LOCKED);
    const answer = await api.post('/api/auth/verify', { [proof]: right });
    expect(answer.body).toMatchObject({ state: 'full', fresh: true, me: { id, clinic: { id: clinic.id } } });
    expect((await browserOf(server, answer).api.get('/api/patients')).status).toBe(200);
    expect(said(await api.get('/api/me'))).toEqual([401, 'not-signed-in']);
  });

  it('that owed a second factor owes it still, once it is unlocked', async () => {
    const { email, id } = await makeLocked();
    const answer = await signInWith(new Caller(server.url), email);
    expect(answer.body).toMatchObject({ state: 'second_factor' });
    const owing = browserOf(server, answer);
    await idle(server, { id }, 31);
    expect((await owing.api.get('/api/auth/session')).body).toMatchObject({ state: 'locked' });
    const unlocked = await owing.api.post('/api/auth/verify', { password: CHOSEN });
    expect(unlocked.body).toMatchObject({ state: 'second_factor' });
    expect(said(await browserOf(server, unlocked).api.get('/api/patients'))).toEqual([403, 'second-factor-required']);
  });

  it('is guessed five times, and then not for a while', async () => {
    const { api } = await makeLocked();
    const answers = [];
    for (let guess = 1; guess <= 6; guess += 1) answers.push(await api.post('/api/auth/verify', { recoveryCode: `wrong-${guess}` }));
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 401, 401, 429]);
    expect(Number(answers.at(-1)?.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(said(await api.get('/api/me'))).toEqual(LOCKED);
  });

  it('signs out, and is then no session at all', async () => {
    const { api } = await makeLocked();
    expect((await api.post('/api/auth/sign-out')).status).toBe(204);
    expect(said(await api.get('/api/me'))).toEqual([401, 'not-signed-in']);
  });

  it('is ended by signing in again in the same browser', async () => {
    const { api, email } = await makeLocked();
    expect((await api.post('/api/auth/sign-in', { email, password: CHOSEN })).status).toBe(200);
    expect(said(await api.get('/api/me'))).toEqual([401, 'not-signed-in']);
  });

  it('is seen and ended by an administrator, as any other', async () => {
    const { id, api } = await makeLocked();
    const administrator = await signIn(server, clinic.administrator.id);
    const { body } = await administrator.api.get(`/api/staff/${id}/sessions`);
    expect(body.items).toHaveLength(1);
    expect((await administrator.api.delete(`/api/staff/${id}/sessions`)).body).toEqual({ ended: 1 });
    expect(said(await api.get('/api/me'))).toEqual([401, 'not-signed-in']);
  });

  it('can’t be unlocked once its twelve hours are over', async () => {
    const { api, id } = await makeLocked();
    await asSuperuser(server, `UPDATE auth.session SET started_at = clock_timestamp() - interval '721 minutes' WHERE staff_id = $1`, [id]);
    expect(said(await api.post('/api/auth/verify', { password: CHOSEN }))).toEqual([401, 'not-signed-in']);
  });
});

describe('POST /api/auth/lock', () => {
  it('locks at once, under a new cookie, until one proof more; and is recorded', async () => {
    const person = await join(server, await invite(clinic));
    const answer = await person.api.post('/api/auth/lock');
    expect(answer).toMatchObject({ status: 200, body: { state: 'locked', permissions: [] } });
    const { api } = browserOf(server, answer);
    expect(said(await person.api.get('/api/me'))).toEqual([401, 'not-signed-in']);
    expect(said(await api.get('/api/me'))).toEqual(LOCKED);
    // Once more: it stays so.
    const again = await api.post('/api/auth/lock');
    expect(said(await browserOf(server, again).api.get('/api/me'))).toEqual(LOCKED);
    const unlocked = await browserOf(server, again).api.post('/api/auth/verify', { password: CHOSEN });
    expect(unlocked).toMatchObject({ status: 200, body: { state: 'full' } });
    expect((await browserOf(server, unlocked).api.get('/api/me')).status).toBe(200);
    const events = await asSuperuser(server, `SELECT action, outcome FROM audit.events WHERE staff_id = $1 AND action = 'lock'`, [
      person.id,
    ]);
    expect(events).toEqual([
      { action: 'lock', outcome: 'success' },
      { action: 'lock', outcome: 'success' },
    ]);
  });

  it('isn’t undone by a request that is under way', async () => {
    const person = await join(server, await invite(clinic));
    // Each of them would put off the idle lock.
    await idle(server, person, 5);
    const [answer] = await Promise.all([person.api.post('/api/auth/lock'), ...Array.from({ length: 10 }, () => person.api.get('/api/me'))]);
    expect(said(await browserOf(server, answer).api.get('/api/me'))).toEqual(LOCKED);
  });
});

describe('GET /api/auth/session', () => {
  it('is 204 where nobody is signed in: without a cookie, or with that of a login that has ended', async () => {
    const { api } = await signIn(server, clinic.practitioner.id);
    expect((await api.post('/api/auth/sign-out')).status).toBe(204);
    for (const visitor of [api, new Caller(server.url), new Caller(server.url, 'x'.repeat(43))]) {
      expect(said(await visitor.get('/api/auth/session'))).toEqual([204, undefined]);
    }
  });

  it('refuses a key that isn’t valid', async () => {
    for (const authorization of ['Bearer assent_key_xxxxxxxxxxxxxxxx', 'Basic eA==']) {
      const answer = await new Caller(server.url).call('GET', '/api/auth/session', undefined, { authorization });
      expect(said(answer)).toEqual([401, 'not-signed-in']);
    }
  });

  it('says what the role may do, and after how long the session locks', async () => {
    const strict = await makeClinic(server);
    await strict.administrator.api.patch('/api/clinic/policy', { idleMinutes: 7 });
    const { body } = await strict.receptionist.api.get('/api/auth/session');
    expect(body).toMatchObject({ idleMinutes: 7, permissions: expect.arrayContaining(['patient.read', 'patient.write']) });
    expect(body.permissions).not.toContain('clinical.read');
    expect((await clinic.practitioner.api.get('/api/auth/session')).body).toMatchObject({ state: 'locked', permissions: [] });
  });
});
