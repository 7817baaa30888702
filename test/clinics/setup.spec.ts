import { accept, browserOf, CHOSEN, invite, said, setUpTotp, signInWith, tokenOf } from '../support/accounts.js';
import { Caller } from '../support/api.js';
import { type TestDatabase, withClient, withDatabase } from '../support/database.js';
import { type Ended, runCli } from '../support/process.js';
import { withServer } from '../support/server.js';

const FLAGS = {
  '--clinic': 'Klinik Ærø 1',
  '--time-zone': 'Asia/Kolkata',
  '--admin-name': 'Ada Ågård',
  '--admin-email': 'Ada@Clinic.Example',
};
const ENVIRONMENT = {
  ASSENT_CLINIC: 'Clinic of the environment',
  ASSENT_TIME_ZONE: 'Pacific/Kiritimati',
  ASSENT_ADMIN_NAME: 'Eve',
  ASSENT_ADMIN_EMAIL: 'eve@clinic.example',
};

function setup(database: TestDatabase, flags: Record<string, string>, env: Record<string, string> = {}, ...more: string[]): Promise<Ended> {
  return runCli(database, ['setup', ...Object.entries(flags).flat(), ...more], env);
}

/** [clinic, time zone, demo, person, address, role] of everybody. */
async function peopleOf(database: TestDatabase): Promise<unknown[][]> {
  const { rows } = await withClient(database.superuser, (client) =>
    client.query<unknown[]>({
      text: `SELECT clinics.name, clinics.time_zone, clinics.demo, staff.name, staff.email, staff.role
               FROM app.clinics LEFT JOIN app.staff ON staff.clinic_id = clinics.id ORDER BY clinics.founded_at`,
      rowMode: 'array',
    }),
  );
  return rows;
}

function without(values: Record<string, string>, name: string): Record<string, string> {
  return Object.fromEntries(Object.entries(values).filter(([other]) => other !== name));
}

describe('setup', () => {
  it('creates a clinic by flags, and answers with a link for its administrator', () =>
    withDatabase({}, async (database) => {
      const { code, stdout, stderr } = await setup(database, FLAGS);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).toMatch(
        /^Klinik Ærø 1 is set up\. Start it with npm start\. Within 72 hours, Ada@Clinic\.Example sets a password at\n {2}http:\/\/localhost:3000\/invitation#[\w-]{43}\n$/,
      );
      expect(await peopleOf(database)).toEqual([
        ['Klinik Ærø 1', 'Asia/Kolkata', false, 'Ada Ågård', 'ada@clinic.example', 'administrator'],
      ]);
    }));

  it('lets the administrator set a password and an authenticator app, and then administer', () =>
    withDatabase({}, async (database) => {
      const { stdout } = await setup(database, FLAGS);
      await withServer({ shared: database }, async (server) => {
        const anyone = new Caller(server.url);
        const token = tokenOf(stdout);
        expect((await anyone.post('/api/auth/invitations/open', { token })).body).toMatchObject({
          name: 'Ada Ågård',
          email: 'ada@clinic.example',
          role: 'administrator',
          clinicName: 'Klinik Ærø 1',
          hasAccount: false,
          renews: false,
        });
        expect(said(await accept(anyone, token, 'ada agard and co'))).toEqual([422, 'password.contains-name']);
        const accepted = await accept(anyone, token, CHOSEN);
        expect(accepted.body).toMatchObject({ state: 'second_factor', factors: [] });
        expect(said(await accept(anyone, token, CHOSEN))).toEqual([410, 'invitation.closed']);
        const { api } = await setUpTotp(server, { id: '', ...browserOf(server, accepted) });
        expect((await api.get('/api/me')).body).toMatchObject({ role: 'administrator', clinic: { timeZone: 'Asia/Kolkata' } });
        expect((await api.get('/api/questionnaires/current')).body.version).toBe(1);
        expect((await api.get('/api/disclosures/current?language=en')).body.version).toBe(1);
        expect((await api.get('/api/clinic/policy')).body).toMatchObject({ demo: false, mfaRoles: ['administrator'] });
        const invited = await invite({ administrator: { api } }, { role: 'receptionist', profession: undefined });
        expect((await accept(anyone, invited.token, CHOSEN)).body).toMatchObject({ state: 'full', me: { role: 'receptionist' } });
        expect((await signInWith(anyone, 'ada@clinic.example')).body).toMatchObject({
          state: 'second_factor',
          factors: ['totp', 'recovery_code'],
        });
      });
    }));

  it('leaves nobody signed in, and nothing that opens anything but the link’s hash', () =>
    withDatabase({}, async (database) => {
      const { stdout } = await setup(database, FLAGS);
      const { rows } = await withClient(database.superuser, (client) =>
        client.query<Record<string, unknown>>(
          `SELECT (SELECT count(*)::int FROM auth.session) AS sessions, (SELECT count(*)::int FROM auth.account) AS accounts,
                  (SELECT json_agg(active::text) FROM app.staff) AS active, (SELECT json_agg(token) FROM auth.invitation) AS tokens`,
        ),
      );
      expect(rows).toEqual([{ sessions: 0, accounts: 0, active: ['empty'], tokens: [expect.stringMatching(/^[0-9a-f]{64}$/)] }]);
      expect(JSON.stringify(rows)).not.toContain(tokenOf(stdout));
    }));

  it.each([
    [{ PORT: '8080' }, 'http://localhost:8080'],
    [{ BASE_URL: 'https://clinic.example', PORT: '8080' }, 'https://clinic.example'],
    [{ BASE_URL: 'https://clinic.example/' }, 'https://clinic.example'],
  ])('prints a link of the server with %j', (env, origin) =>
    withDatabase({}, async (database) => {
      const { stdout } = await setup(database, FLAGS, env);
      expect(stdout).toContain(`\n  ${origin}/invitation#${tokenOf(stdout)}\n`);
    }),
  );

  it('asks for no password, and takes none from the environment', () =>
    withDatabase({}, async (database) => {
      const password = 'nine loud steamboats';
      const { code, stdout } = await setup(database, FLAGS, { ASSENT_ADMIN_PASSWORD: password });
      expect(code).toBe(0);
      expect(stdout).not.toContain(password);
      const flagged = await setup(database, { '--admin-password': password }, ENVIRONMENT, '--additional');
      expect([flagged.code, flagged.stderr]).toEqual([1, expect.stringContaining('Usage:')]);
      await withServer({ shared: database }, async ({ url }) => {
        expect((await signInWith(new Caller(url), 'ada@clinic.example', password)).status).toBe(401);
      });
    }));

  it('creates a clinic by the environment, over which flags go', () =>
    withDatabase({}, async (database) => {
      expect((await setup(database, { '--admin-name': 'Flora' }, ENVIRONMENT)).code).toBe(0);
      expect(await peopleOf(database)).toEqual([
        ['Clinic of the environment', 'Pacific/Kiritimati', false, 'Flora', 'eve@clinic.example', 'administrator'],
      ]);
    }));

  it('migrates first', () =>
    withDatabase({ migrated: false }, async (database) => {
      expect((await setup(database, {}, ENVIRONMENT)).code).toBe(0);
      expect(await peopleOf(database)).toHaveLength(1);
    }));

  it.each(['UTC', 'Europe/Kyiv', 'Asia/Calcutta', 'America/Argentina/Buenos_Aires', 'Asia/Kathmandu'])('takes the time zone %s', (zone) =>
    withDatabase({}, async (database) => {
      expect(await setup(database, { '--time-zone': zone }, ENVIRONMENT)).toMatchObject({ code: 0, stderr: '' });
    }),
  );

  it.each([
    ['ASSENT_CLINIC', 'Name of the clinic: It must have 1 to 200 characters.'],
    ['ASSENT_TIME_ZONE', 'Time zone (e.g. Europe/London): That is no IANA time zone.'],
    ['ASSENT_ADMIN_NAME', 'Name of the first administrator: It must have 1 to 200 characters.'],
    ['ASSENT_ADMIN_EMAIL', 'Email address of the first administrator: That is no email address.'],
  ])('says what is missing without %s, and how to give it', (name, message) =>
    withDatabase({}, async (database) => {
      const { code, stdout, stderr } = await setup(database, {}, without(ENVIRONMENT, name));
      expect({ code, stdout, first: stderr.split('\n')[0] }).toEqual({ code: 1, stdout: '', first: message });
      expect(stderr).toContain(name);
      expect(await peopleOf(database)).toEqual([]);
    }),
  );

  it.each([
    ['ASSENT_CLINIC', ' '],
    ['ASSENT_CLINIC', 'x'.repeat(201)],
    ['ASSENT_CLINIC', 'x\uFE0F'.repeat(150)],
    ['ASSENT_TIME_ZONE', 'Europe/Nowhere'],
    ['ASSENT_TIME_ZONE', 'europe/london'],
    ['ASSENT_TIME_ZONE', '+02:00'],
    ['ASSENT_TIME_ZONE', 'GMT+25'],
    ['ASSENT_ADMIN_NAME', 'x'.repeat(201)],
    ['ASSENT_ADMIN_EMAIL', 'ada'],
    ['ASSENT_ADMIN_EMAIL', 'ådå@clinic.example'],
  ])('refuses %s=%s in words', (name, value) =>
    withDatabase({}, async (database) => {
      const { code, stdout, stderr } = await setup(database, {}, { ...ENVIRONMENT, [name]: value });
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toMatch(/It must have|That is no|doesn’t have this time zone/);
      expect(stderr).not.toMatch(/\n {4}at /);
      expect(await peopleOf(database)).toEqual([]);
    }),
  );

  it.each([[['--clinc', 'X']], [['--clinic']], [['My clinic']], [['--additional=yes']]])(
    'explains itself when it is called with %j',
    (args) =>
      withDatabase({}, async (database) => {
        const { code, stderr } = await runCli(database, ['setup', ...args], ENVIRONMENT);
        expect(code).toBe(1);
        expect(stderr).toContain('Usage:');
        expect(stderr).not.toMatch(/\n {4}at /);
        expect(await peopleOf(database)).toEqual([]);
      }),
  );

  it('refuses a second clinic and says what to do', () =>
    withDatabase({}, async (database) => {
      await setup(database, {}, ENVIRONMENT);
      const { code, stdout, stderr } = await setup(database, FLAGS);
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toMatch(/^This database already holds a clinic\. .*--additional\.\n$/);
      expect(await peopleOf(database)).toHaveLength(1);
    }));

  it('founds an additional clinic when it is told to', () =>
    withDatabase({}, async (database) => {
      await setup(database, {}, ENVIRONMENT);
      const { code } = await setup(database, FLAGS, {}, '--additional');
      expect(code).toBe(0);
      expect((await peopleOf(database)).map(([clinic]) => clinic)).toEqual(['Clinic of the environment', 'Klinik Ærø 1']);
    }));

  it('gives an additional clinic to somebody who has an account, when they accept signed in', () =>
    withDatabase({}, async (database) => {
      const first = await setup(database, {}, ENVIRONMENT);
      const second = await setup(database, { ...FLAGS, '--admin-email': 'EVE@clinic.example' }, {}, '--additional');
      expect([second.code, second.stderr]).toEqual([0, '']);
      await withServer({ shared: database }, async (server) => {
        const anyone = new Caller(server.url);
        const joined = browserOf(server, await accept(anyone, tokenOf(first.stdout), CHOSEN));
        const { api } = await setUpTotp(server, { id: '', ...joined });
        expect(said(await accept(anyone, tokenOf(second.stdout), 'nine loud steamboats'))).toEqual([409, 'invitation.sign-in-first']);
        const accepted = await accept(api, tokenOf(second.stdout));
        expect(accepted.body).toMatchObject({ state: 'full', me: { role: 'administrator', clinic: { name: 'Klinik Ærø 1' } } });
        expect(accepted.body.clinics).toHaveLength(2);
      });
    }));

  it('founds one clinic when two run at once', () =>
    withDatabase({}, async (database) => {
      const ended = await Promise.all([setup(database, {}, ENVIRONMENT), setup(database, FLAGS)]);
      expect(ended.map(({ code }) => code).sort()).toEqual([0, 1]);
      expect(ended.map(({ stderr }) => stderr).join('')).toMatch(/^This database already holds a clinic/);
      expect(await peopleOf(database)).toHaveLength(1);
    }));
});

describe('the command line', () => {
  it.each([[[]], [['found']], [['--help']]])('explains itself when it is called with %j', (args) =>
    withDatabase({}, async (database) => {
      const { code, stderr } = await runCli(database, args);
      expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/^Usage:\n/) });
    }),
  );
});
