import { randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { said } from '../support/accounts.js';
import { type Answer, Caller } from '../support/api.js';
import { makeClinic, makePatient, PASSWORD, signIn, type TestClinic } from '../support/make.js';
import { startServer, type TestServer } from '../support/server.js';
import { asSuperuser } from '../support/sql.js';

let server: TestServer;
let clinic: TestClinic;
beforeAll(async () => {
  server = await startServer();
  clinic = await makeClinic(server);
});
afterAll(() => server.stop());

const ROSA = { givenName: 'Rosa', familyName: 'García', birthDate: '1984-05-17' };
const post = (path: string, body: object | undefined, key: string, by = clinic.receptionist.api): Promise<Answer> =>
  by.call('POST', path, body, { 'idempotency-key': key });
const isReplayed = ({ headers }: Answer): boolean => headers.get('idempotent-replayed') === 'true';
const patients = async (): Promise<unknown> => (await asSuperuser(server, 'SELECT count(*)::int AS count FROM app.patients'))[0]?.['count'];

describe('an Idempotency-Key', () => {
  it('is the same with quotes, as the draft has them, and without', async () => {
    const key = randomUUID();
    const first = await post('/api/patients', ROSA, `"${key}"`);
    const again = await post('/api/patients', ROSA, key);
    expect([first.status, again.status, isReplayed(again)]).toEqual([201, 201, true]);
    expect(again.body).toEqual(first.body);
  });

  it.each(['0123456789abcdef', 'x'.repeat(128), 'AZaz09._~:+/=-AZaz09', '01JD8Z6V5R0Q4T3X2Y1W0V9U8T'])('may be %s', async (key) => {
    expect((await post('/api/patients', ROSA, key)).status).toBe(201);
    expect(isReplayed(await post('/api/patients', ROSA, `"${key}"`))).toBe(true);
  });

  it.each([
    '',
    '""',
    'too-short',
    '"too-short"',
    'x'.repeat(129),
    '"no-end-of-the-quote',
    'no-start-of-the-quote"',
    '""0123456789abcdef""',
    "'0123456789abcdef'",
    '0123456789 abcdef',
    '0123456789abcdef, 0123456789abcdef',
    '"0123456789abcdef"; a=1',
    '0123456789abcdéf',
    `0123456789abcdef'; DROP TABLE app.idempotency_keys; --`,
    '\\x0123456789abcdef',
  ])('may not be %j', async (key) => {
    const before = await patients();
    const refused = await post('/api/patients', ROSA, key);
    expect(said(refused)).toEqual([400, 'malformed']);
    expect(refused.body.errors).toEqual([
      {
        field: 'Idempotency-Key',
        message: 'must be one key of 16 to 128 letters, digits or . _ ~ : + / = -, such as a new UUID',
      },
    ]);
    expect(await patients()).toBe(before);
  });

  it('may be sent once', async () => {
    const status = await new Promise((resolve, reject) => {
      const headers = { cookie: `assent=${clinic.receptionist.token}`, 'idempotency-key': [randomUUID(), randomUUID()] };
      request(new URL('/api/patients', server.url), { method: 'POST', headers }, (answer) => resolve(answer.resume().statusCode))
        .once('error', reject)
        .end();
    });
    expect(status).toBe(400);
  });

  it('asks first who it is', async () => {
    expect(said(await post('/api/patients', ROSA, 'bad', new Caller(server.url)))).toEqual([401, 'not-signed-in']);
    const key = randomUUID();
    expect(said(await post('/api/staff', {}, key))).toEqual([403, 'forbidden']);
    expect(said(await post('/api/patients', ROSA, key, new Caller(server.url, 'x'.repeat(43))))).toEqual([401, 'not-signed-in']);
    expect((await post('/api/patients', ROSA, key)).status).toBe(201);
  });

  it('goes with a body of any depth and size that is taken otherwise', async () => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000);
    for (const body of [`{"givenName": ${deep}}`, '{', '[]', `{"__proto__": {}}`]) {
      const headers = { 'content-type': 'application/json', 'idempotency-key': randomUUID() };
      expect((await clinic.receptionist.api.send('POST', '/api/patients', body, headers)).status).toBe(400);
    }
  });

  it('is for the same text, not for one that means the same', async () => {
    const headers = { 'content-type': 'application/json', 'idempotency-key': randomUUID() };
    const text = JSON.stringify(ROSA);
    const first = await clinic.receptionist.api.send('POST', '/api/patients', text, headers);
    const spaced = await clinic.receptionist.api.send('POST', '/api/patients', `${text} `, headers);
    const again = await clinic.receptionist.api.send('POST', '/api/patients', text, headers);
    expect([first.status, spaced.status, again.status]).toEqual([201, 422, 201]);
  });

  it('of a body that holds a password isn’t a digest that somebody could try passwords with', async () => {
    const person = await signIn(server, clinic.administrator.id);
    const key = randomUUID();
    const body = { currentPassword: PASSWORD, newPassword: 'seven quiet lighthouses' };
    const changed = await person.api.call('PUT', '/api/me/password', body, { 'idempotency-key': key });
    expect(changed.status).toBe(204);
    const asked = ['PUT', '/api/me/password', '', JSON.stringify(body)].join('\n');
    const rows = await asSuperuser(
      server,
      `SELECT fingerprint = sha256(convert_to($2, 'UTF8')) AS plain FROM app.idempotency_keys WHERE key = $1`,
      [key, asked],
    );
    expect(rows).toEqual([{ plain: false }]);
  });
});

describe('where nothing is to be repeated, an Idempotency-Key', () => {
  it('is ignored by a look', async () => {
    const key = randomUUID();
    const id = await makePatient(clinic.receptionist);
    for (const bad of ['bad', key, key]) {
      const answer = await clinic.receptionist.api.call('GET', `/api/patients/${id}`, undefined, { 'idempotency-key': bad });
      expect([answer.status, isReplayed(answer)]).toEqual([200, false]);
    }
    expect((await post('/api/patients', ROSA, key)).status).toBe(201);
  });

  it('is ignored where people sign in: its values count once', async () => {
    const email = 'nobody@clinic.example';
    const key = randomUUID();
    const anyone = new Caller(server.url);
    const signIns = [
      await post('/api/auth/sign-in', { email, password: PASSWORD }, key, anyone),
      await post('/api/auth/sign-in', {}, key, anyone),
    ];
    expect(signIns.map(({ status }) => status)).toEqual([401, 400]);
    const person = await signIn(server, clinic.practitioner.id);
    const secrets = [await post('/api/me/totp', undefined, key, person.api), await post('/api/me/totp', undefined, key, person.api)];
    expect(secrets.map((answer) => [answer.status, isReplayed(answer)])).toEqual([
      [201, false],
      [201, false],
    ]);
    expect(secrets[0]?.body.secret).not.toBe(secrets[1]?.body.secret);
  });
});
