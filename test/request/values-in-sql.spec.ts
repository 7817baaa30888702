import { once } from 'node:events';
import { readFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { migrate } from '../../src/database/migrate.js';
import { makeClinic, type TestClinic } from '../support/make.js';
import { launchOwner, type Owner, startOwner } from '../support/owner.js';
import { type ServerProcess, startServerProcess } from '../support/server.js';

/** Whatever may stand nowhere: the patient's names, an address. Tokens are added. */
const SECRETS = ['Quetzalina', 'Zwickelbaum', 'zwickel@secret.example'];

let folder: string;
let owner: Owner;
let superuser: Client;
/** Holds up what the server writes. In a transaction of its own the other wouldn’t see what changes. */
let blocker: Client;
let server: ServerProcess;
let clinic: TestClinic;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assent-values-'));
  owner = await startOwner(launchOwner(join(folder, 'data'), { shared_preload_libraries: 'pg_stat_statements' }));
  const inDatabase = new URL(owner.superuserUrl);
  inDatabase.pathname = '/assent';
  superuser = new Client({ connectionString: inDatabase.href });
  blocker = new Client({ connectionString: inDatabase.href });
  for (const client of [superuser, blocker]) {
    client.on('error', () => undefined);
    await client.connect();
  }
  await superuser.query('CREATE EXTENSION pg_stat_statements SCHEMA public');
  const urls = { owner: owner.ownerUrl, app: owner.appUrl, identity: owner.identityUrl, sealer: owner.sealerUrl };
  await migrate(urls);
  server = await startServerProcess({
    shared: { ...urls, dataDir: join(folder, 'server'), superuser: inDatabase.href, drop: async () => undefined },
  });
  clinic = await makeClinic(server);
  SECRETS.push(...[clinic.administrator, clinic.practitioner, clinic.receptionist].map(({ token }) => token));
}, 120_000);
afterAll(async () => {
  await superuser.end().catch(() => undefined);
  await blocker.end().catch(() => undefined);
  await server.kill();
  await owner.kill();
  await rm(folder, { recursive: true, force: true, maxRetries: 10 });
});

const register = () =>
  clinic.receptionist.api.call(
    'POST',
    '/api/patients',
    {
      givenName: 'Quetzalina',
      familyName: 'Zwickelbaum',
      birthDate: '1984-05-17',
      email: 'zwickel@secret.example',
    },
    { 'idempotency-key': crypto.randomUUID() },
  );
const log = () => readFile(join(folder, 'data', 'postgres', 'server.log'), 'utf8');
const found = (text: string) => SECRETS.filter((secret) => text.includes(secret));

/** A registration that waits for a lock, what PostgreSQL shows of it meanwhile, and what ends it. */
async function interrupt(how: string): Promise<number> {
  await blocker.query('BEGIN; LOCK TABLE app.patients IN EXCLUSIVE MODE');
  const sent = register();
  const waiting = `SELECT pid FROM pg_stat_activity WHERE usename = 'assent_app' AND wait_event_type = 'Lock'`;
  let pid: number | undefined;
  while (pid === undefined) pid = (await superuser.query<{ pid: number }>(waiting)).rows[0]?.pid;
  const { rows } = await superuser.query(`SELECT * FROM pg_stat_activity`);
  expect(rows.length).toBeGreaterThan(3);
  expect(found(JSON.stringify(rows))).toEqual([]);
  if (how === 'crash') process.kill(pid, 'SIGKILL');
  else if (how !== 'time-out') await superuser.query(`SELECT ${how}($1)`, [pid]);
  const { status } = await sent;
  await blocker.query('ROLLBACK').catch(() => undefined);
  return status;
}

describe('tokens, names and words of a search', () => {
  it('stand in no activity, no statistics of statements and no line of PostgreSQL’s log', async () => {
    expect(await register()).toMatchObject({ status: 201 });
    for (const path of [
      '/api/patients?query=Zwickelbaum',
      '/api/audit/events?text=Zwickelbaum',
      '/api/patients?query=zwickel%27%22%5C%25',
    ]) {
      await clinic.administrator.api.get(path);
    }
    // Constraints and values that can't be read: the messages and details of these quote what they refuse.
    const staff = { name: 'Zwickelbaum', email: 'zwickel@secret.example', role: 'receptionist' };
    expect((await clinic.administrator.api.post('/api/staff', staff)).status).toBe(201);
    expect((await clinic.administrator.api.post('/api/staff', staff)).status).toBe(409);
    const app = new Client({ connectionString: owner.appUrl });
    await app.connect();
    await expect(app.query('SELECT $1::uuid', ['Zwickelbaum'])).rejects.toMatchObject({ code: '22P02' });
    await expect(app.query('SELEC $1', ['Zwickelbaum'])).rejects.toMatchObject({ code: '42601' });
    // Nor does the role see what others do.
    await expect(app.query('SELECT * FROM pg_stat_activity')).rejects.toMatchObject({ code: '42501' });
    await expect(app.query('SELECT pg_stat_get_backend_activity(1)')).rejects.toMatchObject({ code: '42501' });
    await app.end();

    expect(await interrupt('time-out')).toBe(503);
    expect(await interrupt('pg_cancel_backend')).toBe(503);
    expect(await interrupt('pg_terminate_backend')).toBe(503);
    const { rows } = await superuser.query('SELECT query FROM pg_stat_statements');
    expect(JSON.stringify(rows)).toContain('app.sign_on');
    expect(found(JSON.stringify(rows))).toEqual([]);

    const lost = once(owner.child, 'message');
    expect(await interrupt('crash')).toBe(503);
    await lost;
    const text = await log();
    expect(text).toContain('terminating connection due to administrator command');
    expect(text).toMatch(/was terminated by signal 9/);
    expect(found(text)).toEqual([]);
    expect(found(server.errors() + server.output())).toEqual([]);
  }, 60_000);
});
