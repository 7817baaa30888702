import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type Answer, Caller } from '../support/api.js';
import { createDatabase, type TestDatabase, withClient } from '../support/database.js';
import { makeClinic, PASSWORD, type TestClinic } from '../support/make.js';
import { type Proxy, startProxy } from '../support/proxy.js';
import { startServer, type TestServer } from '../support/server.js';
import { makeMember, Visitor } from '../support/visitor.js';

let database: TestDatabase;
let proxy: Proxy;
let server: TestServer;
let clinic: TestClinic;
beforeAll(async () => {
  database = await createDatabase();
  proxy = await startProxy(database);
  server = await startServer({ shared: proxy.database, env: { SMTP_URL: 'smtp://localhost:1', MAIL_FROM: 'assent@clinic.example' } });
  clinic = await makeClinic(server);
});
afterAll(async () => {
  proxy.set('pass');
  await server.stop();
  await proxy.stop();
  await database.drop();
});

const PATIENT = JSON.stringify({ givenName: 'Rosa', familyName: 'García', birthDate: '1984-05-17' });
const register = (key: string = randomUUID()): Promise<Answer> =>
  new Caller(server.url, clinic.receptionist.token).send('POST', '/api/patients', PATIENT, {
    'content-type': 'application/json',
    'idempotency-key': key,
  });
const told = ({ status, body, headers }: Answer) => [status, body.code, Number(headers.get('retry-after')) > 0];
const AWAY = [503, 'not-ready', true];
/** Of routes that check a body before they ask who sends it. */
const BODIES: Readonly<Record<string, object>> = {
  '/api/auth/sign-in': { email: 'rosa@clinic.example', password: PASSWORD },
  '/api/auth/password/forgotten': { email: 'rosa@clinic.example' },
  '/api/auth/password/reset': { token: 'x'.repeat(43), password: PASSWORD },
  '/api/auth/invitations/open': { token: 'x'.repeat(43) },
  '/api/auth/invitations/accept': { token: 'x'.repeat(43), password: PASSWORD },
};

const administer = (...statements: string[]) => {
  const url = new URL(database.superuser);
  url.pathname = '/postgres';
  const name = new URL(database.app).pathname.slice(1);
  return withClient(url.href, async (client) => {
    for (const statement of statements) await client.query(statement.replaceAll('DATABASE_NAME', name));
  });
};
const TERMINATE = `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = 'DATABASE_NAME' AND usename IN ('assent_app', 'assent_identity')`;
const count = async (table: string): Promise<number> =>
  withClient(database.superuser, async (client) =>
    Number((await client.query<{ n: string }>(`SELECT count(*) AS n FROM ${table}`)).rows[0]?.n),
  );

describe('a connection that is lost after COMMIT was sent', () => {
  it('answers that the outcome isn’t known, and the same key finds it out', async () => {
    const key = randomUUID();
    const before = await count('app.patients');
    await register();
    proxy.set('cut after COMMIT');
    const lost = await register(key);
    expect(told(lost)).toEqual([503, 'outcome-unknown', true]);
    expect(lost.body.detail).toContain('same Idempotency-Key');
    let again = await register(key);
    // The transaction may still be under way.
    while (again.status === 409) again = await register(key);
    expect(again.status).toBe(201);
    expect(await count('app.patients')).toBe(before + 2);
  });

  it('says the same of an act of identity', async () => {
    const { email } = await makeMember(server, clinic);
    const signIn = () => new Visitor(server.url).post('/api/auth/sign-in', { email, password: PASSWORD });
    await signIn();
    proxy.set('cut after COMMIT');
    expect(told(await signIn())).toEqual([503, 'outcome-unknown', true]);
    expect((await signIn()).status).toBe(200);
  });
});

describe('a database that can’t serve', () => {
  it('answers 503 on every route when it is away, and serves again by itself', async () => {
    const { paths } = JSON.parse(readFileSync('openapi.json', 'utf8')) as { paths: Record<string, Record<string, object>> };
    const operations = Object.entries(paths).flatMap(([path, item]) =>
      ['get', 'post', 'put', 'patch', 'delete']
        .filter((method) => method in item)
        .map((method) => ({ method: method.toUpperCase(), path })),
    );
    await register();
    proxy.set('refuse');
    proxy.cut();
    const others: string[] = [];
    for (const { method, path } of operations) {
      const answer = await clinic.administrator.api.call(method, path.replaceAll(/\{\w+\}/g, randomUUID()), BODIES[path]);
      if (JSON.stringify(told(answer)) !== JSON.stringify(AWAY)) others.push(`${method} ${path} ${answer.status}`);
    }
    // They need no database: the first for a start of the process, the others for a passkey and a browser that bring nothing.
    expect(others).toEqual(['GET /health/live 200', 'POST /api/auth/passkey 400', 'GET /api/auth/sso/callback 401']);
    proxy.set('pass');
    expect((await register()).status).toBe(201);
  }, 60_000);

  it('answers 503 when it is silent, and serves again by itself', async () => {
    await register();
    proxy.set('swallow');
    expect(told(await register())).toEqual(AWAY);
    expect(told(await new Caller(server.url).get('/health/ready'))).toEqual(AWAY);
    proxy.set('pass');
    proxy.cut();
    expect((await register()).status).toBe(201);
  }, 60_000);

  it('answers 503 when it terminates connections', async () => {
    await register();
    await administer(TERMINATE);
    expect([201, 503]).toContain((await register()).status);
    expect((await register()).status).toBe(201);
  });

  it.each([
    ['takes no more connections', 'ALTER DATABASE DATABASE_NAME CONNECTION LIMIT 0', 'ALTER DATABASE DATABASE_NAME CONNECTION LIMIT -1'],
    [
      'is read-only',
      'ALTER DATABASE DATABASE_NAME SET default_transaction_read_only = on',
      'ALTER DATABASE DATABASE_NAME RESET default_transaction_read_only',
    ],
  ])('answers 503 when it %s, and serves again by itself', async (_name, begin, end) => {
    await administer(begin, TERMINATE);
    expect(told(await register())).toEqual(AWAY);
    await administer(end, TERMINATE);
    let after = await register();
    // The pool learns with the first statement that its connection was terminated.
    while (after.status === 503) after = await register();
    expect(after.status).toBe(201);
  });

  it.each(['53100', '53200', '57P03', '58030', '08006'])('answers 503 to its error %s, and nothing is written', async (code) => {
    await withClient(database.superuser, (client) =>
      client.query(`
        CREATE FUNCTION app.fail_for_test() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION USING ERRCODE = '${code}'; END $$;
        CREATE TRIGGER fail_for_test BEFORE INSERT ON app.patients FOR EACH ROW EXECUTE FUNCTION app.fail_for_test()`),
    );
    const before = await count('app.patients');
    expect(told(await register())).toEqual(AWAY);
    await withClient(database.superuser, (client) => client.query('DROP FUNCTION app.fail_for_test() CASCADE'));
    expect(await count('app.patients')).toBe(before);
    expect((await register()).status).toBe(201);
  });
});
