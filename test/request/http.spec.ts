import { connect } from 'node:net';
import { Caller } from '../support/api.js';
import { withClient } from '../support/database.js';
import { makeClinic, type TestClinic } from '../support/make.js';
import { startServer, type TestServer, withServerProcess } from '../support/server.js';

let server: TestServer;
let clinic: TestClinic;
let anyone: Caller;
beforeAll(async () => {
  server = await startServer();
  clinic = await makeClinic(server);
  anyone = new Caller(server.url);
});
afterAll(() => server.stop());

const ROSA = { givenName: 'Rosa', familyName: 'García', birthDate: '1984-05-17' };
const PROBLEM = 'application/problem+json; charset=utf-8';

describe('an empty body that is said to be JSON', () => {
  const empty = (method: string, path: string) => clinic.practitioner.api.send(method, path, '', { 'content-type': 'application/json' });

  it('is no body', async () => {
    const unknown = await empty('POST', '/api/sessions/00000000-0000-4000-8000-000000000000/end');
    expect([unknown.status, unknown.body.code]).toEqual([404, 'not-found']);
    const missing = await empty('POST', '/api/patients');
    expect([missing.status, missing.body.code]).toEqual([400, 'malformed']);
  });
});

describe('an error', () => {
  it.each([
    ['GET', '/api/nowhere', undefined, {}, 404],
    ['GET', '/nowhere', undefined, { accept: 'application/json' }, 404],
    ['GET', '/api', undefined, {}, 404],
    ['GET', '/api/patients/', undefined, {}, 404],
    ['GET', '/api/../package.json', undefined, {}, 404],
    ['GET', '/api/docs/..%2f..%2fpackage.json', undefined, {}, 404],
    ['GET', `/api/patients/${'x'.repeat(300)}`, undefined, {}, 414],
    ['GET', '/api/patients/%E0%A4%A', undefined, {}, 400],
    ['GET', '/%', undefined, {}, 400],
    ['DELETE', '/api/patients', undefined, {}, 405],
    ['PUT', '/api/patients', '{}', { 'content-type': 'application/json' }, 405],
    ['PATCH', '/health/live', '{}', { 'content-type': 'application/json' }, 405],
    ['DELETE', '/api/nowhere', undefined, {}, 404],
    ['OPTIONS', '/api/nowhere', undefined, {}, 404],
    ['GET', '/api/me', undefined, {}, 401],
    ['POST', '/api/patients', '{}', { 'content-type': 'application/json' }, 401],
    ['POST', '/api/patients', '{', { 'content-type': 'application/json' }, 400],
    ['POST', '/api/patients', 'x', { 'content-type': 'text/plain' }, 415],
    ['POST', '/api/patients', 'x', { 'content-type': 'nonsense' }, 415],
    ['POST', '/api/patients', `"${'x'.repeat(600_000)}"`, { 'content-type': 'application/json' }, 413],
    ['POST', '/api/patients', '{}', { 'content-type': 'application/json', 'sec-fetch-site': 'cross-site' }, 403],
    ['POST', '/api/auth/sign-in', '{}', { 'content-type': 'application/json' }, 400],
  ] as const)('of %s %s carries problem details and the request id', async (method, path, body, headers, status) => {
    const answer = await anyone.send(method, path, body, headers);
    expect({ status: answer.status, type: answer.headers.get('content-type') }).toEqual({ status, type: PROBLEM });
    expect(answer.body).toMatchObject({ status, title: expect.any(String), code: expect.stringMatching(/^[a-z.-]+$/) });
    expect(answer.body.type).toBe(`urn:assent:problem:${answer.body.code}`);
    expect(answer.body.requestId).toMatch(/^[0-9a-f-]{36}$/);
    expect(answer.headers.get('x-request-id')).toBe(answer.body.requestId);
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
  });

  it('takes no request id from outside', async () => {
    const { headers } = await anyone.call('GET', '/api/me', undefined, { 'x-request-id': 'mine', 'request-id': 'mine' });
    expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('says nothing of what the server is made of', async () => {
    const { body, headers } = await anyone.get('/api/nowhere');
    expect(JSON.stringify(body)).not.toMatch(/node_modules|at .*:\d+|nest|fastify/i);
    expect([headers.get('x-powered-by'), headers.get('server')]).toEqual([null, null]);
  });

  it.each(['cookie', 'user-agent', 'x-forwarded-for', 'if-match'])('answers a header %s of 20 KB, and serves on', async (name) => {
    const { status } = await anyone.call('GET', '/api/me', undefined, { [name]: 'x'.repeat(20_000) });
    expect(status).toBe(431);
    expect((await anyone.get('/health/live')).status).toBe(200);
  });

  it('of what isn’t HTTP is an answer too', async () => {
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    await new Promise((resolve) => socket.once('close', resolve).end('nonsense\r\n\r\n'));
    expect(Buffer.concat(chunks).toString()).toMatch(/^HTTP\/1\.1 400 /);
    expect((await anyone.get('/health/live')).status).toBe(200);
  });
});

describe('a request from another site', () => {
  const forged: [string, Record<string, string>][] = [
    ['a cross-site fetch', { 'sec-fetch-site': 'cross-site' }],
    ['a same-site fetch', { 'sec-fetch-site': 'same-site' }],
    ['another origin', { origin: 'https://elsewhere.example' }],
    ['another port', { origin: 'http://localhost:1' }],
    ['the origin null', { origin: 'null' }],
    ['no origin at all', { origin: '' }],
    ['a cross-site fetch that claims our origin', { 'sec-fetch-site': 'cross-site', origin: 'OURS' }],
  ];
  it.each(forged)('is refused where it shows as %s', async (_, given) => {
    const { receptionist } = await makeClinic(server);
    const headers = { ...given, ...(given['origin'] === 'OURS' ? { origin: server.url } : {}) };
    for (const path of ['/api/patients', '/api/auth/sign-in', '/api/auth/sign-out', '/api/nowhere']) {
      const { status, body } = await receptionist.api.call('POST', path, ROSA, headers);
      expect({ status, code: body.code }).toEqual({ status: 403, code: 'forged-origin' });
    }
    expect((await receptionist.api.get('/api/patients')).body.items).toEqual([]);
    expect((await receptionist.api.call('GET', '/api/me', undefined, headers)).status).toBe(200);
  });

  it.each([
    ['our own pages', { 'sec-fetch-site': 'same-origin' }],
    ['the address bar', { 'sec-fetch-site': 'none' }],
    ['our own origin', { origin: 'OURS' }],
    ['no browser', {}],
  ] as [string, Record<string, string>][])('is told from one of %s', async (_, given) => {
    const headers = given['origin'] === 'OURS' ? { origin: server.url } : given;
    expect((await clinic.receptionist.api.call('POST', '/api/patients', ROSA, headers)).status).toBe(201);
  });

  it('finds no permission to read answers', async () => {
    const { headers } = await clinic.receptionist.api.call('GET', '/api/me', undefined, { origin: 'https://elsewhere.example' });
    expect([...headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([]);
  });
});

describe('every answer', () => {
  it.each(['/api/me', '/api/patients', '/api/nowhere', '/health/live', '/api/docs', '/'])(
    'of %s carries security headers',
    async (path) => {
      const { headers } = await clinic.receptionist.api.get(path);
      expect(Object.fromEntries(headers)).toMatchObject({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cache-control': 'no-store',
        'content-security-policy': expect.stringMatching(/default-src ('self'.*object-src )?'none'.*frame-ancestors 'none'/),
        'x-request-id': expect.any(String),
      });
    },
  );
});

describe('HEAD', () => {
  it('answers as GET does, without the body', async () => {
    for (const path of ['/api/me', '/api/patients', '/health/live', '/health/ready', '/api/openapi.json']) {
      const { status, body } = await clinic.receptionist.api.call('HEAD', path);
      expect({ path, status, body }).toEqual({ path, status: 200, body: '' });
    }
    expect((await anyone.call('HEAD', '/api/me')).status).toBe(401);
    expect((await anyone.call('HEAD', '/api/nowhere')).status).toBe(404);
  });
});

describe('a method that an address doesn’t have', () => {
  const ID = '00000000-0000-4000-8000-000000000000';

  it.each([
    ['/api/me', 'GET, HEAD, OPTIONS'],
    ['/api/patients', 'GET, HEAD, OPTIONS, POST'],
    [`/api/patients/${ID}`, 'GET, HEAD, OPTIONS, PATCH'],
    [`/api/sessions/${ID}/end`, 'OPTIONS, POST'],
    ['/api/disclosures/current', 'GET, HEAD, OPTIONS'],
    ['/health/live', 'GET, HEAD, OPTIONS'],
    ['/api/openapi.json', 'GET, HEAD, OPTIONS'],
  ])('of %s is refused with 405, and OPTIONS says which it has: %s', async (path, allow) => {
    const others = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].filter((method) => !allow.includes(method));
    for (const method of others) {
      const { status, headers, body } = await clinic.practitioner.api.call(method, path);
      expect({ method, status, allow: headers.get('allow'), code: body.code }).toEqual({
        method,
        status: 405,
        allow,
        code: 'method-not-allowed',
      });
    }
    const { status, headers, body } = await anyone.call('OPTIONS', path);
    expect({ status, allow: headers.get('allow'), body }).toEqual({ status: 204, allow, body: '' });
  });

  it('is refused before the body is read', async () => {
    expect((await anyone.send('PUT', '/api/patients', '{', { 'content-type': 'text/plain' })).status).toBe(405);
  });

  it('gets no body in answer to HEAD', async () => {
    const { status, headers, body } = await anyone.call('HEAD', `/api/sessions/${ID}/end`);
    expect({ status, allow: headers.get('allow'), body }).toEqual({ status: 405, allow: 'OPTIONS, POST', body: '' });
  });

  it('includes TRACE, which would send back what browsers keep from scripts', async () => {
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    await new Promise((resolve) => socket.once('close', resolve).end('TRACE /api/me HTTP/1.1\r\nhost: localhost\r\ncookie: mine\r\n\r\n'));
    const answer = Buffer.concat(chunks).toString();
    expect(answer).toMatch(/^HTTP\/1\.1 405 [^]*\r\nallow: GET, HEAD, OPTIONS\r\n/);
    expect(answer).not.toContain('mine');
  });
});

describe('GET /health', () => {
  it('says that the server lives and is ready, to anybody', async () => {
    for (const path of ['/health/live', '/health/ready']) {
      const { status, body } = await anyone.get(path);
      expect({ status, body }).toEqual({ status: 200, body: { status: 'ok' } });
    }
  });

  it('tells a database that is away, and one that came back', () =>
    withServerProcess({}, async (own) => {
      const { receptionist } = await makeClinic(own);
      const name = new URL(own.database.app).pathname.slice(1);
      const postgres = new URL(own.database.superuser);
      postgres.pathname = '/postgres';
      const allow = (answer: boolean) =>
        withClient(postgres.href, async (client) => {
          await client.query(`ALTER DATABASE ${name} ALLOW_CONNECTIONS ${answer}`);
          await client.query('SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = $1', [name]);
        });
      const visitor = new Caller(own.url);
      await allow(false);
      expect((await visitor.get('/health/live')).status).toBe(200);
      const away = await visitor.get('/health/ready');
      expect(away).toMatchObject({ status: 503, body: { status: 503, code: 'not-ready' } });
      expect(away.headers.get('content-type')).toBe(PROBLEM);
      const read = await receptionist.api.get('/api/me');
      expect({ status: read.status, type: read.headers.get('content-type') }).toEqual({ status: 503, type: PROBLEM });
      expect(JSON.stringify([away.body, read.body])).not.toContain(name);
      expect(own.errors()).toContain('not currently accepting connections');
      await allow(true);
      expect((await visitor.get('/health/ready')).status).toBe(200);
      expect((await receptionist.api.get('/api/me')).status).toBe(200);
    }));
});

describe('GET /api/openapi.json and /api/docs', () => {
  it('describes the API to anybody', async () => {
    const { status, body } = await anyone.get('/api/openapi.json');
    expect({ status, version: body.openapi }).toEqual({ status: 200, version: expect.stringMatching(/^3\./) });
    expect(Object.keys(body.paths)).toEqual(
      expect.arrayContaining(['/api/auth/sign-in', '/api/me', '/api/patients', '/api/patients/{id}', '/api/staff', '/health/ready']),
    );
  });

  it('shows it as pages, whose parts all load', async () => {
    const { status, body, headers } = await anyone.get('/api/docs');
    expect({ status, type: headers.get('content-type') }).toEqual({ status: 200, type: expect.stringMatching(/^text\/html/) });
    const parts = [...(body as string).matchAll(/(?:src|href)="([^"]+)"/g)].map(([, part]) => part ?? '');
    expect(parts.length).toBeGreaterThan(2);
    for (const part of parts)
      expect({ part, status: (await anyone.get(new URL(part, `${server.url}/api/docs`).href)).status }).toEqual({ part, status: 200 });
  });
});
