import { randomBytes } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import fastify from 'fastify';
import { Pool } from 'pg';
import { AppError } from '../../src/common/errors.js';
import { sendProblem } from '../../src/common/problem.js';
import { addressKey, Attempts } from '../../src/identity/attempts.js';
import { Caller } from '../support/api.js';
import { createDatabase, type TestDatabase, withClient } from '../support/database.js';

const { jest } = import.meta;

const SECRET = 'a secret of at least 32 characters';
const MINUTES_15 = 15 * 60 * 1_000;
const DAYS_180 = 180 * 24 * 60 * 60 * 1_000;

/** Whose connections may end with the database, which is dropped while they close. */
function openPool(max: number): Pool {
  const opened = new Pool({ connectionString: database.identity, max });
  opened.on('error', () => undefined);
  opened.on('connect', (client) => client.on('error', () => undefined));
  return opened;
}

let database: TestDatabase;
let pool: Pool;
let attempts: Attempts;
beforeAll(async () => {
  database = await createDatabase();
  pool = openPool(8);
  attempts = new Attempts(pool, SECRET);
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});
afterEach(() => jest.restoreAllMocks());

/** Of their own for each test, as counts are kept. */
const someone = (): string => `ada@${randomBytes(6).toString('hex')}.example`;
const somewhere = (): string => [...randomBytes(4)].join('.');

interface Guess {
  readonly account?: string;
  readonly address?: string;
  readonly device?: string;
  readonly at?: Attempts;
}

/** A guess that nobody says was right. */
async function guess({ account = someone(), address = somewhere(), device, at = attempts }: Guess): Promise<'looked at' | 'refused'> {
  try {
    await at.begin({ account, address, device });
    return 'looked at';
  } catch (error) {
    if (error instanceof AppError && error.status === 429) return 'refused';
    throw error;
  }
}

async function guesses(count: number, how: Guess | ((index: number) => Guess)): Promise<string[]> {
  const answers: string[] = [];
  for (let index = 0; index < count; index += 1) answers.push(await guess(typeof how === 'function' ? how(index) : how));
  return answers;
}

const lookedAt = (answers: string[]): number => answers.filter((answer) => answer === 'looked at').length;
const firstOf = (count: number, all: number): string[] =>
  Array.from({ length: all }, (_, index) => (index < count ? 'looked at' : 'refused'));

async function signIn(how: Guess & { account: string }): Promise<void> {
  const attempt = await attempts.begin({ address: somewhere(), device: undefined, ...how });
  await attempt.succeeded();
}

async function refusal(asking: Promise<unknown>): Promise<AppError> {
  const error: unknown = await asking.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (error instanceof AppError) return error;
  throw new Error(`No refusal: ${String(error)}`);
}

async function endEveryWindow(): Promise<void> {
  await withClient(database.superuser, (client) => client.query('UPDATE auth.rate_limit SET expire = expire - $1', [MINUTES_15]));
}

describe('an account', () => {
  it('takes ten wrong guesses in fifteen minutes, from wherever they come', async () => {
    const account = someone();
    expect(await guesses(12, { account })).toEqual(firstOf(10, 12));
    await endEveryWindow();
    expect(await guesses(12, { account })).toEqual(firstOf(10, 12));
  });

  it('is the same in any case', async () => {
    const account = someone();
    expect(await guesses(12, (index) => ({ account: index % 2 ? account.toUpperCase() : account }))).toEqual(firstOf(10, 12));
  });

  it('counts for itself', async () => {
    await guesses(11, { account: someone() });
    expect(await guess({ account: someone() })).toBe('looked at');
  });

  it('doesn’t count sign-ins', async () => {
    const account = someone();
    for (let count = 1; count <= 15; count += 1) await signIn({ account });
    expect(await guesses(9, { account })).toEqual(firstOf(9, 9));
    await signIn({ account });
    expect(await guesses(2, { account })).toEqual(firstOf(1, 2));
  });

  it.each([11, 60])('counts no failure of %i right passwords at once', async (count) => {
    const account = someone();
    const address = somewhere();
    const begun = await Promise.allSettled(Array.from({ length: count }, () => attempts.begin({ account, address, device: undefined })));
    const right = begun.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    expect(right).toHaveLength(10);
    await Promise.all(right.map((attempt) => attempt.succeeded()));
    expect(await guesses(11, { account })).toEqual(firstOf(10, 11));
    expect(lookedAt(await guesses(51, { address }))).toBe(51);
  });

  it('counts the wrong ones among right passwords at once', async () => {
    const account = someone();
    const begun = await Promise.allSettled(
      Array.from({ length: 30 }, () => attempts.begin({ account, address: somewhere(), device: undefined })),
    );
    const right = begun.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : [])).slice(0, 4);
    await Promise.all(right.map((attempt) => attempt.succeeded()));
    expect(await guesses(6, { account })).toEqual(firstOf(4, 6));
  });

  it('gives a guess back once, however often it is told', async () => {
    const account = someone();
    const attempt = await attempts.begin({ account, address: somewhere(), device: undefined });
    for (let count = 1; count <= 3; count += 1) await attempt.succeeded();
    expect(await guesses(11, { account })).toEqual(firstOf(10, 11));
  });

  it('gives none back when the window has ended', async () => {
    const account = someone();
    const attempt = await attempts.begin({ account, address: somewhere(), device: undefined });
    const later = Date.now() + MINUTES_15;
    const clock = jest.spyOn(Date, 'now').mockReturnValue(later);
    await attempt.succeeded();
    expect(await guesses(11, { account })).toEqual(firstOf(10, 11));
    clock.mockRestore();
  });

  it('lets ten of a hundred guesses at once be looked at, by two servers', async () => {
    const account = someone();
    const second = openPool(8);
    try {
      const servers = [attempts, new Attempts(second, SECRET)];
      const answers = await Promise.all(Array.from({ length: 100 }, (_, index) => guess({ account, at: servers[index % 2] })));
      expect(lookedAt(answers)).toBe(10);
    } finally {
      await second.end();
    }
  });

  it('is counted on after a restart, and by the secret’s owner alone', async () => {
    const account = someone();
    await guesses(10, { account });
    expect(await guess({ account, at: new Attempts(pool, SECRET) })).toBe('refused');
    expect(await guess({ account, at: new Attempts(pool, `${SECRET}!`) })).toBe('looked at');
  });

  it('lets its owner in on a known device while an outsider guesses from ten thousand addresses', async () => {
    const account = someone();
    const device = attempts.issueDevice(account, undefined);
    const answers: string[] = [];
    for (let round = 0; round < 100; round += 1) {
      const addresses = Array.from({ length: 100 }, (_, index) => `10.66.${round}.${index}`);
      answers.push(...(await Promise.all(addresses.map((address) => guess({ account, address })))));
    }
    expect(answers).toHaveLength(10_000);
    expect(lookedAt(answers)).toBe(10);

    expect((await refusal(signIn({ account }))).status).toBe(429);
    await signIn({ account, device });
    // A typing error more or less.
    expect(await guesses(9, { account, device })).toEqual(firstOf(9, 9));
    await signIn({ account, device });
  });

  it('doesn’t keep the database busy once it is far beyond its limit', async () => {
    const account = someone();
    const own = openPool(1);
    try {
      const server = new Attempts(own, SECRET);
      const address = somewhere();
      await guesses(20, { account, at: server, address });
      const queries = jest.spyOn(own, 'query');
      expect(await guesses(5, { account, at: server, address })).toEqual(firstOf(0, 5));
      expect(queries).not.toHaveBeenCalled();
    } finally {
      await own.end();
    }
  });
});

describe('a known device', () => {
  it('takes ten wrong guesses, and spends nobody else’s', async () => {
    const account = someone();
    const address = somewhere();
    const [one, other] = [attempts.issueDevice(account, undefined), attempts.issueDevice(account, undefined)];
    expect(await guesses(12, { account, address, device: one })).toEqual(firstOf(10, 12));
    expect(await guess({ account, address, device: other })).toBe('looked at');
    expect(await guesses(12, { account, address })).toEqual(firstOf(10, 12));
  });

  it('lets ten of a hundred guesses at once be looked at', async () => {
    const account = someone();
    const device = attempts.issueDevice(account, undefined);
    const answers = await Promise.all(Array.from({ length: 100 }, () => guess({ account, device })));
    expect(lookedAt(answers)).toBe(10);
  });

  it('signs in from an address that somebody else has used up', async () => {
    const [account, address] = [someone(), somewhere()];
    const device = attempts.issueDevice(account, undefined);
    await guesses(61, { address });
    expect(await guess({ account, address })).toBe('refused');
    await signIn({ account, address, device });
  });

  it('is known to a server with the same secret, and to no other', async () => {
    const account = someone();
    await guesses(10, { account });
    const device = new Attempts(pool, SECRET).issueDevice(account, undefined);
    expect(await guess({ account, device })).toBe('looked at');
    expect(await guess({ account, device: new Attempts(pool, `${SECRET}!`).issueDevice(account, undefined) })).toBe('refused');
  });

  it('belongs to up to five people, and forgets the one who was away longest', async () => {
    const people = Array.from({ length: 6 }, someone);
    let device: string | undefined;
    for (const account of people) device = attempts.issueDevice(account, device);
    for (const account of people) await guesses(10, { account });
    expect(await guesses(6, (index) => ({ account: people[index], device }))).toEqual(['refused', ...firstOf(5, 5)]);
    expect(device?.length).toBeLessThan(1_000);
    expect(encodeURIComponent(device ?? '')).toBe(device);

    // The second comes back; then the third was away longest.
    device = attempts.issueDevice(people[1] ?? '', device);
    device = attempts.issueDevice(someone(), device);
    expect(await guesses(2, (index) => ({ account: people[index + 1], device }))).toEqual(['looked at', 'refused']);
  });

  it('is one for each account, however often its owner signs in', () => {
    const account = someone();
    let device: string | undefined;
    for (let count = 1; count <= 3; count += 1) device = attempts.issueDevice(account, device);
    expect(device?.split('~')).toHaveLength(1);
  });

  it('is known for 180 days', async () => {
    const account = someone();
    const then = Date.now() - DAYS_180;
    const clock = jest.spyOn(Date, 'now');
    clock.mockReturnValue(then + 60_000);
    const young = attempts.issueDevice(account, undefined);
    clock.mockReturnValue(then);
    const old = attempts.issueDevice(account, undefined);
    clock.mockRestore();
    await guesses(10, { account });
    expect(await guess({ account, device: young })).toBe('looked at');
    expect(await guess({ account, device: old })).toBe('refused');
    expect(attempts.issueDevice(someone(), old).split('~')).toHaveLength(1);
  });

  describe('isn’t', () => {
    let account: string;
    let device: string;
    let parts: string[];
    beforeAll(async () => {
      account = someone();
      device = attempts.issueDevice(account, undefined);
      parts = device.split('.');
      await guesses(10, { account });
    });

    it('one that was never issued', async () => {
      const [who = '', id = '', expires = '', signature = ''] = parts;
      const [otherWho = '', otherId = '', , otherSignature = ''] = attempts.issueDevice(someone(), undefined).split('.');
      const forged = [
        '',
        '~',
        '...',
        'x',
        'x'.repeat(10_000),
        '~'.repeat(10_000),
        `${'x~'.repeat(5)}${device}`,
        [who, id, expires].join('.'),
        [who, id, expires, ''].join('.'),
        [who, id, expires, 'A'.repeat(43)].join('.'),
        [who, id, expires, otherSignature].join('.'),
        [who, otherId, expires, signature].join('.'),
        [who, id, Number(expires) + 1, signature].join('.'),
        [who, id, `0${expires}`, signature].join('.'),
        [otherWho, id, expires, signature].join('.'),
        [who, id, expires, signature.slice(0, -1)].join('.'),
        [who, id, expires, `${signature}A`].join('.'),
        [who, id, expires, signature.toLowerCase()].join('.'),
        `${device} `,
        `${device}\n`,
        `ü${device}`,
        device.replaceAll('.', '~'),
      ];
      expect(await guesses(forged.length, (index) => ({ account, device: forged[index] }))).toEqual(firstOf(0, forged.length));
      expect(await guess({ account, device })).toBe('looked at');
    });

    it('one of somebody else', async () => {
      const stranger = someone();
      expect(await guess({ account, device: attempts.issueDevice(stranger, undefined) })).toBe('refused');
      // It stays the stranger's, and no more, with the owner's signature beside it.
      const theirs = attempts.issueDevice(stranger, `${parts[0]}.x.x.x`);
      expect(await guess({ account, device: theirs })).toBe('refused');
    });
  });
});

describe('an address', () => {
  it('takes sixty wrong guesses, and doesn’t count sign-ins', async () => {
    const address = somewhere();
    for (let count = 1; count <= 70; count += 1) await signIn({ account: someone(), address });
    expect(await guesses(62, { address })).toEqual(firstOf(60, 62));
    expect(await guess({})).toBe('looked at');
  });

  it('lets sixty of a hundred guesses at once be looked at', async () => {
    const address = somewhere();
    const answers = await Promise.all(Array.from({ length: 100 }, () => guess({ address })));
    expect(lookedAt(answers)).toBe(60);
  });

  it('that is used up uses up no account', async () => {
    const [account, address] = [someone(), somewhere()];
    await guesses(60, { address });
    expect(await guesses(20, { account, address })).toEqual(firstOf(0, 20));
    expect(await guess({ account })).toBe('looked at');
  });

  it('is one for all of an IPv6 network of 64 bits', async () => {
    const network = `2001:db8:${randomBytes(2).toString('hex')}:7`;
    const inside = (): string => `${network}:${randomBytes(8).toString('hex').match(/.{4}/g)?.join(':')}`;
    expect(await guesses(62, () => ({ address: inside() }))).toEqual(firstOf(60, 62));
    expect(await guess({ address: `${network}8::1` })).toBe('looked at');
  });

  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::FFFF:192.0.2.255', '192.0.2.255'],
    ['::ffff:c000:201', '192.0.2.1'],
    ['0:0:0:0:0:ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0DB8:0001:0002::', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::ffff:192.0.2.1', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['2001:db8:0:1::', '2001:db8:0:1::/64'],
    ['::', '0:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['1::', '1:0:0:0::/64'],
    ['::2:3:4:5:6:7:8', '0:2:3:4::/64'],
    ['1:2:3:4:5:6:7::', '1:2:3:4::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::ffff:192.0.2.1%eth0', '192.0.2.1'],
    ['', 'unknown'],
    ['clinic.example', 'unknown'],
    ['192.0.2.256', 'unknown'],
    ['192.0.2.1, 192.0.2.2', 'unknown'],
    ['x'.repeat(10_000), 'unknown'],
  ])('%s is counted as %s', (address, key) => {
    expect(addressKey(address)).toBe(key);
  });
});

describe('a code', () => {
  it('takes five wrong guesses, and doesn’t count the right one', async () => {
    const account = someone();
    const begin = () => attempts.beginCode(account, undefined);
    for (let count = 1; count <= 7; count += 1) await (await begin()).succeeded();
    for (let count = 1; count <= 5; count += 1) await begin();
    expect(await refusal(begin())).toMatchObject({ status: 429, detail: 'Wait 15 minutes.' });
    await attempts.beginCode(someone(), undefined);
    await signIn({ account });
  });

  it('has limits of its own on a known device, which guesses elsewhere don’t use up', async () => {
    const account = someone();
    const device = attempts.issueDevice(account, undefined);
    for (let count = 1; count <= 5; count += 1) await attempts.beginCode(account, undefined);
    expect(await refusal(attempts.beginCode(account, attempts.issueDevice(someone(), undefined)))).toMatchObject({ status: 429 });
    for (let count = 1; count <= 5; count += 1) await attempts.beginCode(account, device);
    expect(await refusal(attempts.beginCode(account, device))).toMatchObject({ status: 429 });
  });

  it('lets five of a hundred guesses at once be looked at', async () => {
    const account = someone();
    const answers = await Promise.allSettled(Array.from({ length: 100 }, () => attempts.beginCode(account, undefined)));
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(5);
  });
});

describe('a refusal', () => {
  it('says when to come back, and what else to do', async () => {
    const account = someone();
    await guesses(10, { account });
    const server = fastify();
    server.get('/', async (request, reply) => {
      const error = await refusal(attempts.begin({ account, address: somewhere(), device: undefined }));
      sendProblem(request, reply, error);
      return reply;
    });
    const { status, headers, body } = await new Caller(await server.listen({ port: 0, host: '127.0.0.1' })).get('/');
    await server.close();
    expect(status).toBe(429);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(880);
    expect(Number(headers.get('retry-after'))).toBeLessThanOrEqual(900);
    expect(body).toMatchObject({
      code: 'too-many-attempts',
      title: 'There were too many attempts.',
      detail: 'Wait 15 minutes, or sign in with a browser in which you have signed in before.',
    });
  });

  it('names a wait of at least a second, to its end', async () => {
    const account = someone();
    await guesses(10, { account });
    const clock = jest.spyOn(Date, 'now').mockReturnValue(Date.now() + MINUTES_15 - 60_000);
    const { retryAfter, detail } = await refusal(attempts.begin({ account, address: somewhere(), device: undefined }));
    clock.mockRestore();
    expect(retryAfter).toBeGreaterThan(0);
    expect(retryAfter).toBeLessThanOrEqual(60);
    expect(detail).toMatch(/^Wait a minute,/);
  });
});

describe('the table', () => {
  it('names nobody', async () => {
    const [account, address] = ['eve@elsewhere.example', '203.0.113.77'];
    await guesses(2, { account, address });
    await guess({ account, address: '2001:db8:77::1', device: attempts.issueDevice(account, undefined) });
    await attempts.beginCode(account, undefined);
    const { rows } = await pool.query<{ key: string }>('SELECT key FROM auth.rate_limit');
    expect(rows.length).toBeGreaterThan(3);
    for (const { key } of rows)
      expect(key).toMatch(/^((account|address):[\w-]{43}|device:[\w-]{43}\.[\w-]{22}|code:[\w-]{43}(\.[\w-]{22})?)$/);
  });

  it('is cleared of what ended an hour ago, without keeping the process alive', async () => {
    const timers = jest.spyOn(globalThis, 'setTimeout');
    const one = openPool(1);
    try {
      const server = new Attempts(one, SECRET);
      const index = timers.mock.calls.findIndex(([, delay]) => delay === 300_000);
      const timer = timers.mock.results[index]?.value as NodeJS.Timeout | undefined;
      expect(timer?.hasRef()).toBe(false);
      const [clear = () => undefined] = timers.mock.calls[index] ?? [];

      await guesses(3, { at: server });
      await one.query('UPDATE auth.rate_limit SET expire = $1', [Date.now() - 61 * 60 * 1_000]);
      await guess({ at: server });
      clear();
      // Now its query stands before ours, for the one connection.
      await setImmediate();
      const { rows } = await one.query('SELECT FROM auth.rate_limit');
      expect(rows).toHaveLength(2);
    } finally {
      await one.end();
    }
  });
});

describe('a database that is away', () => {
  it('lets nobody guess', async () => {
    const nowhere = new Pool({ connectionString: 'postgres://assent_identity:x@127.0.0.1:1/assent' });
    const server = new Attempts(nowhere, SECRET);
    const account = someone();
    for (const asking of [
      server.begin({ account, address: somewhere(), device: undefined }),
      server.begin({ account, address: somewhere(), device: attempts.issueDevice(account, undefined) }),
      server.beginCode(account, undefined),
    ]) {
      expect(await refusal(asking)).toMatchObject({ code: 'not-ready', status: 503 });
    }
    await nowhere.end();
  });

  it('lets nobody in who has guessed right', async () => {
    const lost = new Pool({ connectionString: database.identity });
    const attempt = await new Attempts(lost, SECRET).begin({ account: someone(), address: somewhere(), device: undefined });
    await lost.end();
    expect(await refusal(attempt.succeeded())).toMatchObject({ code: 'not-ready', status: 503 });
  });
});
