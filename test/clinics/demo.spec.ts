import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { browserOf, newcomer, signInWith } from '../support/accounts.js';
import { Caller } from '../support/api.js';
import { type TestDatabase, withClient, withDatabase } from '../support/database.js';
import { runCli } from '../support/process.js';
import { startServerProcess, withServer } from '../support/server.js';

interface DemoFile {
  readonly url: string;
  readonly accounts: { readonly role: string; readonly email: string; readonly password: string }[];
}

/** An empty database, and a folder in which DATA_DIR doesn't exist yet. */
function withNothing(use: (database: TestDatabase, dataDir: string) => Promise<void>, migrated = true): Promise<void> {
  return withDatabase({ migrated }, async (database) => {
    const folder = await mkdtemp(join(tmpdir(), 'assent-demo-'));
    try {
      await use(database, join(folder, 'data'));
    } finally {
      await rm(folder, { recursive: true });
    }
  });
}

async function readAccounts(dataDir: string): Promise<DemoFile> {
  return JSON.parse(await readFile(join(dataDir, 'demo-accounts.json'), 'utf8')) as DemoFile;
}

async function countClinics(database: TestDatabase): Promise<unknown> {
  const { rows } = await withClient(database.superuser, (client) =>
    client.query<{ clinics: number; demo: number }>(
      'SELECT count(*)::int AS clinics, count(*) FILTER (WHERE demo)::int AS demo FROM app.clinics',
    ),
  );
  return rows[0];
}

async function signIn(url: string, { email, password }: DemoFile['accounts'][number]): Promise<Caller> {
  const answer = await signInWith(new Caller(url), email, password);
  // Whoever tries the demo needs no second factor.
  expect([answer.status, answer.body.state]).toEqual([200, 'full']);
  return browserOf({ url }, answer).api;
}

const on = (dataDir: string) => ({ ASSENT_DEMO: '', DATA_DIR: dataDir });

describe('the demo clinic', () => {
  it('is founded at the first start on an empty database, with accounts that sign in', () =>
    withNothing((database, dataDir) =>
      withServer({ shared: database, env: on(dataDir) }, async ({ url }) => {
        expect(await countClinics(database)).toEqual({ clinics: 1, demo: 1 });
        const file = await readAccounts(dataDir);
        expect(file.url).toBe(url);
        expect(file.accounts.map(({ role }) => role)).toEqual(['administrator', 'practitioner', 'practitioner', 'receptionist']);
        expect(new Set(file.accounts.map(({ password }) => password)).size).toBe(4);
        for (const account of file.accounts) {
          const api = await signIn(url, account);
          expect((await api.get('/api/me')).body).toMatchObject({ email: account.email, role: account.role });
        }
      }),
    ));

  it('keeps its accounts for their owner’s eyes only', () =>
    withNothing((database, dataDir) =>
      withServer({ shared: database, env: on(dataDir) }, async () => {
        expect((await stat(join(dataDir, 'demo-accounts.json'))).mode & 0o777).toBe(0o600);
        expect((await stat(dataDir)).mode & 0o077).toBe(0);
        expect((await readdir(dataDir)).toSorted()).toEqual(['demo-accounts.json', 'log-key']);
      }),
    ));

  it('can be administered by whoever tries it: nobody in it is still invited', () =>
    withNothing((database, dataDir) =>
      withServer({ shared: database, env: on(dataDir) }, async ({ url }) => {
        const { accounts } = await readAccounts(dataDir);
        const api = await signIn(url, accounts[0] as DemoFile['accounts'][number]);
        expect((await api.get('/api/clinic/policy')).body).toMatchObject({ demo: true, mfaRoles: [] });
        const { body } = await api.get('/api/staff');
        expect((body.items as { status: string }[]).map(({ status }) => status)).toEqual(['active', 'active', 'active', 'active']);
        expect((await api.post('/api/staff', newcomer())).status).toBe(201);
      }),
    ));

  it('keeps the hashes of its passwords, and passwords that stand alone', () =>
    withNothing((database, dataDir) =>
      withServer({ shared: database, env: on(dataDir) }, async () => {
        const { accounts } = await readAccounts(dataDir);
        for (const { password } of accounts) expect([...password].length).toBeGreaterThanOrEqual(15);
        const { rows } = await withClient(database.superuser, (client) =>
          client.query<{ password: string }>('SELECT password FROM auth.account'),
        );
        expect(rows.map(({ password }) => password)).toEqual(Array.from({ length: 4 }, () => expect.stringMatching(/^\$argon2id\$/)));
      }),
    ));

  it('treats: its practitioners are licensed', () =>
    withNothing((database, dataDir) =>
      withServer({ shared: database, env: on(dataDir) }, async ({ url }) => {
        const { accounts } = await readAccounts(dataDir);
        for (const account of accounts.filter(({ role }) => role === 'practitioner')) {
          const api = await signIn(url, account);
          const patient = await api.post('/api/patients', { givenName: 'Rosa', familyName: 'García', birthDate: '1984-05-17' });
          const { body } = await api.get(`/api/patients/${patient.body.id}/clearance`);
          expect(body.licence).toMatchObject({ state: 'valid' });
        }
      }),
    ));

  it('stays as it is at the next start, except for its address', () =>
    withNothing(async (database, dataDir) => {
      const files: DemoFile[] = [];
      for (let start = 1; start <= 2; start += 1) {
        await withServer({ shared: database, env: on(dataDir) }, async ({ url }) => {
          const file = await readAccounts(dataDir);
          files.push(file);
          expect(file.url).toBe(url);
          await signIn(url, file.accounts[0] as DemoFile['accounts'][number]);
        });
      }
      expect(files[1]?.accounts).toEqual(files[0]?.accounts);
      expect(await countClinics(database)).toEqual({ clinics: 1, demo: 1 });
    }));

  it('isn’t founded where it is turned off', () =>
    withNothing((database, dataDir) =>
      withServer({ shared: database, env: { DATA_DIR: dataDir, ASSENT_DEMO: 'off' } }, async ({ url }) => {
        expect(await countClinics(database)).toEqual({ clinics: 0, demo: 0 });
        expect((await new Caller(url).get('/health/ready')).status).toBe(200);
        await expect(stat(join(dataDir, 'demo-accounts.json'))).rejects.toMatchObject({ code: 'ENOENT' });
      }),
    ));

  it('isn’t founded beside a clinic that was set up', () =>
    withNothing(async (database, dataDir) => {
      const env = {
        ASSENT_CLINIC: 'Real',
        ASSENT_TIME_ZONE: 'UTC',
        ASSENT_ADMIN_NAME: 'Eve',
        ASSENT_ADMIN_EMAIL: 'eve@clinic.example',
      };
      expect((await runCli(database, ['setup'], env)).code).toBe(0);
      await withServer({ shared: database, env: on(dataDir) }, async () => {
        expect(await countClinics(database)).toEqual({ clinics: 1, demo: 0 });
        await expect(stat(join(dataDir, 'demo-accounts.json'))).rejects.toMatchObject({ code: 'ENOENT' });
      });
    }));

  it.each([
    ['one folder', ''],
    ['a folder each', '2'],
  ])('is founded once by three servers that start at once on an empty database, with %s', (_, suffix) =>
    withNothing(async (database, dataDir) => {
      const folders = [dataDir, `${dataDir}${suffix}`, `${dataDir}${suffix}${suffix}`];
      // An earlier demo's accounts, of a database that is gone.
      for (const folder of folders) await mkdir(folder, { recursive: true });
      await writeFile(join(dataDir, 'demo-accounts.json'), '{"url":"http://localhost:1","accounts":[]}');
      const starts = await Promise.allSettled(folders.map((folder) => startServerProcess({ shared: database, env: on(folder) })));
      const servers = starts.flatMap((start) => (start.status === 'fulfilled' ? [start.value] : []));
      try {
        expect(servers).toHaveLength(3);
        const files = await Promise.all([...new Set(folders)].map((folder) => readAccounts(folder).catch(() => undefined)));
        const founders = files.filter((file) => file !== undefined && file.accounts.length > 0);
        expect(founders).toHaveLength(1);
        for (const account of founders[0]?.accounts ?? []) {
          for (const { url } of servers) await signIn(url, account);
        }
      } finally {
        await Promise.all(servers.map((server) => server.stop()));
      }
      expect(await countClinics(database)).toEqual({ clinics: 1, demo: 1 });
      // No drafts are left.
      for (const folder of folders)
        expect((await readdir(folder)).filter((name) => !['demo-accounts.json', 'log-key'].includes(name))).toEqual([]);
    }, false),
  );
});
