import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { newKey, readSigner } from '../../src/log/format/keys.js';
import { LogKeys } from '../../src/log/log-keys.js';
import { Caller } from '../support/api.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { rowsOf, sealed, until, verify } from '../support/log.js';
import { makeClinic, makePatient, signIn } from '../support/make.js';
import { runCli } from '../support/process.js';
import { startServer, startServerProcess, withServer } from '../support/server.js';

let database: TestDatabase;
beforeEach(async () => {
  database = await createDatabase();
});
afterEach(() => database.drop());

const keyFile = (): string => join(database.dataDir, 'log-key');
const notes = async (): Promise<string[]> =>
  (await rowsOf(database, 'SELECT note FROM audit.checkpoints ORDER BY id')).map((row) => row['note'] ?? '');

describe('the log’s key', () => {
  it('is made once by servers that start together, for its owner’s eyes only, and stays', async () => {
    const servers = await Promise.all([startServerProcess({ shared: database }), startServerProcess({ shared: database })]);
    const key = await readFile(keyFile(), 'utf8');
    expect((await stat(keyFile())).mode & 0o777).toBe(0o600);
    await sealed(database);
    await Promise.all(servers.map((server) => server.stop()));
    await withServer({ shared: database }, () => sealed(database));
    expect(await readFile(keyFile(), 'utf8')).toBe(key);
    expect((await verify(database)).code).toBe(0);
  });

  it('may come from the environment', async () => {
    const key = newKey('clinic.example/1', 'note');
    await withServer({ shared: database, env: { LOG_KEY: key } }, async ({ url }) => {
      await until(async () => (await new Caller(url).get('/api/audit/checkpoint')).status === 200);
      expect((await new Caller(url).get('/api/audit/checkpoint')).body).toMatch(/^clinic\.example\/1\n/);
    });
    expect((await verify(database, [], { LOG_KEY: key })).code).toBe(0);
  });

  it.each(['nonsense', 'PRIVATE+KEY+a+00000000+AA==', newKey('w', 'cosignature'), `${newKey('a', 'note')} x`])(
    'is refused in words when it is none',
    async (key) => {
      await expect(startServer({ shared: database, env: { LOG_KEY: key } })).rejects.toThrow('LOG_KEY holds no key of a log: ');
      await writeFile(keyFile(), key);
      await expect(startServer({ shared: database })).rejects.toThrow('log-key holds no key of a log: ');
    },
  );

  it('is replaced, and each signs its own part of the log', async () => {
    const server = await startServer({ shared: database });
    const { practitioner } = await makeClinic(server);
    await sealed(database);
    const refused = await runCli(database, ['rotate-log-key']);
    expect([refused.code, refused.stderr]).toEqual([1, 'A server is signing with the old key: stop it first.\n']);
    await server.stop();

    const old = readSigner((await readFile(keyFile(), 'utf8')).trim());
    const { code, stdout } = await runCli(database, ['rotate-log-key']);
    expect(code).toBe(0);
    const keys = LogKeys.parse(await readFile(keyFile(), 'utf8'));
    expect(stdout).toContain(keys.signer.publicKey);
    expect([keys.origin, keys.former.map(({ publicKey }) => publicKey)]).toEqual([old.name, [old.publicKey]]);
    expect((await stat(keyFile())).mode & 0o777).toBe(0o600);

    const before = await notes();
    await withServer({ shared: database }, async (again) => {
      await makePatient(await signIn(again, practitioner.id));
      await sealed(database);
    });
    for (const note of before) expect(keys.open(note).signatures[0]?.by.id).toBe(old.id);
    for (const note of (await notes()).slice(before.length)) expect(keys.open(note).signatures[0]?.by.id).toBe(keys.signer.id);
    expect((await notes()).length).toBeGreaterThan(before.length);
    expect(await verify(database)).toMatchObject({ code: 0, stderr: '' });
  });

  it('isn’t replaced where the last checkpoint is another’s', async () => {
    await withServer({ shared: database }, () => sealed(database));
    const other = newKey('localhost/another', 'note');
    await writeFile(keyFile(), other);
    const { code, stderr } = await runCli(database, ['rotate-log-key']);
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^The last checkpoint isn't this key's, and nothing was changed/)]);
    expect(await readFile(keyFile(), 'utf8')).toBe(other);
  });
});
