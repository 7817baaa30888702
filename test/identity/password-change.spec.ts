import { withClient } from '../support/database.js';
import { makeClinic, PASSWORD, type TestClinic } from '../support/make.js';
import { startServer, type TestServer } from '../support/server.js';
import { asSuperuser, refusal } from '../support/sql.js';
import { enrol, makeMember, makeStale, type Member, recorded, refused, visit, Visitor } from '../support/visitor.js';

const NEW = 'seven unrelated green umbrellas';
const SHORT = 'kiwi#4Ty';

let server: TestServer;
let clinic: TestClinic;
let gil: Member;
beforeAll(async () => {
  server = await startServer();
  clinic = await makeClinic(server);
});
beforeEach(async () => {
  gil = await makeMember(server, clinic);
});
afterAll(() => server.stop());

const change = (newPassword: unknown, currentPassword: unknown = PASSWORD, by = gil.visitor) =>
  by.put('/api/me/password', { currentPassword, newPassword });

/** The status of a sign-in. */
async function signInWith(password: string, { email } = gil): Promise<number> {
  return (await new Visitor(server.url).post('/api/auth/sign-in', { email, password })).status;
}

/** As if a passkey had been registered. */
async function givePasskey({ userId } = gil): Promise<string> {
  const [row] = await asSuperuser(
    server,
    `INSERT INTO auth.passkey (id, user_id, label, public_key, counter, transports, backed_up)
     VALUES (gen_random_uuid(), $1, 'Tablet', '', 0, '{}', false) RETURNING id`,
    [userId],
  );
  return row?.['id'] ?? '';
}

describe('a change of the password', () => {
  it('counts from then on, and the old one no more', async () => {
    expect((await change(NEW)).status).toBe(204);
    expect([await signInWith(PASSWORD), await signInWith(NEW)]).toEqual([401, 200]);
    expect(await recorded(server, gil)).toContain('password.change success');
  });

  it.each(['wrong horse battery staple', '', PASSWORD.toUpperCase(), undefined, null])(
    'asks for the old one, which isn’t %j',
    async (old) => {
      expect(await gil.visitor.put('/api/me/password', { currentPassword: old, newPassword: NEW })).toMatchObject(
        refused(422, 'password.wrong'),
      );
      expect([await signInWith(NEW), await signInWith(PASSWORD)]).toEqual([401, 200]);
      expect(await recorded(server, gil)).toContain('password.change failure');
    },
  );

  it('gives five guesses at the old one', async () => {
    for (let guess = 1; guess <= 5; guess += 1) expect((await change(NEW, 'wrong horse battery staple')).status).toBe(422);
    const answer = await change(NEW);
    expect(answer).toMatchObject(refused(429, 'too-many-attempts'));
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await gil.visitor.post('/api/auth/verify', { password: PASSWORD })).toMatchObject(refused(429, 'too-many-attempts'));
    expect([await signInWith(NEW), await signInWith(PASSWORD)]).toEqual([401, 200]);
  });

  it('ends the person’s other sessions, and goes on under a new token', async () => {
    const other = await visit(server, gil);
    const colleague = await makeMember(server, clinic);
    const old = new Visitor(server.url, gil.visitor.cookies.get('assent'));
    await change(NEW);
    expect([await other.state(), await old.state()]).toEqual(['not-signed-in', 'not-signed-in']);
    expect([await gil.visitor.state(), await colleague.visitor.state()]).toEqual(['full', 'full']);
  });

  it('needs an authentication of a short while ago', async () => {
    await makeStale(server, gil);
    expect(await change(NEW)).toMatchObject(refused(403, 'reauthentication-required'));
    expect((await gil.visitor.post('/api/auth/verify', { password: PASSWORD })).status).toBe(200);
    expect((await change(NEW)).status).toBe(204);
  });

  it('isn’t itself an authentication', async () => {
    await asSuperuser(server, `UPDATE auth.session SET authenticated_at = authenticated_at - interval '10 minutes' WHERE "userId" = $1`, [
      gil.userId,
    ]);
    expect((await change(NEW)).status).toBe(204);
    const [row] = await asSuperuser(
      server,
      `SELECT authenticated_at < clock_timestamp() - interval '9 minutes' AS kept FROM auth.session WHERE "userId" = $1`,
      [gil.userId],
    );
    expect(row).toEqual({ kept: true });
  });

  it('gives a password to somebody who had none', async () => {
    await asSuperuser(server, 'DELETE FROM auth.account WHERE "userId" = $1', [gil.userId]);
    expect((await gil.visitor.put('/api/me/password', { newPassword: NEW })).status).toBe(204);
    expect(await signInWith(NEW)).toBe(200);
  });

  it.each([
    ['nothing', {}],
    ['a number', { newPassword: 7 }],
    ['a list', { newPassword: ['x'] }],
    ['1,025 characters', { newPassword: 'x'.repeat(1_025) }],
    ['an object for the old one', { newPassword: NEW, currentPassword: {} }],
  ])('takes %s for malformed', async (_, body) => {
    expect(await gil.visitor.put('/api/me/password', body)).toMatchObject(refused(400, 'malformed'));
  });
});

describe('a new password', () => {
  const LONG = Array.from({ length: 128 }, (_, index) => String.fromCodePoint(0x4e_00 + 37 * index)).join('');

  it('has at most 128 characters', async () => {
    expect(await change(`${LONG}x`)).toMatchObject(refused(422, 'password.too-long'));
    expect((await change(LONG)).status).toBe(204);
    expect(await signInWith(LONG)).toBe(200);
  });

  it.each([
    ['common', 'qwertyuiopasdfgh'],
    ['contains-name', 'green umbrellas of member'],
    ['contains-name', 'assent to green umbrellas'],
  ])('that is %s is refused: %s', async (code, password) => {
    expect(await change(password)).toMatchObject(refused(422, `password.${code}`));
    expect(await signInWith(PASSWORD)).toBe(200);
  });

  it('that contains the clinic’s name is refused', async () => {
    const { name } = (await gil.visitor.get('/api/me')).body.clinic;
    expect(await change(`green umbrellas, ${name}`)).toMatchObject(refused(422, 'password.contains-name'));
  });

  it('signs in however it is written in Unicode', async () => {
    const composed = 'sept crêpes brûlées à Nîmes';
    expect((await change(composed.normalize('NFD'))).status).toBe(204);
    const fullWidth = composed.normalize('NFC').replaceAll('s', 'ｓ');
    for (const same of [composed.normalize('NFC'), composed.normalize('NFD'), fullWidth]) expect(await signInWith(same)).toBe(200);
    expect(await signInWith('sept crepes brulees a Nimes')).toBe(401);
  });

  it('needs 15 characters alone, and 8 with a second factor', async () => {
    expect(await change('mop vex jug fan'.slice(0, 14))).toMatchObject(refused(422, 'password.too-short'));
    expect((await change('mop vex jug fan')).status).toBe(204);
    gil = await makeMember(server, clinic);
    await enrol(gil);
    expect(await change(SHORT.slice(0, 7))).toMatchObject(refused(422, 'password.too-short'));
    expect((await change(SHORT)).status).toBe(204);
    expect(await signInWith(SHORT)).toBe(200);
  });

  it('of 8 characters is enough with a passkey', async () => {
    await givePasskey();
    gil = { ...gil, visitor: await visit(server, gil, 'passkey') };
    expect((await change(SHORT)).status).toBe(204);
  });
});

describe('a short password', () => {
  let passkey: string;
  beforeEach(async () => {
    await enrol(gil);
    await change(SHORT);
  });

  it('keeps the last second factor', async () => {
    expect(await gil.visitor.delete('/api/me/totp')).toMatchObject(refused(409, 'second-factor.needed'));
    expect((await gil.visitor.get('/api/auth/session')).body.factors).toEqual(['totp', 'recovery_code']);
    passkey = await givePasskey();
    expect((await gil.visitor.delete('/api/me/totp')).status).toBe(204);
    expect(await gil.visitor.delete(`/api/me/passkeys/${passkey}`)).toMatchObject(refused(409, 'second-factor.needed'));
    expect((await gil.visitor.get('/api/auth/session')).body.factors).toEqual(['passkey']);
  });

  it('keeps it no longer once it is a long one', async () => {
    expect((await change(NEW, SHORT)).status).toBe(204);
    expect((await gil.visitor.delete('/api/me/totp')).status).toBe(204);
    expect(await signInWith(NEW)).toBe(200);
  });

  it('keeps one of two that are removed at once', async () => {
    for (let time = 1; time <= 5; time += 1) {
      const one = await makeMember(server, clinic);
      await enrol(one);
      await change(SHORT, PASSWORD, one.visitor);
      passkey = await givePasskey(one);
      const other = await visit(server, one, 'password totp');
      const answers = await Promise.all([one.visitor.delete('/api/me/totp'), other.delete(`/api/me/passkeys/${passkey}`)]);
      const left = await asSuperuser(
        server,
        'SELECT user_id FROM auth.totp WHERE user_id = $1 UNION ALL SELECT user_id FROM auth.passkey WHERE user_id = $1',
        [one.userId],
      );
      expect(left).toHaveLength(1);
      // Who removed one has ended the other's session, perhaps before it was asked anything.
      expect(answers.map(({ status }) => status).filter((status) => status === 204)).toHaveLength(1);
      expect(answers.filter(({ status }) => ![204, 401, 409].includes(status))).toEqual([]);
    }
  });

  const REMOVE_APP = 'DELETE FROM auth.totp WHERE user_id = $1';
  const REMOVE_PASSKEY = 'DELETE FROM auth.passkey WHERE user_id = $1';
  const SHORTEN = 'UPDATE auth.account SET needs_factor = true WHERE "userId" = $1';

  it.each([
    [REMOVE_APP, REMOVE_PASSKEY],
    [REMOVE_PASSKEY, REMOVE_APP],
  ])('keeps one of two in SQL too: %s while %s waits', async (first, second) => {
    await givePasskey();
    expect(await whileWaiting(first, second, gil)).toBe('factor_needed_by_password');
  });

  it.each([
    [REMOVE_PASSKEY, SHORTEN],
    [SHORTEN, REMOVE_PASSKEY],
  ])('isn’t set while the last one goes: %s while %s waits', async (first, second) => {
    const one = await makeMember(server, clinic);
    await givePasskey(one);
    expect(await whileWaiting(first, second, one)).toBe('factor_needed_by_password');
  });

  it('isn’t set without one', async () => {
    const { userId } = await makeMember(server, clinic);
    const shorten = withClient(server.database.identity, (client) => client.query(SHORTEN, [userId]));
    expect(await refusal(shorten)).toBe('factor_needed_by_password');
  });
});

/** The refusal of the second statement, which waits for the first one's transaction. */
async function whileWaiting(first: string, second: string, { userId }: Member): Promise<string> {
  return withClient(server.database.identity, (one) =>
    withClient(server.database.identity, async (other) => {
      await one.query('BEGIN');
      await one.query(first, [userId]);
      const { rows } = await other.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      const outcome = refusal(other.query(second, [userId]));
      await isBlocked(rows[0]?.pid ?? 0);
      await one.query('COMMIT');
      return outcome;
    }),
  );
}

async function isBlocked(pid: number): Promise<void> {
  const sql = 'SELECT cardinality(pg_blocking_pids($1)) > 0 AS blocked';
  for (let [row] = await asSuperuser(server, sql, [pid]); !row?.['blocked']; [row] = await asSuperuser(server, sql, [pid]));
}
