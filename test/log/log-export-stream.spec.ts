import { get, type IncomingMessage } from 'node:http';
import { withClient } from '../support/database.js';
import { linesOf, publicKeyOf, sealed, Verifiers } from '../support/exports.js';
import { makeClinic, type Person, type TestClinic } from '../support/make.js';
import { startServer, type TestServer } from '../support/server.js';
import { asSuperuser } from '../support/sql.js';

/** More than the buffers of both ends of a connection hold, so that the server has to wait. */
const MANY = 20_000;

let server: TestServer;
let clinic: TestClinic;
let verifiers: Verifiers;
beforeAll(async () => {
  [server, verifiers] = await Promise.all([startServer(), Verifiers.open()]);
});
beforeEach(async () => {
  clinic = await makeClinic(server);
  await asSuperuser(
    server,
    `SELECT audit.record('search', 'success', 'findPatients', NULL, NULL, jsonb_build_object('query', repeat('x', 400), 'n', n), clinic => $1)
       FROM generate_series(1, ${MANY}) AS n`,
    [clinic.id],
  );
  await sealed(server);
});
afterAll(async () => {
  await server.stop();
  await verifiers.close();
});

/** An answer of which nothing more is taken from the connection than its first chunk. */
async function start(by: Person): Promise<IncomingMessage> {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    get(new URL('/api/audit/export', server.url), { headers: { cookie: `assent=${by.token}` } }, resolve).once('error', reject);
  });
  // Without a listener, an answer that breaks off before it is read on would look as if it had ended.
  answer.on('error', () => undefined);
  await new Promise((resolve) => answer.once('readable', resolve));
  return answer;
}

async function finish(answer: IncomingMessage, chunks: Buffer[] = []): Promise<string> {
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

async function recorded(): Promise<object[]> {
  const rows = await asSuperuser(server, `SELECT details FROM audit.events WHERE clinic_id = $1 AND action = 'export' ORDER BY id`, [
    clinic.id,
  ]);
  return rows.map(({ details }) => JSON.parse(details ?? '') as object);
}

/** Until the database says so; each question is a round trip. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds()));
}

async function busyConnections(): Promise<number> {
  const [row] = await asSuperuser(
    server,
    `SELECT count(*) AS busy FROM pg_stat_activity WHERE datname = current_database() AND usename = 'assent_app' AND state <> 'idle'`,
  );
  return Number(row?.['busy']);
}

async function waitingConnections(): Promise<number> {
  const [row] = await asSuperuser(
    server,
    `SELECT count(*) AS waiting FROM pg_stat_activity WHERE datname = current_database() AND usename = 'assent_app' AND wait_event_type = 'Lock'`,
  );
  return Number(row?.['waiting']);
}

describe('an export of the log that is on its way', () => {
  it('is in the record already, holds no connection, and has nothing of what happens meanwhile', async () => {
    const answer = await start(clinic.administrator);
    expect(await recorded()).toEqual([{ filters: {} }]);
    await until(async () => (await busyConnections()) === 0);
    await clinic.receptionist.api.get('/api/patients?query=later');
    await sealed(server);
    const text = await finish(answer);
    const events = linesOf(text).at(-1).events as number;
    expect(events).toBeGreaterThan(MANY);
    expect(text).not.toContain('later');
    expect(await recorded()).toEqual([{ filters: {} }, { complete: true, lines: events }]);
    expect((await verifiers.assent(text, [await publicKeyOf(clinic.administrator)])).status).toBe(0);
  });

  it('stops when the reader goes away, and says how far it was', async () => {
    const answer = await start(clinic.administrator);
    answer.destroy();
    await until(async () => (await recorded()).length === 2);
    const [, ended] = (await recorded()) as { complete?: boolean; lines?: number }[];
    expect(ended).toEqual({ complete: false, lines: expect.any(Number) });
    expect(ended?.lines).toBeLessThan(MANY);
    expect(await busyConnections()).toBe(0);
  });

  const endings: Record<string, () => Promise<unknown>> = {
    'the session ends': () => clinic.administrator.api.post('/api/auth/sign-out'),
    'the person is no administrator any more': () =>
      asSuperuser(server, `UPDATE app.staff SET role = 'receptionist' WHERE id = $1`, [clinic.administrator.id]),
    'the person is deactivated': () =>
      asSuperuser(server, `UPDATE app.staff SET active = tstzrange(lower(active), clock_timestamp()) WHERE id = $1`, [
        clinic.administrator.id,
      ]),
  };
  it.each(Object.keys(endings))('breaks off visibly when %s, and what came is no whole file', async (ending) => {
    const key = await publicKeyOf(clinic.administrator);
    const answer = await start(clinic.administrator);
    await endings[ending]?.();
    const chunks: Buffer[] = [];
    await expect(finish(answer, chunks)).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(answer.complete).toBe(false);
    expect(await recorded()).toEqual([{ filters: {} }]);
    const { status, said } = await verifiers.assent(Buffer.concat(chunks), [key]);
    expect([status, said]).toEqual([1, expect.stringContaining('the file was cut')]);
    expect((await clinic.practitioner.api.get('/api/me')).status).toBe(200);
  });

  it('breaks off too when the person is no administrator any more by the time that a page is read', async () => {
    const answer = await start(clinic.administrator);
    await until(async () => (await busyConnections()) === 0);
    const chunks: Buffer[] = [];
    await withClient(server.database.superuser, async (superuser) => {
      // The next page waits after its sign-on, and is read when the right is gone.
      await superuser.query('BEGIN; LOCK TABLE audit.events IN ACCESS EXCLUSIVE MODE');
      const ending = finish(answer, chunks).then(
        () => 'whole',
        (error: NodeJS.ErrnoException) => error.code,
      );
      await until(async () => (await waitingConnections()) === 1);
      await superuser.query(`UPDATE app.staff SET role = 'receptionist' WHERE id = $1`, [clinic.administrator.id]);
      await superuser.query('COMMIT');
      expect(await ending).toBe('ECONNRESET');
    });
    expect(Buffer.concat(chunks).toString()).not.toContain('"end":true');
    expect(await recorded()).toEqual([{ filters: {} }]);
  });

  it('begins and is recorded by GET, not by HEAD', async () => {
    const { status, body } = await clinic.administrator.api.call('HEAD', '/api/audit/export');
    expect([status, body, await recorded()]).toEqual([200, '', []]);
  });
});
