import { randomBytes } from 'node:crypto';
import { hashToken } from '../../src/identity/tokens.js';
import { createDatabase, type TestDatabase, withClient } from '../support/database.js';
import { makeClinic, type TestClinic } from '../support/make.js';

let database: TestDatabase;
let clinic: TestClinic;
beforeAll(async () => {
  database = await createDatabase();
  clinic = await makeClinic({ url: '', database, stop: async () => undefined });
});
afterAll(() => database.drop());

interface SignIn {
  readonly staffId?: string;
  readonly secondFactor?: boolean;
  readonly authenticatedAt?: string | null;
}

/** As HostLogins does, and what app.sign_on says of the token then. */
async function open(token: string, { staffId = clinic.receptionist.id, secondFactor = false, authenticatedAt = null }: SignIn = {}) {
  await withClient(database.identity, (client) =>
    client.query('SELECT auth.open_host_login($1, $2, $3, $4, $5, $6, $7)', [
      token,
      staffId,
      secondFactor,
      authenticatedAt,
      '',
      '',
      'a-request',
    ]),
  );
  return withClient(database.app, async (client) => {
    const { rows } = await client.query<{ state: string; fresh: boolean; staff_id: string }>('SELECT * FROM app.sign_on($1)', [token]);
    return rows[0];
  });
}

const newSignIn = (): string => randomBytes(32).toString('base64url');

describe('auth.open_host_login', () => {
  it('opens one login for a sign-in, and none again when that has ended', async () => {
    const token = newSignIn();
    await Promise.all(Array.from({ length: 6 }, () => open(token)));
    expect(await open(token)).toMatchObject({ state: 'full', staff_id: clinic.receptionist.id });
    await withClient(database.owner, async (client) => {
      const ended = await client.query('DELETE FROM auth.session WHERE token = $1', [hashToken(token)]);
      expect(ended.rowCount).toBe(1);
    });
    expect(await open(token)).toBeUndefined();
    const signIns = await withClient(database.owner, (client) =>
      client.query(`SELECT FROM audit.events WHERE action = 'sign-in' AND staff_id = $1`, [clinic.receptionist.id]),
    );
    expect(signIns.rowCount).toBe(1);
  });

  it('is fresh if the application says so: not without a time, after the clinic’s period, or for longer by a time to come', async () => {
    const minutes = (count: number): string => new Date(Date.now() + count * 60_000).toISOString();
    for (const [authenticatedAt, fresh] of [
      [null, false],
      [minutes(-1), true],
      [minutes(-16), false],
    ] as const) {
      expect(await open(newSignIn(), { authenticatedAt })).toMatchObject({ fresh });
    }
    const ahead = newSignIn();
    await open(ahead, { authenticatedAt: minutes(600) });
    await withClient(database.owner, async (client) => {
      const { rows } = await client.query('SELECT authenticated_at <= clock_timestamp() AS past FROM auth.session WHERE token = $1', [
        hashToken(ahead),
      ]);
      expect(rows).toEqual([{ past: true }]);
    });
  });

  it('needs the second factor that the role needs', async () => {
    const staffId = clinic.administrator.id;
    expect(await open(newSignIn(), { staffId })).toMatchObject({ state: 'second_factor' });
    expect(await open(newSignIn(), { staffId, secondFactor: true })).toMatchObject({ state: 'full' });
  });

  it('opens none for nobody, nor for somebody who has left', async () => {
    expect(await open(newSignIn(), { staffId: '00000000-0000-4000-8000-000000000000' })).toBeUndefined();
    const staffId = clinic.colleague.id;
    await withClient(database.owner, (client) =>
      client.query('UPDATE app.staff SET active = tstzrange(lower(active), clock_timestamp()) WHERE id = $1', [staffId]),
    );
    expect(await open(newSignIn(), { staffId, secondFactor: true })).toBeUndefined();
  });
});
