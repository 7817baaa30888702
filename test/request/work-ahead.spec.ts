import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { Client } from 'pg';
import { makeClinic, PASSWORD, type TestClinic } from '../support/make.js';
import { startServer, type TestServer } from '../support/server.js';
import { makeMember, type Visitor } from '../support/visitor.js';

// With two connections to the database, two requests that hold them keep everybody else waiting.
let server: TestServer;
let clinic: TestClinic;
let elsewhere: TestClinic;
let superuser: Client;
beforeAll(async () => {
  server = await startServer({ env: { DATABASE_POOL_SIZE: '2' } });
  [clinic, elsewhere] = await Promise.all([makeClinic(server), makeClinic(server)]);
  superuser = new Client({ connectionString: server.database.superuser });
  await superuser.connect();
});
afterAll(async () => {
  await superuser.end();
  await server.stop();
});

describe('a provider for single sign-on that accepts and stays silent', () => {
  const sockets: Socket[] = [];
  let silent: Server;
  beforeAll(async () => {
    silent = createServer((socket) => sockets.push(socket.on('error', () => undefined)));
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
  });
  afterAll(() => {
    sockets.forEach((socket) => socket.destroy());
    silent.close();
  });

  it('holds no connection while it is asked, and delays its own clinic alone', async () => {
    const issuer = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const set = () =>
      clinic.administrator.api.put('/api/clinic/sso', { label: 'Work', issuer, clientId: 'assent', clientSecret: 'x'.repeat(32) });
    const asked = Array.from({ length: 23 }, set);
    while (sockets.length < 20) await once(silent, 'connection');
    expect((await elsewhere.receptionist.api.get('/api/me')).status).toBe(200);
    const codes = (await Promise.all(asked)).map(({ status, body }) => `${status} ${body.code}`);
    expect(codes.filter((code) => code === '503 sso.provider-slow')).toHaveLength(3);
    expect(codes.filter((code) => code === '422 sso.provider-unusable')).toHaveLength(20);
    // Their places are free again.
    expect(await set()).toMatchObject({ status: 422, body: { code: 'sso.provider-unusable' } });
  }, 60_000);
});

describe('passwords that are being compared', () => {
  it.each([
    ['POST /api/auth/verify', (by: Visitor) => by.post('/api/auth/verify', { password: PASSWORD }), 200],
    [
      'PUT /api/me/password',
      (by: Visitor) => by.put('/api/me/password', { currentPassword: PASSWORD, newPassword: 'seven unrelated green umbrellas' }),
      204,
    ],
  ])('hold no connection: %s', async (_name, act, status) => {
    const members = [
      await makeMember(server, clinic, { methods: 'password totp' }),
      await makeMember(server, clinic, { methods: 'password totp' }),
    ];
    // What comes just before the comparison.
    await superuser.query('BEGIN; LOCK TABLE auth.rate_limit IN EXCLUSIVE MODE');
    let isDone = false;
    const done = Promise.all(members.map(({ visitor }) => act(visitor).finally(() => (isDone = true))));
    const waits = `SELECT FROM pg_locks WHERE relation = 'auth.rate_limit'::regclass AND NOT granted`;
    while ((await superuser.query(waits)).rowCount !== 2);
    expect((await elsewhere.receptionist.api.get('/api/me')).status).toBe(200);
    expect(isDone).toBe(false);
    await superuser.query('COMMIT');
    expect((await done).map((answer) => answer.status)).toEqual([status, status]);
  });
});
