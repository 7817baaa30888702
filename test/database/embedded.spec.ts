import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, cp, lstat, mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, watch, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { restoreSymlinks } from '../../src/database/embedded/programs.js';
import { end, kill, launchOwner, type Owner, query, startOwner } from '../support/owner.js';
import { MAIN } from '../support/server.js';

const owners: ChildProcess[] = [];
let folder: string;
let dataDir: string;

async function makeFolder(): Promise<void> {
  folder = await mkdtemp(join(tmpdir(), 'assent-embedded-'));
  dataDir = join(folder, 'data');
}

async function removeFolder(): Promise<void> {
  for (const child of owners.splice(0)) {
    if (child.exitCode === null && child.signalCode === null) await end(child, () => child.kill('SIGKILL'));
  }
  const server = await serverPid().catch(() => undefined);
  if (server) kill(server);
  // The server's children may still be writing their last.
  await rm(folder, { recursive: true, force: true, maxRetries: 10 });
}

describe('a new database', () => {
  let server: Owner;
  beforeAll(async () => {
    await makeFolder();
    server = await start();
  });
  afterAll(removeFolder);

  it('lets each role in with its own rights alone', async () => {
    const { ownerUrl, appUrl, identityUrl, sealerUrl } = server;
    const rights = `SELECT rolname, rolsuper, rolcreaterole, rolcreatedb, rolbypassrls, current_database() AS database
                    FROM pg_roles WHERE rolname = current_user`;
    const none = { rolsuper: false, rolcreaterole: false, rolcreatedb: false, rolbypassrls: false, database: 'assent' };

    expect(await query(ownerUrl, rights)).toEqual([{ ...none, rolname: 'assent_owner', rolcreaterole: true }]);
    expect(await query(appUrl, rights)).toEqual([{ ...none, rolname: 'assent_app' }]);
    expect(await query(identityUrl, rights)).toEqual([{ ...none, rolname: 'assent_identity' }]);
    expect(await query(sealerUrl, rights)).toEqual([{ ...none, rolname: 'assent_sealer' }]);
    await expect(query(appUrl, 'CREATE TEMP TABLE t ()')).rejects.toMatchObject({ code: '42501' });
    await expect(query(appUrl, 'CREATE TABLE t ()')).rejects.toMatchObject({ code: '42501' });
    await expect(query(appUrl.replace(/assent$/, 'postgres'), 'SELECT')).rejects.toMatchObject({ code: '42501' });
  });

  it('folds the case of letters beyond ASCII', async () => {
    expect(await query(server.appUrl, `SELECT lower('ÅŽÉΣ'), 'Žofia' ILIKE 'žOFIA' AS same`)).toEqual([{ lower: 'åžéσ', same: true }]);
  });

  it('refuses a wrong password', async () => {
    const url = new URL(server.appUrl);
    url.password = 'wrong';
    await expect(query(url.href, 'SELECT')).rejects.toMatchObject({ code: '28P01' });
  });

  it('keeps others from the passwords, the log and the data', async () => {
    expect(await modes('.', 'postgres/secrets.json', 'postgres/server.log', 'postgres/pgdata')).toEqual([0o700, 0o600, 0o600, 0o700]);
    expect(await readdir(join(dataDir, 'postgres'))).toEqual(['pgdata', 'secrets.json', 'server.log']);
  });

  it('survives Ctrl-C in the terminal, which reaches the owner’s whole process group', async () => {
    const pid = await serverPid();
    // Field 5 is the process group: the server leads its own. Only Linux shows it in a file.
    const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => `${pid} (postgres) S 1 ${pid}`);
    expect(Number(status.split(' ')[4])).toBe(pid);
  });
});

describe('the first start', () => {
  beforeEach(makeFolder);
  afterEach(removeFolder);

  it('works below a folder that only its user can enter', async () => {
    await chmod(folder, 0o700);
    const { appUrl } = await start();
    expect(await query(appUrl, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('lets exactly one of two at once win', async () => {
    const [first, second] = await Promise.allSettled([start(), start()]);
    const winner = first.status === 'fulfilled' ? first : second;
    const loser = first.status === 'fulfilled' ? second : first;

    expect(loser).toMatchObject({ reason: { message: expect.stringContaining('Another Assent is running') } });
    expect(winner).toMatchObject({ status: 'fulfilled' });
    expect(await query((winner as PromiseFulfilledResult<Owner>).value.appUrl, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect(await readdir(dataDir)).toEqual(['postgres']);
  });

  it('leaves nothing in the way of the next when it is killed half-way', async () => {
    await mkdir(dataDir);
    const changes = watch(dataDir);
    const child = launch();
    for await (const { filename } of changes) {
      if (filename?.startsWith('postgres.initdb-')) break;
    }
    await end(child, () => child.kill('SIGKILL'));

    const { appUrl } = await start();
    expect(await query(appUrl, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect(await readdir(dataDir)).toEqual(['postgres']);
  });

  it('ends in order at a signal that comes before it is ready', async () => {
    await mkdir(dataDir);
    const changes = watch(dataDir);
    const child = spawn(process.execPath, [MAIN], { env: { PATH: process.env['PATH'], PORT: '0', DATA_DIR: dataDir }, stdio: 'ignore' });
    owners.push(child);
    for await (const { filename } of changes) {
      if (filename === 'postgres') break;
    }
    await end(child, () => child.kill('SIGTERM'));

    expect(child.exitCode).toBe(0);
    await expect(serverPid()).rejects.toMatchObject({ code: 'ENOENT' });
    expect(await readdir(dataDir)).toEqual(['postgres']);
  });

  it('says that it can’t use a data folder', async () => {
    await writeFile(dataDir, 'a file');
    await expect(start()).rejects.toThrow(`The data folder ${dataDir} can't be used (EEXIST)`);
  });

  it('refuses a folder with somebody else’s files', async () => {
    await mkdir(join(dataDir, 'postgres', 'precious'), { recursive: true });
    await expect(start()).rejects.toThrow('holds no database of Assent');
    expect(await readdir(dataDir)).toEqual(['postgres']);
  });
});

describe('a later start', () => {
  let stopped: string;
  let original: string;
  beforeAll(async () => {
    await makeFolder();
    stopped = folder;
    original = dataDir;
    await (await start()).stop();
  });
  // Copies, because they are quicker than new ones. Made by root, they are root's: the start gives them back to the server's account.
  beforeEach(async () => {
    await makeFolder();
    await cp(original, dataDir, { recursive: true });
  });
  afterEach(removeFolder);
  afterAll(() => rm(stopped, { recursive: true }));

  it('finds the data and the passwords of the one before', async () => {
    const before = await start();
    await query(before.ownerUrl, 'CREATE TABLE kept AS SELECT 42 AS answer');
    await before.stop();

    const after = await start();
    expect(await query(after.ownerUrl, 'TABLE kept')).toEqual([{ answer: 42 }]);
    expect(new URL(after.appUrl).password).toBe(new URL(before.appUrl).password);
  });

  it('gives the roles back the passwords and rights that secrets.json and Assent say', async () => {
    const before = await start();
    await query(before.superuserUrl, `ALTER ROLE assent_app SUPERUSER PASSWORD 'other'`);
    await before.stop();

    const { appUrl } = await start();
    expect(await query(appUrl, 'SELECT rolsuper FROM pg_roles WHERE rolname = current_user')).toEqual([{ rolsuper: false }]);
  });

  it('is refused while another process owns the folder', async () => {
    const owner = await start();
    await expect(start()).rejects.toThrow('Another Assent is running with this data folder');
    expect(await query(owner.appUrl, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('takes over the server of an owner that was killed, and stops it', async () => {
    const killed = await start();
    const pid = await serverPid();
    await killed.kill();

    const heir = await start();
    expect(await serverPid()).toBe(pid);
    expect(heir.appUrl).toBe(killed.appUrl);
    await heir.stop();
    await expect(serverPid()).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('recovers what was committed when everything was killed', async () => {
    const killed = await start();
    await query(killed.ownerUrl, 'CREATE TABLE kept AS SELECT 42 AS answer');
    kill(await serverPid());
    await killed.kill();

    const { ownerUrl } = await start();
    expect(await query(ownerUrl, 'TABLE kept')).toEqual([{ answer: 42 }]);
  });

  it('isn’t put off by a leftover postmaster.pid whose number an unrelated process has got', async () => {
    const before = await start();
    const pidFile = await readFile(join(pgdata(), 'postmaster.pid'), 'utf8');
    await before.stop();
    const { uid, gid } = await stat(pgdata());
    const unrelated = spawn('cat', { uid, gid, cwd: '/' });
    await once(unrelated, 'spawn');
    await writeFile(join(pgdata(), 'postmaster.pid'), pidFile.replace(/^\d+/, String(unrelated.pid)));

    const { appUrl } = await start();
    expect(await query(appUrl, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect(unrelated.exitCode).toBeNull();
    await end(unrelated, () => unrelated.stdin.end());
  });

  it('tells its process when the server ends unexpectedly', async () => {
    const owner = await start();
    const told = once(owner.child, 'message');
    kill(await serverPid());
    expect(await told).toMatchObject([{ lost: expect.stringContaining('PostgreSQL ended unexpectedly') }, undefined]);
  });

  it('leaves no server that restarted after a crash', async () => {
    const owner = await start();
    const told = once(owner.child, 'message');
    const [row] = await query(owner.superuserUrl, `SELECT pid FROM pg_stat_activity WHERE application_name = 'assent owner'`);
    kill((row as { pid: number }).pid);
    await told;
    await owner.stop();
    await expect(serverPid()).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('names both versions when another PostgreSQL made the data', async () => {
    await writeFile(join(pgdata(), 'PG_VERSION'), '17\n');
    await expect(start()).rejects.toThrow(/made by PostgreSQL 17, but this Assent brings PostgreSQL 18/);
  });

  it('shows the end of the log when the server refuses to start', async () => {
    await writeFile(join(pgdata(), 'postgresql.conf'), 'no_such_setting = 1\n');
    await expect(start()).rejects.toThrow('unrecognized configuration parameter "no_such_setting"');
  });
});

describe('restoreSymlinks', () => {
  beforeEach(makeFolder);
  afterEach(removeFolder);

  it('creates the links that npm didn’t, and leaves those that exist', async () => {
    const lib = join(folder, 'native', 'lib');
    await mkdir(lib, { recursive: true });
    await writeFile(join(lib, 'libpq.so.5.18'), 'library');
    await writeFile(
      join(folder, 'native', 'pg-symlinks.json'),
      JSON.stringify([{ source: 'native/lib/libpq.so.5.18', target: 'native/lib/libpq.so.5' }]),
    );
    await restoreSymlinks(folder);
    const made = await lstat(join(lib, 'libpq.so.5'));
    await restoreSymlinks(folder);

    expect(await readlink(join(lib, 'libpq.so.5'))).toBe('libpq.so.5.18');
    expect((await lstat(join(lib, 'libpq.so.5'))).ino).toBe(made.ino);
  });

  it('has nothing to do in a package without links', async () => {
    await restoreSymlinks(folder);
    expect(await readdir(folder)).toEqual([]);
  });
});

function launch(): ChildProcess {
  const child = launchOwner(dataDir);
  owners.push(child);
  return child;
}

const start = (): Promise<Owner> => startOwner(launch());

const pgdata = () => join(dataDir, 'postgres', 'pgdata');

async function serverPid(): Promise<number> {
  return Number.parseInt(await readFile(join(pgdata(), 'postmaster.pid'), 'utf8'), 10);
}

function modes(...paths: string[]): Promise<number[]> {
  return Promise.all(paths.map(async (path) => (await stat(join(dataDir, path))).mode & 0o777));
}
