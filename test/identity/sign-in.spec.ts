import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { type Answer, Caller } from '../support/api.js';
import { withClient } from '../support/database.js';
import { makeClinic, PASSWORD, type TestClinic } from '../support/make.js';
import { startServer, type TestServer, withServer } from '../support/server.js';

let server: TestServer;
let clinic: TestClinic;
let email: string;
let anyone: Caller;
beforeAll(async () => {
  server = await startServer();
  clinic = await makeClinic(server);
  email = (await clinic.administrator.api.get('/api/me')).body.email;
  anyone = new Caller(server.url);
});
afterAll(() => server.stop());

const SIGN_IN = '/api/auth/sign-in';
const SIGN_OUT = '/api/auth/sign-out';
const REFUSED = { status: 401, code: 'sign-in.refused' };

/** Signs in as a browser does, and answers with the cookie that it would send from then on. */
async function signIn(cookie?: string): Promise<string> {
  const answer = await anyone.call('POST', SIGN_IN, { email, password: PASSWORD }, cookie ? { cookie } : {});
  expect(answer.status).toBe(200);
  return sessionCookie(answer)?.split(';')[0] ?? '';
}

function sessionCookie({ headers }: Answer): string | undefined {
  return headers.getSetCookie().find((set) => /^(__Host-)?assent=/.test(set));
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, 'localhost');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

/** The answer that any session may have, whatever it still owes. */
function session(cookie: string): Promise<Answer> {
  return anyone.call('GET', '/api/auth/session', undefined, { cookie });
}

function me(cookie: string): Promise<Answer> {
  return anyone.call('GET', '/api/me', undefined, { cookie });
}

const outcome = ({ status, body }: Answer) => ({ status, code: body.code as string });

describe('POST /api/auth/sign-in', () => {
  it('sets a cookie that only this site’s requests carry, and no script reads', async () => {
    const answer = await anyone.post(SIGN_IN, { email, password: PASSWORD });
    expect(answer.body).toMatchObject({ state: 'second_factor', methods: ['password'], factors: [], me: { email, role: 'administrator' } });
    const [value, ...flags] = (sessionCookie(answer) ?? '').split('; ');
    expect(value).toMatch(/^assent=[\w-]{32,}$/);
    expect(flags.sort()).toEqual(['HttpOnly', 'Path=/', 'SameSite=Lax']);
    expect((await session(value ?? '')).body).toMatchObject({ me: { email, clinic: { id: clinic.id } } });
    // The token travels in the cookie and in nothing else.
    expect(JSON.stringify(answer.body)).not.toContain(value?.split('=')[1]);
  });

  it('keeps only a hash of the token: what a thief of the database reads opens nothing', async () => {
    const cookie = await signIn();
    const { rows } = await withClient(server.database.superuser, (client) =>
      client.query<{ token: string }>('SELECT token FROM auth.session'),
    );
    expect(rows.map(({ token }) => token)).not.toContain(cookie.split('=')[1]);
    for (const { token } of rows) expect((await session(`assent=${token}`)).status).toBe(204);
  });

  it('sets a cookie that no other host can set where the address is https, and reads no other', async () => {
    const port = await freePort();
    await withServer({ env: { PORT: `${port}`, BASE_URL: 'https://clinic.example/' } }, async (own) => {
      const { administrator } = await makeClinic(own);
      const visitor = new Caller(`http://localhost:${port}`);
      const whoIs = (cookie: string) => visitor.call('GET', '/api/me', undefined, { cookie });
      expect((await whoIs(`assent=${administrator.token}`)).status).toBe(401);
      expect((await whoIs(`assent=tossed-by-another-host-0; __Host-assent=${administrator.token}`)).status).toBe(200);

      const address = (await whoIs(`__Host-assent=${administrator.token}`)).body.email;
      const answer = await visitor.post(SIGN_IN, { email: address, password: PASSWORD });
      const [cookie, ...flags] = (sessionCookie(answer) ?? '').split('; ');
      expect(cookie).toMatch(/^__Host-assent=[\w-]{32,}$/);
      expect(flags.sort()).toEqual(['HttpOnly', 'Path=/', 'SameSite=Lax', 'Secure']);
      expect(answer.headers.get('strict-transport-security')).toBe('max-age=31536000; includeSubDomains');
    });
  });

  it('makes a new session each time, ends the browser’s earlier one, and adopts no cookie that was planted', async () => {
    const planted = 'assent=planted-by-somebody-else-0123456789';
    const first = await signIn(planted);
    expect(first).not.toBe(planted);
    expect((await session(planted)).status).toBe(204);
    const second = await signIn(first);
    expect(second).not.toBe(first);
    expect((await session(first)).status).toBe(204);
    expect((await session(second)).status).toBe(200);
  });

  it('takes the email address in any case', async () => {
    expect((await anyone.post(SIGN_IN, { email: email.toUpperCase(), password: PASSWORD })).status).toBe(200);
  });

  it('answers alike for a wrong password, an unknown address, none at all, and an account without a password', async () => {
    const withoutPassword = (await clinic.practitioner.api.get('/api/me')).body.email as string;
    const answers = await Promise.all(
      [email, `x${email}`, 'no address', withoutPassword].map((address) =>
        anyone.post(SIGN_IN, { email: address, password: 'wrong horse battery staple' }),
      ),
    );
    const seen = answers.map(({ status, body, headers }) => ({
      status,
      body: { ...body, requestId: '' },
      headers: [...headers.keys()].sort(),
      cookies: headers.getSetCookie(),
    }));
    expect(seen[0]).toMatchObject({ status: REFUSED.status, body: { code: REFUSED.code }, cookies: [] });
    for (const one of seen) expect(one).toEqual(seen[0]);
  });

  it.each([PASSWORD.toUpperCase(), `${PASSWORD} `, PASSWORD.slice(0, -1), '', 'x'.repeat(1024)])(
    'refuses the password %j',
    async (password) => {
      expect(outcome(await anyone.post(SIGN_IN, { email, password }))).toEqual(REFUSED);
    },
  );

  it.each([
    [{}, ['email', 'password']],
    [{ password: PASSWORD }, ['email']],
    [{ email: 'a@clinic.example' }, ['password']],
    [{ email: 'a\0b@clinic.example', password: PASSWORD }, ['email']],
    [{ email: 'a@clinic.example', password: `${PASSWORD}\0` }, ['password']],
    [{ email: ['a@clinic.example'], password: PASSWORD }, ['email']],
    [{ email: { $ne: null }, password: { $ne: null } }, ['email', 'password']],
    [{ email: 'a@clinic.example', password: 7 }, ['password']],
    [{ email: 'a@clinic.example', password: 'x'.repeat(1025) }, ['password']],
    [{ email: `${'x'.repeat(250)}@clinic.example`, password: PASSWORD }, ['email']],
    [{ email: 'a@clinic.example', password: PASSWORD, callbackURL: 'https://elsewhere.example' }, ['callbackURL']],
    [[], ['body']],
    [7, ['body']],
    ['x', ['body']],
  ])('refuses the body %j', async (body, fields) => {
    const { status, headers, body: problem } = await anyone.post(SIGN_IN, body);
    expect({ status, code: problem.code }).toEqual({ status: 400, code: 'malformed' });
    expect(problem.errors.map(({ field }: { field: string }) => field).sort()).toEqual(fields);
    expect(headers.getSetCookie()).toEqual([]);
  });

  it.each(['{', '', 'null', '{"email":"\\ud800","password":"\\udc00"}'])('refuses the JSON %j', async (body) => {
    const { status } = await anyone.send('POST', SIGN_IN, body, { 'content-type': 'application/json' });
    expect(status).toBe(400);
  });

  it.each(['application/x-www-form-urlencoded', 'text/plain', 'multipart/form-data; boundary=x'])('refuses %s', async (type) => {
    const body = new URLSearchParams({ email, password: PASSWORD }).toString();
    const { status, headers } = await anyone.send('POST', SIGN_IN, body, { 'content-type': type });
    expect({ status, type: headers.get('content-type') }).toEqual({ status: 415, type: 'application/problem+json; charset=utf-8' });
  });

  it.each([
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { origin: 'https://elsewhere.example' },
    { origin: 'null' },
    { 'sec-fetch-site': 'cross-site', origin: 'http://localhost' },
  ] as Record<string, string>[])('refuses another site’s request: %j', async (headers) => {
    const answer = await anyone.call('POST', SIGN_IN, { email, password: PASSWORD }, headers);
    expect(outcome(answer)).toEqual({ status: 403, code: 'forged-origin' });
    expect(answer.headers.getSetCookie()).toEqual([]);
  });
});

describe('POST /api/auth/sign-out', () => {
  it('makes the cookie worthless at once, and no other, and clears what the browser keeps', async () => {
    const [cookie, other] = [await signIn(), await signIn()];
    const answer = await anyone.call('POST', SIGN_OUT, undefined, { cookie });
    expect(answer.status).toBe(204);
    expect(answer.headers.getSetCookie()).toEqual(['assent=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax']);
    expect(answer.headers.get('clear-site-data')).toBe('"cache", "storage"');
    expect((await session(cookie)).status).toBe(204);
    expect((await session(other)).status).toBe(200);
  });

  it.each(['', 'assent=', 'assent=%E0%A4%A', 'x', 'assent=a; assent=c', `assent=${'x'.repeat(40)}`])(
    'does no harm to one with the cookie %j',
    async (cookie) => {
      expect((await anyone.call('POST', SIGN_OUT, undefined, { cookie })).status).toBe(204);
    },
  );
});

describe('GET /api/me', () => {
  it('says who is signed in, in which role and clinic', async () => {
    const { body } = await clinic.practitioner.api.get('/api/me');
    expect(body).toEqual({
      id: clinic.practitioner.id,
      name: 'Ben Practitioner',
      email: email.replace('ada', 'ben'),
      role: 'practitioner',
      profession: 'chiropractor',
      clinic: { id: clinic.id, name: expect.stringMatching(/^Clinic /), timeZone: 'Europe/London' },
    });
  });

  it('ends with the employment', async () => {
    const { practitioner } = await makeClinic(server);
    await withClient(server.database.superuser, (client) =>
      client.query('UPDATE app.staff SET active = tstzrange(lower(active), clock_timestamp()) WHERE id = $1', [practitioner.id]),
    );
    expect((await practitioner.api.get('/api/me')).status).toBe(401);
  });

  it.each([
    '',
    'x',
    'assent=',
    'assent=.',
    'assent=%00',
    `assent=${'x'.repeat(4000)}`,
    `assent=${'x'.repeat(32)}`,
    "assent=' OR true --",
    'assent=%27%20OR%20true',
    `assent=${'ü'.repeat(20)}`,
    `other=1; assent=undefined`,
  ])('knows nobody by the cookie %j', async (cookie) => {
    const { status, body } = await me(cookie);
    expect({ status, code: body.code }).toEqual({ status: 401, code: 'not-signed-in' });
  });

  it('knows nobody by part of a token, or by a token in another place', async () => {
    const { token } = clinic.practitioner;
    expect((await me(`assent=${token.slice(0, -1)}`)).status).toBe(401);
    expect((await me(`xassent=${token}`)).status).toBe(401);
    expect((await anyone.call('GET', '/api/me', undefined, { authorization: `Bearer ${token}` })).status).toBe(401);
    expect((await anyone.get(`/api/me?token=${token}`)).status).toBe(401);
  });
});

describe('other routes that sign-in libraries mount', () => {
  it.each([
    ['POST', 'sign-up/email'],
    ['POST', 'sign-in/social'],
    ['POST', 'change-password'],
    ['POST', 'set-password'],
    ['POST', 'change-email'],
    ['POST', 'update-user'],
    ['POST', 'delete-user'],
    ['POST', 'request-password-reset'],
    ['POST', 'sign-in/email'],
    ['POST', 'two-factor/enable'],
    ['POST', 'forget-password'],
    ['POST', 'reset-password'],
    ['POST', 'revoke-sessions'],
    ['POST', 'revoke-session'],
    ['GET', 'list-sessions'],
    ['GET', 'list-accounts'],
    ['GET', 'get-session'],
    ['GET', 'verify-email'],
    ['GET', 'ok'],
    ['GET', 'error'],
    ['GET', ''],
    ['GET', 'sign-in/email'],
    ['POST', 'sign-in/email/../../sign-up/email'],
    ['POST', 'sign-in/email%2F..%2F..%2Fsign-up%2Femail'],
    ['POST', '/sign-up/email'],
    ['POST', 'SIGN-UP/EMAIL'],
  ])('%s /api/auth/%s isn’t there', async (method, path) => {
    const { api } = clinic.administrator;
    const body = method === 'POST' ? { name: 'Eve', email: 'eve@elsewhere.example', password: PASSWORD } : undefined;
    const answer = await api.call(method, `/api/auth/${path}`, body);
    expect(answer).toMatchObject({ status: 404, body: { status: 404, code: 'not-found' } });
    expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect(answer.headers.getSetCookie()).toEqual([]);
  });

  it('GET /api/auth/sign-out signs nobody out', async () => {
    const { api } = clinic.administrator;
    const answer = await api.get('/api/auth/sign-out');
    expect(answer).toMatchObject({ status: 405, body: { code: 'method-not-allowed' } });
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect((await api.get('/api/me')).status).toBe(200);
  });
});
