import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { Caller, type Answer } from './support/api.js';
import { withClient } from './support/database.js';
import { makeClinic, PASSWORD, type TestClinic } from './support/make.js';
import { startServer, type TestServer, withServer } from './support/server.js';

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

const SIGN_IN = '/api/auth/sign-in/email';
const SIGN_OUT = '/api/auth/sign-out';

/** Signs in as a browser does, and answers with the cookie that it would send from then on. */
async function signIn(): Promise<string> {
  const { status, headers } = await anyone.post(SIGN_IN, { email, password: PASSWORD });
  expect(status).toBe(200);
  return cookiesOf(headers)[0]?.split(';')[0] ?? '';
}

function cookiesOf(headers: Headers): string[] {
  return headers.getSetCookie();
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, 'localhost');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

function me(cookie: string): Promise<Answer> {
  return anyone.call('GET', '/api/me', undefined, { cookie });
}

const trial = ({ url }: TestServer, headers: Record<string, string>) =>
  new Caller(url).call('POST', SIGN_IN, { email: 'no address', password: PASSWORD }, headers);

describe('POST /api/auth/sign-in/email', () => {
  it('sets a cookie that only this site’s requests carry, for twelve hours', async () => {
    const { status, headers } = await anyone.post(SIGN_IN, { email, password: PASSWORD });
    expect(status).toBe(200);
    const [cookie, ...more] = cookiesOf(headers);
    expect(more).toEqual([]);
    const [value, ...flags] = (cookie ?? '').split('; ');
    expect(value).toMatch(/^assent\.session_token=[\w-]{24,}\.[\w%]+$/);
    expect(flags.sort()).toEqual(['HttpOnly', 'Max-Age=43200', 'Path=/', 'SameSite=Lax']);
    expect((await me(value ?? '')).body).toMatchObject({ email, role: 'administrator', clinic: { id: clinic.id } });
  });

  it('keeps the session for twelve hours and no longer', async () => {
    const token = /=([\w-]+)/.exec(await signIn())?.[1];
    const { rows } = await withClient(server.database.superuser, (client) =>
      client.query<{ seconds: number }>(
        'SELECT EXTRACT(epoch FROM "expiresAt" - clock_timestamp())::int AS seconds FROM auth.session WHERE token = $1',
        [token],
      ),
    );
    expect(rows[0]?.seconds).toBeGreaterThan(43_100);
    expect(rows[0]?.seconds).toBeLessThanOrEqual(43_200);
  });

  it('sets the cookie for https only where the address is https', async () => {
    const port = await freePort();
    await withServer({ env: { PORT: `${port}`, BASE_URL: 'https://clinic.example/' } }, async (own) => {
      const { administrator } = await makeClinic(own);
      const visitor = new Caller(`http://localhost:${port}`, administrator.token);
      const address = (await visitor.get('/api/me')).body.email;
      const { headers } = await visitor.post(SIGN_IN, { email: address, password: PASSWORD });
      const [cookie, ...flags] = (cookiesOf(headers)[0] ?? '').split('; ');
      expect(cookie).toMatch(/^__Secure-assent\.session_token=/);
      expect(flags.sort()).toEqual(['HttpOnly', 'Max-Age=43200', 'Path=/', 'SameSite=Lax', 'Secure']);
      expect((await new Caller(visitor.url).call('GET', '/api/me', undefined, { cookie: cookie ?? '' })).status).toBe(200);
    });
  });

  it('takes the email address in any case', async () => {
    const { status } = await anyone.post(SIGN_IN, { email: email.toUpperCase(), password: PASSWORD });
    expect(status).toBe(200);
  });

  it('answers an unknown address exactly like a wrong password', async () => {
    const wrong = await anyone.post(SIGN_IN, { email, password: 'wrong horse battery' });
    const unknown = await anyone.post(SIGN_IN, { email: `x${email}`, password: PASSWORD });
    expect({ status: wrong.status, code: wrong.body.code }).toEqual({ status: 401, code: 'auth.invalid-email-or-password' });
    expect(unknown.status).toBe(401);
    expect({ ...unknown.body, requestId: '' }).toEqual({ ...wrong.body, requestId: '' });
    expect([...cookiesOf(wrong.headers), ...cookiesOf(unknown.headers)]).toEqual([]);
  });

  it.each([PASSWORD.toUpperCase(), `${PASSWORD} `, PASSWORD.slice(0, -1), ''])('refuses the password %j', async (password) => {
    expect((await anyone.post(SIGN_IN, { email, password })).status).toBe(401);
  });

  it.each([
    [{}, ['email', 'password']],
    [{ password: PASSWORD }, ['email']],
    [{ email: 'a@clinic.example' }, ['password']],
    [{ email: 'a\0b@clinic.example', password: PASSWORD }, ['email']],
    [{ email: 'a@clinic.example', password: `${PASSWORD}\0` }, ['password']],
    [{ email: ['a@clinic.example'], password: PASSWORD }, ['email']],
    [{ email: { $ne: null }, password: { $ne: null } }, ['email', 'password']],
    [{ email: 'a@clinic.example', password: 7 }, ['password']],
    [{ email: 'a@clinic.example', password: 'x'.repeat(129) }, ['password']],
    [{ email: `${'x'.repeat(250)}@clinic.example`, password: PASSWORD }, ['email']],
    [{ email: 'a@clinic.example', password: PASSWORD, callbackURL: 'https://elsewhere.example' }, ['callbackURL']],
    [[], ['body']],
    [7, ['body']],
    ['x', ['body']],
  ])('refuses the body %j', async (body, fields) => {
    const { status, headers, body: problem } = await anyone.post(SIGN_IN, body);
    expect({ status, code: problem.code }).toEqual({ status: 400, code: 'malformed' });
    expect(problem.errors.map(({ field }: { field: string }) => field).sort()).toEqual(fields);
    expect(cookiesOf(headers)).toEqual([]);
  });

  it.each(['{', '', 'null', '{"email":"\\ud800","password":"\\udc00"}'])('refuses the JSON %j', async (body) => {
    const { status } = await anyone.send('POST', SIGN_IN, body, { 'content-type': 'application/json' });
    expect(status).toBe(400);
  });

  it.each(['', 'x', 'a@', 'a@b@clinic.example'])('refuses the address %j', async (address) => {
    const { status, body } = await anyone.post(SIGN_IN, { email: address, password: PASSWORD });
    expect({ status, code: body.code }).toEqual({ status: 400, code: 'auth.invalid-email' });
  });

  it.each(['application/x-www-form-urlencoded', 'text/plain', 'multipart/form-data; boundary=x'])('refuses %s', async (type) => {
    const body = new URLSearchParams({ email, password: PASSWORD }).toString();
    const { status, headers } = await anyone.send('POST', SIGN_IN, body, { 'content-type': type });
    expect({ status, type: headers.get('content-type') }).toEqual({ status: 415, type: 'application/problem+json; charset=utf-8' });
  });
});

describe('POST /api/auth/sign-out', () => {
  it('makes the cookie worthless at once, and no other', async () => {
    const [cookie, other] = [await signIn(), await signIn()];
    const { status, headers } = await anyone.call('POST', SIGN_OUT, undefined, { cookie });
    expect(status).toBe(200);
    expect(cookiesOf(headers).filter((set) => set.startsWith('assent.session_token='))).toEqual([
      expect.stringMatching(/^assent\.session_token=; Max-Age=0;/),
    ]);
    expect((await me(cookie)).status).toBe(401);
    expect((await me(other)).status).toBe(200);
  });

  it.each(['', 'assent.session_token=', 'assent.session_token=%E0%A4%A', 'x', 'assent.session_token=a.b; assent.session_token=c.d'])(
    'does no harm to one who is signed in with the cookie %j',
    async (cookie) => {
      expect((await anyone.call('POST', SIGN_OUT, undefined, { cookie })).status).toBe(200);
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

  it('ends with the session', async () => {
    const cookie = await signIn();
    const token = /=([\w-]+)/.exec(cookie)?.[1];
    await withClient(server.database.superuser, (client) =>
      client.query('UPDATE auth.session SET "expiresAt" = clock_timestamp() WHERE token = $1', [token]),
    );
    const { status, body } = await me(cookie);
    expect({ status, code: body.code }).toEqual({ status: 401, code: 'not-signed-in' });
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
    'assent.session_token=',
    'assent.session_token=.',
    'assent.session_token=%00',
    `assent.session_token=${'x'.repeat(4000)}`,
    `assent.session_token=${'x'.repeat(32)}`,
    "assent.session_token=' OR true --",
    'assent.session_token=%27%20OR%20true',
    `assent.session_token=${'ü'.repeat(20)}`,
    `other=1; assent.session_token=undefined`,
  ])('knows nobody by the cookie %j', async (cookie) => {
    const { status, body } = await me(cookie);
    expect({ status, code: body.code }).toEqual({ status: 401, code: 'not-signed-in' });
  });

  it('knows nobody by part of a token, or by a token in another place', async () => {
    const { token } = clinic.practitioner;
    expect((await me(`assent.session_token=${token.slice(0, -1)}.x`)).status).toBe(401);
    expect((await me(`xassent.session_token=${token}.x`)).status).toBe(401);
    expect((await anyone.call('GET', '/api/me', undefined, { authorization: `Bearer ${token}` })).status).toBe(401);
    expect((await anyone.get(`/api/me?token=${token}`)).status).toBe(401);
  });
});

describe('what better-auth offers besides', () => {
  it.each([
    ['POST', 'sign-up/email'],
    ['POST', 'sign-in/social'],
    ['POST', 'change-password'],
    ['POST', 'set-password'],
    ['POST', 'change-email'],
    ['POST', 'update-user'],
    ['POST', 'delete-user'],
    ['POST', 'request-password-reset'],
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
    ['GET', 'sign-out'],
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
    expect(cookiesOf(answer.headers)).toEqual([]);
  });
});

describe('the rate limit of sign-in', () => {
  it('refuses the 61st try of a minute, whatever address a client invents', () =>
    withServer({}, async (own) => {
      const answers: Answer[] = [];
      for (let count = 1; count <= 61; count += 1) {
        const address = `10.0.0.${count}`;
        const invented = { 'x-assent-client-address': address, 'x-forwarded-for': address, forwarded: `for=${address}` };
        answers.push(await trial(own, invented));
      }
      const last = answers.pop();
      expect(answers.map(({ status }) => status)).toEqual(Array<number>(60).fill(400));
      expect(last).toMatchObject({ status: 429, body: { status: 429, code: 'auth.too-many-requests' } });
      expect(last?.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
      expect(last?.headers.get('retry-after')).toMatch(/^([1-9]|[1-5]\d|60)$/);
      expect((await new Caller(own.url).get('/health/live')).status).toBe(200);
    }));

  it('counts each client behind a trusted proxy by itself', () =>
    withServer({ env: { TRUST_PROXY: 'on' } }, async (own) => {
      for (let count = 1; count <= 60; count += 1) await trial(own, { 'x-forwarded-for': '10.0.0.1' });
      expect((await trial(own, { 'x-forwarded-for': '10.0.0.1' })).status).toBe(429);
      expect((await trial(own, { 'x-forwarded-for': '10.0.0.2' })).status).toBe(400);
    }));
});
