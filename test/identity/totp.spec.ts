import { Pool } from 'pg';
import { Attempts } from '../../src/identity/attempts.js';
import { makeClinic, PASSWORD, type TestClinic } from '../support/make.js';
import { startServer, type TestServer } from '../support/server.js';
import { asSuperuser } from '../support/sql.js';
import {
  codeOf,
  enrol,
  makeMember,
  makeStale,
  type Member,
  recorded,
  refused,
  renewCodes,
  visit,
  Visitor,
  wrongCodeOf,
} from '../support/visitor.js';

const AUTH_SECRET = 'for the known devices of this file';
const VERIFY = '/api/auth/verify';
const CONFIRM = '/api/me/totp/confirm';
const WRONG = refused(401, 'verification.refused');

let server: TestServer;
let clinic: TestClinic;
let gil: Member;
beforeAll(async () => {
  server = await startServer({ env: { AUTH_SECRET } });
  clinic = await makeClinic(server);
});
beforeEach(async () => {
  gil = await makeMember(server, clinic);
});
afterAll(() => server.stop());

async function begin(): Promise<string> {
  return (await gil.visitor.post('/api/me/totp')).body.secret;
}

/** A device in which Gil has signed in before. */
async function knownDevice(): Promise<string> {
  const pool = new Pool();
  const device = new Attempts(pool, AUTH_SECRET).issueDevice(gil.email, undefined);
  await pool.end();
  return device;
}

async function visitFromKnownDevice(): Promise<Visitor> {
  const visitor = await visit(server, gil);
  visitor.cookies.set('assent-device', await knownDevice());
  return visitor;
}

describe('an authenticator app', () => {
  it('counts once a code of it is confirmed', async () => {
    const { status, body } = await gil.visitor.post('/api/me/totp');
    expect({ status, body }).toEqual({ status: 201, body: { secret: expect.stringMatching(/^[A-Z2-7]{32}$/), uri: expect.any(String) } });
    const uri = new URL(body.uri);
    expect(decodeURIComponent(uri.pathname)).toBe(`/Assent:${gil.email}`);
    expect(Object.fromEntries(uri.searchParams)).toMatchObject({ secret: body.secret, issuer: 'Assent', digits: '6', period: '30' });
    expect((await gil.visitor.get('/api/auth/session')).body).toMatchObject({ methods: ['password'], factors: [] });
    expect(await gil.visitor.post(VERIFY, { totp: codeOf(body.secret) })).toMatchObject(WRONG);

    const confirmed = await gil.visitor.post(CONFIRM, { code: codeOf(body.secret) });
    expect(confirmed.status).toBe(200);
    expect((await gil.visitor.get('/api/auth/session')).body).toMatchObject({
      state: 'full',
      fresh: true,
      methods: ['password', 'totp'],
      factors: ['totp', 'recovery_code'],
    });
    expect(await recorded(server, gil)).toEqual(['verification failure', 'totp.add success']);
  });

  it('has a secret that the database doesn’t show', async () => {
    const { secret } = await enrol(gil);
    const [row] = await asSuperuser(server, 'SELECT secret FROM auth.totp WHERE user_id = $1', [gil.userId]);
    expect(row?.['secret']).toMatch(/\S{64}/);
    expect(row?.['secret']).not.toContain(secret);
  });

  it('replaces one that was begun and not confirmed', async () => {
    const [first, second] = [await begin(), await begin()];
    expect(second).not.toBe(first);
    expect(await gil.visitor.post(CONFIRM, { code: codeOf(first) })).toMatchObject(refused(422, 'totp.wrong'));
    expect((await gil.visitor.post(CONFIRM, { code: codeOf(second) })).status).toBe(200);
  });

  it('isn’t set up twice', async () => {
    const { secret } = await enrol(gil);
    expect(await gil.visitor.post('/api/me/totp')).toMatchObject(refused(409, 'totp.already-set-up'));
    expect(await gil.visitor.post(CONFIRM, { code: codeOf(secret, 1) })).toMatchObject(refused(422, 'totp.wrong'));
  });

  it('is confirmed by one of many at once', async () => {
    const code = codeOf(await begin());
    const others = await Promise.all([1, 2, 3].map(() => visit(server, gil)));
    const answers = await Promise.all([gil.visitor, ...others].map((visitor) => visitor.post(CONFIRM, { code })));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status >= 500)).toEqual([]);
  });

  it('isn’t confirmed without a beginning', async () => {
    expect(await gil.visitor.post(CONFIRM, { code: '123456' })).toMatchObject(refused(422, 'totp.wrong'));
  });

  it.each(['', '12345', '1234567', 'abcdef', '12 456', '１２３４５６', 123_456, null, ['123456'], undefined])(
    'takes %j for no code at all',
    async (code) => {
      for (const [path, field] of [
        [CONFIRM, 'code'],
        [VERIFY, 'totp'],
      ] as const) {
        const missing = code === undefined || (code === null && field === 'totp');
        const errors = missing && field === 'totp' ? [{ field: 'body' }] : [{ field }];
        expect(await gil.visitor.post(path, { [field]: code })).toMatchObject({ status: 400, body: { code: 'malformed', errors } });
      }
    },
  );

  it('ends the person’s other sessions, and goes on under a new token', async () => {
    const other = await visit(server, gil);
    const colleague = await makeMember(server, clinic);
    const old = new Visitor(server.url, gil.visitor.cookies.get('assent'));
    await begin();
    expect([await other.state(), await old.state()]).toEqual(['full', 'full']);
    await enrol(gil);
    expect([await other.state(), await old.state()]).toEqual(['not-signed-in', 'not-signed-in']);
    expect([await gil.visitor.state(), await colleague.visitor.state()]).toEqual(['full', 'full']);
  });

  it('needs an authentication of a short while ago', async () => {
    const secret = await begin();
    await makeStale(server, gil);
    const stale = refused(403, 'reauthentication-required');
    expect(await gil.visitor.post('/api/me/totp')).toMatchObject(stale);
    expect(await gil.visitor.post(CONFIRM, { code: codeOf(secret) })).toMatchObject(stale);
    expect(await gil.visitor.delete('/api/me/totp')).toMatchObject(stale);
    expect((await gil.visitor.post(VERIFY, { password: PASSWORD })).status).toBe(200);
    expect((await gil.visitor.post(CONFIRM, { code: codeOf(secret) })).status).toBe(200);
  });

  it('is what an administrator without one must set up, and can', async () => {
    const ada = await makeMember(server, clinic, { role: 'administrator' });
    expect(await ada.visitor.state()).toBe('second_factor');
    expect(await ada.visitor.get('/api/me')).toMatchObject(refused(403, 'second-factor-required'));
    await enrol(ada);
    expect(await ada.visitor.state()).toBe('full');
    expect((await ada.visitor.get('/api/me')).status).toBe(200);
  });

  it('is removed with its recovery codes', async () => {
    const { secret } = await enrol(gil);
    const other = await visit(server, gil, 'password totp');
    expect((await gil.visitor.delete('/api/me/totp')).status).toBe(204);
    expect(await other.state()).toBe('not-signed-in');
    const { body } = await gil.visitor.get('/api/auth/session');
    expect(body).toMatchObject({ state: 'full', factors: [] });
    await renewCodes(server, gil);
    expect(await gil.visitor.post(VERIFY, { totp: codeOf(secret) })).toMatchObject(WRONG);
    expect(await gil.visitor.delete('/api/me/totp')).toMatchObject(refused(404, 'not-found'));
    expect(await asSuperuser(server, 'SELECT FROM auth.recovery_code WHERE user_id = $1', [gil.userId])).toEqual([]);
    expect(await recorded(server, gil)).toEqual(['totp.add success', 'totp.remove success', 'verification failure']);
  });
});

describe('a code of the authenticator app', () => {
  let secret: string;
  let visitor: Visitor;
  beforeEach(async () => {
    ({ secret } = await enrol(gil));
    visitor = new Visitor(server.url);
    await visitor.post('/api/auth/sign-in', { email: gil.email, password: PASSWORD });
  });

  it('completes a sign-in', async () => {
    expect((await visitor.get('/api/auth/session')).body).toMatchObject({ state: 'second_factor', factors: ['totp', 'recovery_code'] });
    const before = new Visitor(server.url, visitor.cookies.get('assent'));
    const answer = await visitor.post(VERIFY, { totp: codeOf(secret, 1) });
    expect(answer).toMatchObject({ status: 200, body: { state: 'full', methods: ['password', 'totp'], me: { email: gil.email } } });
    expect([await visitor.state(), await before.state()]).toEqual(['full', 'not-signed-in']);
  });

  it('counts once, and the one that confirmed the app has counted', async () => {
    expect(await visitor.post(VERIFY, { totp: codeOf(secret) })).toMatchObject(WRONG);
    const code = codeOf(secret, 1);
    const other = await visit(server, gil);
    expect((await visitor.post(VERIFY, { totp: code })).status).toBe(200);
    expect(await other.post(VERIFY, { totp: code })).toMatchObject(WRONG);
    expect(await visitor.post(VERIFY, { totp: code })).toMatchObject(WRONG);
  });

  it('of before counts no more after a newer one', async () => {
    await renewCodes(server, gil);
    const older = codeOf(secret);
    expect((await visitor.post(VERIFY, { totp: codeOf(secret, 1) })).status).toBe(200);
    expect(await visitor.post(VERIFY, { totp: older })).toMatchObject(WRONG);
  });

  it('counts once of fifty times at once, from devices that have limits of their own', async () => {
    const code = codeOf(secret, 1);
    const visitors = await Promise.all(Array.from({ length: 50 }, visitFromKnownDevice));
    const answers = await Promise.all(visitors.map((one) => one.post(VERIFY, { totp: code })));
    const states = await Promise.all(visitors.map((one) => one.state()));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array<number>(49).fill(401)]);
    expect(states.sort()).toEqual(['full', ...Array<string>(49).fill('second_factor')]);
  });

  it('is one of now, or of the period before or after', async () => {
    await renewCodes(server, gil);
    for (const code of [codeOf(secret, -2), codeOf(secret, 3), wrongCodeOf(secret)]) {
      expect(await visitor.post(VERIFY, { totp: code })).toMatchObject(WRONG);
    }
    expect(await visitor.state()).toBe('second_factor');
    expect((await visitor.post(VERIFY, { totp: codeOf(secret, 1) })).status).toBe(200);
  });

  it('of somebody else doesn’t count', async () => {
    const other = await makeMember(server, clinic);
    const theirs = await enrol(other);
    await renewCodes(server, other);
    expect(await visitor.post(VERIFY, { totp: codeOf(theirs.secret) })).toMatchObject(WRONG);
    expect((await other.visitor.post(VERIFY, { totp: codeOf(theirs.secret) })).status).toBe(200);
  });

  it('isn’t got round by calling the API without it', async () => {
    const needed = refused(403, 'second-factor-required');
    for (const path of ['/api/me', '/api/patients', '/api/me/sessions', '/api/me/passkeys', '/api/questionnaires/current']) {
      expect(await visitor.get(path)).toMatchObject(needed);
    }
    expect(await visitor.post('/api/patients', { givenName: 'Eve', familyName: 'Eve', birthDate: '1984-05-17' })).toMatchObject(needed);
    expect(await visitor.put('/api/me/password', { currentPassword: PASSWORD, newPassword: 'seven unrelated green words' })).toMatchObject(
      needed,
    );
    expect(await visitor.delete('/api/me/totp')).toMatchObject(needed);
    expect(await visitor.post('/api/me/recovery-codes')).toMatchObject(needed);
    expect(await visitor.post('/api/auth/verify', { password: PASSWORD })).toMatchObject({ status: 200, body: { state: 'second_factor' } });
    expect(await visitor.post('/api/auth/clinic', { clinicId: clinic.id })).toMatchObject({
      status: 200,
      body: { state: 'second_factor' },
    });
    expect(await visitor.get('/api/me')).toMatchObject(needed);
  });

  it('isn’t got round by setting up another second factor', async () => {
    const needed = refused(403, 'second-factor-required');
    expect(await visitor.post('/api/me/totp')).toMatchObject(needed);
    expect(await visitor.post(CONFIRM, { code: codeOf(secret, 1) })).toMatchObject(needed);
    expect(await visitor.post('/api/me/passkeys/options')).toMatchObject(needed);
    expect(await visitor.post('/api/me/passkeys', { label: 'Mine', response: {} })).toMatchObject(needed);
  });

  it('is guessed five times, and then not at all for a while', async () => {
    const wrong = wrongCodeOf(secret);
    for (let guess = 1; guess <= 5; guess += 1) expect(await visitor.post(VERIFY, { totp: wrong })).toMatchObject(WRONG);
    const answer = await visitor.post(VERIFY, { totp: codeOf(secret, 1) });
    expect(answer).toMatchObject(refused(429, 'too-many-attempts'));
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(Number(answer.headers.get('retry-after'))).toBeLessThanOrEqual(900);
    // Another sign-in with the password gives no new guesses.
    const again = await visit(server, gil);
    expect(await again.post(VERIFY, { totp: codeOf(secret, 1) })).toMatchObject(refused(429, 'too-many-attempts'));
    expect(await again.post(VERIFY, { recoveryCode: 'x' })).toMatchObject(refused(429, 'too-many-attempts'));
    // Its owner goes on, where they have signed in before.
    const known = await visitFromKnownDevice();
    expect(await known.post(VERIFY, { totp: codeOf(secret, 1) })).toMatchObject({ status: 200, body: { state: 'full' } });
    // Five that were wrong, and once that there were too many.
    expect((await recorded(server, gil)).filter((said) => said === 'verification failure')).toHaveLength(6);
  });

  it('that is right costs none of the guesses', async () => {
    for (let time = 1; time <= 7; time += 1) {
      await renewCodes(server, gil);
      expect((await visitor.post(VERIFY, { totp: codeOf(secret) })).status).toBe(200);
    }
  });

  it('makes the browser a known device, and its password alone doesn’t', async () => {
    const signedIn = new Visitor(server.url);
    await signedIn.post('/api/auth/sign-in', { email: gil.email, password: PASSWORD });
    expect([...signedIn.cookies.keys()]).toEqual(['assent']);
    await signedIn.post(VERIFY, { totp: codeOf(secret, 1) });
    expect([...signedIn.cookies.keys()].sort()).toEqual(['assent', 'assent-device']);
  });

  it.each([{}, { password: PASSWORD, totp: '123456' }, { totp: '123456', recoveryCode: 'x' }])('comes alone: %j', async (proof) => {
    expect(await visitor.post(VERIFY, proof)).toMatchObject({ status: 400, body: { code: 'malformed', errors: [{ field: 'body' }] } });
  });
});
