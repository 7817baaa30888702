import { hashToken, newToken } from '../../src/identity/tokens.js';
import { idle } from '../support/accounts.js';
import { withClient } from '../support/database.js';
import { makeClinic, makePatient, makeStaff, type Person, signIn, type TestClinic } from '../support/make.js';
import { startServer, type TestServer } from '../support/server.js';
import { asApplication, asSuperuser, PRIVILEGE, refusal } from '../support/sql.js';

let server: TestServer;
let clinic: TestClinic;
beforeAll(async () => {
  server = await startServer();
});
beforeEach(async () => {
  clinic = await makeClinic(server);
});
afterAll(() => server.stop());

const asIdentity = (sql: string, values: unknown[]) => withClient(server.database.identity, (client) => client.query(sql, values));
const userOf = async ({ id }: Person): Promise<string> =>
  (await asSuperuser(server, 'SELECT user_id FROM app.staff WHERE id = $1', [id]))[0]?.['user_id'] ?? '';

interface SessionRow {
  readonly userId?: string | null;
  readonly staffId?: string | null;
  readonly methods?: string;
  readonly token?: string;
  readonly onlyClinicId?: string;
}

/** Writes a session as the role that signs people in. */
async function write({
  userId = null,
  staffId = null,
  methods = 'password',
  token = newToken(),
  onlyClinicId,
}: SessionRow): Promise<string> {
  return refusal(
    asIdentity(
      `INSERT INTO auth.session (id, token, "userId", staff_id, methods, "expiresAt", only_clinic_id)
       VALUES (gen_random_uuid(), $1, $2, $3, $4, now() + interval '1 hour', $5)`,
      [/^[\w-]{43}$/.test(token) ? hashToken(token) : token, userId, staffId, methods, onlyClinicId ?? null],
    ),
  );
}

describe('a session that the role for identity writes', () => {
  it('names a place of its own person, now and later', async () => {
    const userId = await userOf(clinic.receptionist);
    expect(await write({ userId, staffId: clinic.administrator.id })).toBe('session_in_own_clinic');
    expect(await write({ userId, staffId: clinic.receptionist.id })).toBe('nothing refused');
    const promote = asIdentity('UPDATE auth.session SET staff_id = $2 WHERE "userId" = $1', [userId, clinic.administrator.id]);
    expect(await refusal(promote)).toBe('session_of_own_staff');
    const become = asIdentity('UPDATE auth.session SET "userId" = $2 WHERE "userId" = $1', [userId, await userOf(clinic.administrator)]);
    expect(await refusal(become)).toBe('session_of_own_staff');
  });

  it('names no place that has ended, and none outside the clinic whose provider vouched', async () => {
    const userId = await userOf(clinic.receptionist);
    const other = await makeClinic(server);
    expect(await write({ userId, staffId: clinic.receptionist.id, onlyClinicId: other.id })).toBe('session_in_own_clinic');
    expect(await write({ userId, staffId: clinic.receptionist.id, onlyClinicId: clinic.id })).toBe('nothing refused');
    await clinic.administrator.api.post(`/api/staff/${clinic.receptionist.id}/deactivation`);
    expect(await write({ userId, staffId: clinic.receptionist.id })).toBe('session_in_own_clinic');
  });

  it.each<[string, SessionRow, string]>([
    ['its token in the clear', { token: 'a-token-that-nobody-hashed' }, 'session_token_hashed'],
    ['a hash in capitals', { token: 'A'.repeat(64) }, 'session_token_hashed'],
    ['a method that nobody knows', { methods: 'password magic' }, 'session_methods_known'],
    ['no method', { methods: '' }, 'session_methods_known'],
    ['a key besides a password', { methods: 'password key' }, 'session_methods_known'],
    ['a person and a key', { methods: 'key' }, 'session_of_person_or_machine'],
    ['nobody and a password', { userId: null }, 'session_of_person_or_machine'],
    ['a key without a place', { userId: null, methods: 'key' }, 'session_of_machine_has_staff'],
  ])('isn’t one with %s', async (_, values, rule) => {
    expect(await write({ userId: await userOf(clinic.receptionist), ...values })).toBe(rule);
  });

  it('isn’t said to have shown a second factor: the database reads that from the methods', async () => {
    const generated = '428C9';
    const userId = await userOf(clinic.administrator);
    expect(await refusal(asIdentity('UPDATE auth.session SET mfa = true WHERE "userId" = $1', [userId]))).toBe(generated);
    const mfa: Record<string, boolean> = {
      password: false,
      provider: false,
      totp: false,
      recovery_code: false,
      'totp recovery_code': false,
      'password totp': true,
      'recovery_code password': true,
      'provider totp': true,
      provider_mfa: true,
      passkey: true,
    };
    for (const methods of Object.keys(mfa)) expect([methods, await write({ userId, methods })]).toEqual([methods, 'nothing refused']);
    const rows = await asSuperuser(server, 'SELECT DISTINCT methods, mfa FROM auth.session WHERE "userId" = $1', [userId]);
    expect(Object.fromEntries(rows.map((row) => [row['methods'], row['mfa']]))).toEqual(mfa);
  });
});

describe('a session that isn’t complete', () => {
  const states: [string, () => Promise<string>][] = [
    ['locked', async () => (await idle(server, clinic.administrator, 31), clinic.administrator.token)],
    ['second_factor', async () => (await signIn(server, clinic.administrator.id, 'password')).token],
    [
      'clinic',
      async () => {
        const { token } = await signIn(server, clinic.administrator.id);
        await asSuperuser(server, 'UPDATE auth.session SET staff_id = NULL WHERE token = $1', [hashToken(token)]);
        return token;
      },
    ],
  ];

  it.each(states)('%s is in no clinic and in nobody’s name, whatever it calls', async (state, makeToken) => {
    await makePatient(clinic.practitioner);
    const token = await makeToken();
    await asApplication(server, token, async (client) => {
      const one = async (sql: string) => (await client.query<Record<string, unknown>>(sql)).rows[0];
      expect(await one(`SELECT state FROM app.sign_on('${token}')`)).toEqual({ state });
      expect(await one('SELECT app.clinic() AS clinic, app.actor() AS actor, app.today() AS today')).toEqual({
        clinic: null,
        actor: null,
        today: null,
      });
      const permissions = await client.query<{ permission: string; clinic: string | null }>(
        'SELECT DISTINCT permission, app.clinic_for(permission) AS clinic FROM app.permissions',
      );
      expect(permissions.rows.filter(({ clinic: held }) => held !== null)).toEqual([]);
      expect(permissions.rowCount).toBeGreaterThan(15);
      for (const table of ['app.staff', 'app.clinics', 'app.patients', 'app.licences', 'audit.events'])
        expect([table, (await client.query(`SELECT FROM ${table}`)).rowCount]).toEqual([table, 0]);
      for (const call of ['keys()', 'sso_provider()', 'login_sessions(NULL)', `login_sessions('${clinic.receptionist.id}')`])
        expect([call, (await client.query(`SELECT FROM app.${call}`)).rowCount]).toEqual([call, 0]);
      expect(await one('SELECT app.end_login_sessions(NULL, NULL) AS ended')).toEqual({ ended: 0 });
      expect(await one(`SELECT app.end_login_sessions('${clinic.receptionist.id}', NULL) AS ended`)).toEqual({ ended: 0 });
    });
  });

  it('sees which clinics it may choose, and nobody else’s', async () => {
    const token = await states[2]?.[1]();
    await makeStaff(server, await makeClinic(server));
    const places = await asApplication(server, token ?? '', (client) => client.query('SELECT clinic_id, staff_id FROM app.places()'));
    expect(places.rows).toEqual([{ clinic_id: clinic.id, staff_id: clinic.administrator.id }]);
  });
});

describe('app.touch', () => {
  const seconds = async ({ token }: Person): Promise<number> => {
    const [row] = await asSuperuser(
      server,
      'SELECT EXTRACT(epoch FROM now() - last_seen_at)::int AS ago FROM auth.session WHERE token = $1',
      [hashToken(token)],
    );
    return Number(row?.['ago']);
  };
  const seen = (person: Person, ago: string) =>
    asSuperuser(server, 'UPDATE auth.session SET last_seen_at = clock_timestamp() - $2::interval WHERE token = $1', [
      hashToken(person.token),
      ago,
    ]);
  const touch = (token: string) =>
    withClient(server.database.app, (client) => client.query(`SELECT app.touch($1, '192.0.2.1', 'raw')`, [token]));

  it('puts off the lock once a minute at most', async () => {
    await seen(clinic.practitioner, '50 seconds');
    await touch(clinic.practitioner.token);
    expect(await seconds(clinic.practitioner)).toBeGreaterThanOrEqual(50);
    await seen(clinic.practitioner, '70 seconds');
    await touch(clinic.practitioner.token);
    expect(await seconds(clinic.practitioner)).toBeLessThan(50);
  });

  it('is what a request does, whether it is allowed or denied', async () => {
    for (const [path, status] of [
      ['/api/patients', 200],
      ['/api/staff', 403],
    ] as const) {
      await seen(clinic.practitioner, '50 seconds');
      expect((await clinic.practitioner.api.get(path)).status).toBe(status);
      expect(await seconds(clinic.practitioner)).toBeGreaterThanOrEqual(50);
      await seen(clinic.practitioner, '29 minutes');
      expect((await clinic.practitioner.api.get(path)).status).toBe(status);
      expect(await seconds(clinic.practitioner)).toBeLessThan(50);
    }
  });

  it('never revives what is locked or has ended, and knows no other session', async () => {
    await seen(clinic.practitioner, '31 minutes');
    await touch(clinic.practitioner.token);
    await clinic.practitioner.api.get('/api/patients');
    await clinic.practitioner.api.get('/api/auth/session');
    expect(await seconds(clinic.practitioner)).toBeGreaterThanOrEqual(31 * 60);

    await seen(clinic.colleague, '20 minutes');
    await asSuperuser(server, `UPDATE auth.session SET started_at = now() - interval '13 hours' WHERE token = $1`, [
      hashToken(clinic.colleague.token),
    ]);
    await touch(clinic.colleague.token);
    await touch('nobody-has-this-token-at-all');
    await touch(hashToken(clinic.colleague.token));
    expect(await seconds(clinic.colleague)).toBeGreaterThanOrEqual(20 * 60);
  });
});

it('the application’s role doesn’t reach a session but by those functions', async () => {
  for (const sql of [
    'SELECT FROM auth.session',
    'UPDATE auth.session SET last_seen_at = now()',
    'DELETE FROM auth.session',
    'SELECT FROM app.asking',
    'SELECT FROM auth.invitation',
    'SELECT FROM auth.totp',
    'SELECT FROM auth.passkey',
    'SELECT FROM auth.recovery_code',
    'SELECT FROM auth.sso_provider',
    `SELECT auth.accept_invitation('x', 'x', NULL)`,
    `SELECT auth.open_invitation('x')`,
    `SELECT auth.admit_by_provider('${clinic.id}', 'x@clinic.example')`,
    `SELECT auth.record_access('sign-in', 'success', NULL, NULL, NULL, NULL, NULL)`,
    `SELECT app.write_invitation('${clinic.receptionist.id}', 'x', true, false)`,
  ])
    expect([sql, await refusal(asApplication(server, clinic.administrator.token, (client) => client.query(sql)))]).toEqual([
      sql,
      PRIVILEGE,
    ]);
});
