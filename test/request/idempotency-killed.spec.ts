import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type ClientRequest, request } from 'node:http';
import { Client } from 'pg';
import { type Answer, Caller } from '../support/api.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { makeClinic, type TestClinic } from '../support/make.js';
import { type ServerProcess, startServerProcess } from '../support/server.js';

let database: TestDatabase;
/** Sees everything, and holds up what the server does. */
let superuser: Client;
let server: ServerProcess;
let clinic: TestClinic;
// The same for both servers: what was asked is compared by a digest that is keyed with it.
const env = { AUTH_SECRET: randomBytes(32).toString('hex') };
beforeEach(async () => {
  database = await createDatabase();
  superuser = new Client({ connectionString: database.superuser });
  await superuser.connect();
  server = await startServerProcess({ shared: database, env });
  clinic = await makeClinic(server);
});
afterEach(async () => {
  await server.stop();
  await superuser.end();
  await database.drop();
});

const BODY = JSON.stringify({ givenName: 'Rosa', familyName: 'García', birthDate: '1984-05-17' });
const headersOf = (key: string) => ({ 'content-type': 'application/json', 'idempotency-key': key });

async function eventually(sql: string): Promise<void> {
  for (let { rowCount } = await superuser.query(sql); !rowCount; { rowCount } = await superuser.query(sql));
}
const heldUp = `SELECT FROM pg_locks WHERE relation = 'app.patients'::regclass AND NOT granted`;

/** Sends a registration, and returns while the server is writing it. */
async function registerHeldUp(key: string): Promise<ClientRequest> {
  await superuser.query('BEGIN; LOCK TABLE app.patients IN EXCLUSIVE MODE');
  const { token } = clinic.receptionist;
  const sent = request(new URL('/api/patients', server.url), {
    method: 'POST',
    headers: { ...headersOf(key), cookie: `assent=${token}`, 'content-length': Buffer.byteLength(BODY) },
  });
  sent.on('error', () => undefined).end(BODY);
  await eventually(heldUp);
  return sent;
}

const repeat = (key: string): Promise<Answer> =>
  new Caller(server.url, clinic.receptionist.token).send('POST', '/api/patients', BODY, headersOf(key));

async function patients(): Promise<string[]> {
  return (await superuser.query<{ id: string }>('SELECT id FROM app.patients')).rows.map(({ id }) => id);
}

describe('a registration whose answer is lost', () => {
  it('is found again by its key, after the client hung up and the server was killed', async () => {
    const key = randomUUID();
    const sent = await registerHeldUp(key);
    await new Promise((resolve) => sent.once('close', resolve).destroy());
    await superuser.query('COMMIT');
    await eventually('SELECT FROM app.idempotency_keys WHERE status = 201');
    await server.kill();

    server = await startServerProcess({ shared: database, env });
    const again = await repeat(key);
    expect([again.status, again.headers.get('idempotent-replayed')]).toEqual([201, 'true']);
    expect(await patients()).toEqual([again.body.id]);
  });

  it('wasn’t made where the server was killed before its commit, and is made by the repetition', async () => {
    const key = randomUUID();
    await registerHeldUp(key);
    await server.kill();
    await superuser.query('COMMIT');
    // The database notices that nobody is there any more.
    await eventually(
      `SELECT WHERE NOT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))`,
    );
    expect(await patients()).toEqual([]);

    server = await startServerProcess({ shared: database, env });
    const again = await repeat(key);
    expect([again.status, again.headers.get('idempotent-replayed')]).toEqual([201, null]);
    expect(await patients()).toEqual([again.body.id]);
  });

  it('is refused while it is still on its way', async () => {
    const key = randomUUID();
    const sent = await registerHeldUp(key);
    const answered = once(sent, 'response');
    const second = await repeat(key);
    expect([second.status, second.body.code]).toEqual([409, 'idempotency.in-flight']);
    await superuser.query('COMMIT');
    const [first] = await answered;
    expect(first.resume().statusCode).toBe(201);
    expect((await repeat(key)).headers.get('idempotent-replayed')).toBe('true');
  });
});
