import { execFileSync } from 'node:child_process';
import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { migrate } from '../../src/database/migrate.js';
import { type Answer, Caller } from '../support/api.js';
import { type TestDatabase, withClient } from '../support/database.js';
import { rowsOf, sealed, verify } from '../support/log.js';
import { CONFIRMED, makeClearedPatient, makeClinic, makePatient, makeSession, type Person, type TestClinic } from '../support/make.js';
import { kill, launchOwner, type Owner, startOwner } from '../support/owner.js';
import { type Proxy, startProxy } from '../support/proxy.js';
import { type ServerProcess, startServerProcess } from '../support/server.js';

// Clients work without a pause while everything below them fails in turn, and repeat each request with its key until it is answered. At the
// end the history is checked: each act that was acknowledged is there once, with its event; nothing else is.

const env = { AUTH_SECRET: randomBytes(32).toString('hex') };
let folder: string;
let owner: Owner;
let database: TestDatabase;
let proxy: Proxy;
let server: ServerProcess;
let clinic: TestClinic;
/** Paths of what was created, without the ids in them, and the ids of the new rows. */
const acknowledged: { readonly path: string; readonly id: string }[] = [];
/** Each act waits for one more. */
let progress: () => void = () => undefined;
const unexpected: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assent-faults-'));
  chmodSync(folder, 0o755);
  await startPostgres();
  await migrate({ owner: database.owner, app: database.app, identity: database.identity, sealer: database.sealer });
  proxy = await startProxy(database);
  await startAssent();
  clinic = await makeClinic(server);
}, 120_000);
afterAll(async () => {
  await server.kill();
  await proxy.stop();
  await owner.stop();
  await rm(folder, { recursive: true, force: true, maxRetries: 10 });
});

/** On the same data, at another port. */
async function startPostgres(): Promise<void> {
  owner = await startOwner(launchOwner(join(folder, 'data')));
  const superuser = new URL(owner.superuserUrl);
  superuser.pathname = '/assent';
  database = {
    dataDir: join(folder, 'server'),
    superuser: superuser.href,
    owner: owner.ownerUrl,
    app: owner.appUrl,
    identity: owner.identityUrl,
    sealer: owner.sealerUrl,
    drop: async () => undefined,
  };
}

async function startAssent(): Promise<void> {
  server = await startServerProcess({ shared: { ...proxy.database, owner: database.owner, superuser: database.superuser }, env });
}

/** PostgreSQL ends, and is started again. */
async function losePostgres(how: () => void): Promise<void> {
  const lost = once(owner.child, 'message');
  how();
  await lost;
  await owner.stop();
  await startPostgres();
  proxy.retarget(database.app);
}

/** Repeats each request with the same key until it is answered one way or the other. */
class Persistent extends Caller {
  override async send(method: string, path: string, body: string | undefined, headers: Record<string, string>): Promise<Answer> {
    const key: Record<string, string> = method === 'GET' ? {} : { 'idempotency-key': randomUUID() };
    for (;;) {
      const answer = await new Caller(server.url, this.token).send(method, path, body, { ...headers, ...key }).catch((error: Error) => {
        // No answer: the server is away, or went away meanwhile.
        if (error.name !== 'TypeError') throw error;
        return undefined;
      });
      if (answer && answer.status !== 503 && answer.body.code !== 'idempotency.in-flight') {
        if (answer.status >= 500) unexpected.push(`${method} ${path} ${answer.status} ${JSON.stringify(answer.body)}`);
        if (method === 'POST' && answer.status === 201) {
          acknowledged.push({ path: path.replaceAll(/[0-9a-f-]{36}/g, ':id'), id: answer.body.id as string });
          progress();
        }
        return answer;
      }
      await delay(50);
    }
  }
}

const persistent = ({ id, token }: Person): Person => ({ id, token, api: new Persistent(server.url, token) });

/** Everything that a patient goes through; the consent is withdrawn while a colleague tries to start. */
async function treat(): Promise<void> {
  const [practitioner, colleague] = [persistent(clinic.practitioner), persistent(clinic.colleague)];
  const { patientId, consentId } = await makeClearedPatient(practitioner);
  const sessionId = await makeSession(practitioner, patientId);
  const end = await practitioner.api.post(`/api/sessions/${sessionId}/end`);
  const [withdrawn, raced] = await Promise.all([
    practitioner.api.post(`/api/consents/${consentId}/withdrawal`, { reason: 'Another thought.', withdrawnBy: { kind: 'patient' } }),
    colleague.api.post(`/api/patients/${patientId}/sessions`, CONFIRMED),
  ]);
  const late = await practitioner.api.post(`/api/patients/${patientId}/sessions`, CONFIRMED);
  const codes = (late.body.blockers as { code: string }[] | undefined)?.map(({ code }) => code) ?? [];
  if (![200, 201].includes(end.status) || ![200, 201].includes(withdrawn.status) || ![201, 409].includes(raced.status)) {
    unexpected.push(`${end.status} ${withdrawn.status} ${raced.status} ${JSON.stringify([end.body, withdrawn.body, raced.body])}`);
  }
  if (late.status !== 409 || !codes.includes('consent.withdrawn'))
    unexpected.push(`A start after the withdrawal: ${late.status} ${codes.join()}`);
}

/** So many more acts are acknowledged. */
async function acts(count: number): Promise<void> {
  for (let left = count; left > 0; left -= 1) await new Promise<void>((resolve) => (progress = resolve));
}

/** A table for the smallest of discs, and the disc's path: tmpfs where this process may mount one. */
async function fillDisk(): Promise<() => Promise<void>> {
  const disk = join(folder, 'disk');
  try {
    mkdirSync(disk);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', disk], { stdio: 'ignore' });
  } catch {
    // Who may not mount gets PostgreSQL's error without its cause.
    await withClient(database.superuser, (client) =>
      client.query(`
        CREATE FUNCTION app.disk_is_full() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION USING ERRCODE = 'disk_full'; END $$;
        CREATE TRIGGER disk_is_full BEFORE INSERT ON app.patients FOR EACH ROW EXECUTE FUNCTION app.disk_is_full()`),
    );
    return async () => {
      await withClient(database.superuser, (client) => client.query('DROP FUNCTION app.disk_is_full() CASCADE'));
    };
  }
  const { uid, gid } = statSync(join(folder, 'data', 'postgres', 'pgdata'));
  chownSync(disk, uid, gid);
  await withClient(database.superuser, async (client) => {
    await client.query(`CREATE TABLESPACE small LOCATION '${disk}'`);
    await client.query('ALTER TABLE app.patients SET TABLESPACE small');
  });
  const filler = join(disk, 'filler');
  await writeFile(filler, Buffer.alloc(8 * 1024 * 1024)).catch(() => undefined);
  return async () => {
    await rm(filler);
    await withClient(database.superuser, async (client) => {
      await client.query('ALTER TABLE app.patients SET TABLESPACE pg_default');
      await client.query('DROP TABLESPACE small');
    });
    execFileSync('umount', [disk]);
  };
}

/** Requests whose bodies never come to their end. */
function slowClients(): Socket[] {
  const { hostname, port } = new URL(server.url);
  return Array.from({ length: 30 }, () => {
    const socket = connect(Number(port), hostname).on('error', () => undefined);
    socket.write('POST /api/patients HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n{');
    return socket;
  });
}

const FAULTS: Readonly<Record<string, () => Promise<void>>> = {
  'kill -9 of the server': async () => {
    await server.kill();
    await startAssent();
  },
  'kill -9 of one backend': () =>
    losePostgresBy(`SELECT pid FROM pg_stat_activity WHERE usename = 'assent_app' ORDER BY state = 'active' DESC, random() LIMIT 1`),
  'kill -9 of PostgreSQL': () =>
    losePostgres(() => kill(Number(readFileSync(join(folder, 'data', 'postgres', 'pgdata', 'postmaster.pid'), 'utf8').split('\n')[0]))),
  'connections that are cut': async () => proxy.cut(),
  'connections that are cut after COMMIT': async () => {
    proxy.set('cut after COMMIT');
    await acts(1);
    proxy.set('cut after COMMIT');
  },
  'a slow way to PostgreSQL': async () => {
    proxy.hold(30);
    await acts(3);
    proxy.hold(0);
  },
  'a silent PostgreSQL': async () => {
    proxy.set('swallow');
    // At least one request is given up: the limit is in the proxy's addresses.
    await until503();
    proxy.set('pass');
    proxy.cut();
  },
  'a full disk': async () => {
    const free = await fillDisk();
    // Patients who fit into what is left of the last page still are registered.
    await until503();
    await free();
  },
  'SIGTERM of the server': async () => {
    await server.stop();
    await startAssent();
  },
  'slow clients': async () => {
    const sockets = slowClients();
    await acts(3);
    for (const socket of sockets) socket.destroy();
  },
};

async function losePostgresBy(sql: string): Promise<void> {
  const [row] = await rowsOf<{ pid: number }>(database, sql);
  await losePostgres(() => kill(row?.pid ?? 0));
}

async function until503(): Promise<void> {
  for (;;) {
    const { status } = await new Caller(server.url, clinic.receptionist.token).post('/api/patients', {
      givenName: 'Nobody',
      familyName: 'Unacknowledged',
      birthDate: '1984-05-17',
    });
    if (status === 503) return;
    if (status === 201) acknowledged.push({ path: '/api/patients', id: '' });
  }
}

describe('under load, while everything fails in turn', () => {
  it('does each act that it acknowledges once, with its event, and nothing else', async () => {
    let isOver = false;
    const work = async (one: () => Promise<unknown>) => {
      while (!isOver) await one();
    };
    const workers = Promise.all([
      work(treat),
      work(treat),
      work(treat),
      work(() => makePatient(persistent(clinic.receptionist), { familyName: 'García' })),
    ]);
    const failed = workers.then(() => Promise.reject(new Error('The work ended.')));
    failed.catch(() => undefined);
    for (const [name, fault] of Object.entries(FAULTS)) {
      await Promise.race([acts(randomInt(4, 12)), failed]);
      await Promise.race([fault(), failed]).catch((error: unknown) => {
        throw new Error(`${name}: ${String(error)}\n${server.output().slice(-4_000)}${server.errors().slice(-4_000)}`, { cause: error });
      });
    }
    await Promise.race([acts(5), failed]);
    isOver = true;
    await workers;
    expect(unexpected).toEqual([]);
    await sealed(database);

    const made = (path: string) => acknowledged.filter((act) => act.path === path);
    for (const [path, table] of [
      ['/api/patients', 'patients'],
      ['/api/patients/:id/screenings', 'screenings'],
      ['/api/patients/:id/discussions', 'discussions'],
      ['/api/discussions/:id/consent', 'consents'],
      ['/api/patients/:id/sessions', 'sessions'],
    ] as const) {
      const rows = await rowsOf<{ id: string }>(database, `SELECT id FROM app.${table}`);
      expect({ table, rows: rows.length }).toEqual({ table, rows: made(path).length });
      const ids = new Set(rows.map(({ id }) => id));
      expect(made(path).filter(({ id }) => id && !ids.has(id))).toEqual([]);
      const events = await rowsOf<{ n: number }>(
        database,
        `SELECT count(event.id)::int AS n FROM app.${table} AS made LEFT JOIN audit.events AS event ON event.subject_id = made.id::text AND event.action = 'insert'
          GROUP BY made.id HAVING count(event.id) <> 1`,
      );
      expect(events).toEqual([]);
    }
    expect(await verify(database)).toMatchObject({ code: 0 });
  }, 180_000);
});
