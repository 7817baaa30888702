import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { invite } from '../support/accounts.js';
import { Caller } from '../support/api.js';
import { makeClinic, PASSWORD, type TestClinic } from '../support/make.js';
import { startServerProcess, type TestServer } from '../support/server.js';

// How long an answer takes says who has an account here, unless the same is done for everybody. What takes long is argon2, so
// that is counted: a clock would measure this machine's other work.

let folder: string;
let counts: string;
let server: TestServer;
let clinic: TestClinic;
let email: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assent-argon2-'));
  counts = join(folder, 'counts');
  const counting = new URL('../support/count-argon2.mjs', import.meta.url).href;
  server = await startServerProcess({ env: { NODE_OPTIONS: `--import=${counting}`, ARGON2_COUNTS: counts } });
  clinic = await makeClinic(server);
  email = await emailOf(clinic.administrator.api);
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true });
});

const emailOf = async (caller: Caller): Promise<string> => (await caller.get('/api/me')).body.email as string;

/** What the server did with argon2 for one sign-in, and how that ended. */
async function workOf(address: string, password: string): Promise<{ status: number; work: string[] }> {
  await writeFile(counts, '');
  const { status } = await new Caller(server.url).post('/api/auth/sign-in', { email: address, password });
  return { status, work: (await readFile(counts, 'utf8')).split('\n').slice(0, -1) };
}

const ONE_HASH = ['19456 KiB, 2 passes, 1 lanes'];

describe('the work of a sign-in', () => {
  it('is one hash for the right password', async () => {
    expect(await workOf(email, PASSWORD)).toEqual({ status: 200, work: ONE_HASH });
  });

  it.each<[string, () => Promise<string>]>([
    ['a wrong password', async () => email],
    ['an address that nobody has', async () => `x${email}`],
    ['an account without a password', () => emailOf(clinic.practitioner.api)],
    ['somebody who hasn’t accepted yet', async () => (await invite(clinic)).email],
  ])('is the same hash for %s', async (_, address) => {
    expect(await workOf(await address(), 'wrong horse battery staple')).toEqual({ status: 401, work: ONE_HASH });
  });

  it.each<[string, () => string]>([
    ['an account', () => email],
    ['no account', () => `y${email}`],
  ])('is none for a password that nobody can have, with %s', async (_, address) => {
    expect(await workOf(address(), 'x'.repeat(129))).toEqual({ status: 401, work: [] });
  });

  it.each<[string, () => string]>([
    ['an account', () => email.replace('ada', 'carla')],
    ['no account', () => `z${email}`],
  ])('is none once there were too many attempts, with %s', async (_, address) => {
    const attempts = [];
    for (let count = 1; count <= 12; count += 1) attempts.push(await workOf(address(), 'wrong horse battery staple'));
    expect(attempts.slice(0, 10)).toEqual(Array.from({ length: 10 }, () => ({ status: 401, work: ONE_HASH })));
    expect(attempts.slice(10)).toEqual(Array.from({ length: 2 }, () => ({ status: 429, work: [] })));
  });
});
