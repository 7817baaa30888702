import { Caller } from './support/api.js';
import { type TestDatabase, withClient, withDatabase } from './support/database.js';
import { type Ended, runCli } from './support/process.js';
import { withServer } from './support/server.js';

const PASSWORD = 'correct horse battery';
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
  ASSENT_ADMIN_PASSWORD: PASSWORD,
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
  it('founds a clinic by flags, whose administrator signs in', () =>
    withDatabase({}, async (database) => {
      const { code, stdout, stderr } = await setup(database, FLAGS, { ASSENT_ADMIN_PASSWORD: PASSWORD });
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).toBe('Klinik Ærø 1 is set up. Start it with npm start, and sign in as Ada@Clinic.Example.\n');
      expect(await peopleOf(database)).toEqual([
        ['Klinik Ærø 1', 'Asia/Kolkata', false, 'Ada Ågård', 'ada@clinic.example', 'administrator'],
      ]);
      await withServer({ shared: database }, async ({ url }) => {
        const answer = await new Caller(url).post('/api/auth/sign-in/email', { email: 'ada@clinic.example', password: PASSWORD });
        const cookie = answer.headers.getSetCookie()[0]?.split(';')[0] ?? '';
        const anyone = new Caller(url);
        expect((await anyone.call('GET', '/api/me', undefined, { cookie })).body).toMatchObject({ clinic: { timeZone: 'Asia/Kolkata' } });
        expect((await anyone.call('GET', '/api/questionnaires/current', undefined, { cookie })).body.version).toBe(1);
        expect((await anyone.call('GET', '/api/disclosures/current?language=en', undefined, { cookie })).body.version).toBe(1);
      });
    }));

  it('founds a clinic by the environment, over which flags go', () =>
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

  it('keeps the password as it is given', () =>
    withDatabase({}, async (database) => {
      const password = '  spaces around it  ';
      expect((await setup(database, {}, { ...ENVIRONMENT, ASSENT_ADMIN_PASSWORD: password })).code).toBe(0);
      await withServer({ shared: database }, async ({ url }) => {
        const { status } = await new Caller(url).post('/api/auth/sign-in/email', { email: 'eve@clinic.example', password });
        expect(status).toBe(200);
      });
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
    ['ASSENT_ADMIN_PASSWORD', 'Password of the first administrator (at least 12 characters): It must have 12 to 128 characters.'],
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
    ['ASSENT_ADMIN_PASSWORD', 'eleven char'],
    ['ASSENT_ADMIN_PASSWORD', 'x'.repeat(129)],
  ])('refuses %s=%s in words', (name, value) =>
    withDatabase({}, async (database) => {
      const { code, stdout, stderr } = await setup(database, {}, { ...ENVIRONMENT, [name]: value });
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toMatch(/It must have|That is no|no such time zone/);
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
      const { code, stdout, stderr } = await setup(database, FLAGS, { ASSENT_ADMIN_PASSWORD: PASSWORD });
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toMatch(/^This database already holds a clinic\. .*--additional\.\n$/);
      expect(await peopleOf(database)).toHaveLength(1);
    }));

  it('founds an additional clinic when it is told to', () =>
    withDatabase({}, async (database) => {
      await setup(database, {}, ENVIRONMENT);
      const { code } = await setup(database, FLAGS, { ASSENT_ADMIN_PASSWORD: PASSWORD }, '--additional');
      expect(code).toBe(0);
      expect((await peopleOf(database)).map(([clinic]) => clinic)).toEqual(['Clinic of the environment', 'Klinik Ærø 1']);
    }));

  it('refuses an address that already signs in', () =>
    withDatabase({}, async (database) => {
      await setup(database, {}, ENVIRONMENT);
      const flags = { ...FLAGS, '--admin-email': 'EVE@clinic.example' };
      const { code, stderr } = await setup(database, flags, { ASSENT_ADMIN_PASSWORD: PASSWORD }, '--additional');
      expect({ code, stderr }).toEqual({ code: 1, stderr: 'Somebody already signs in with this email address. Use another address.\n' });
      expect(await peopleOf(database)).toHaveLength(1);
    }));

  it('founds one clinic when two run at once', () =>
    withDatabase({}, async (database) => {
      const ended = await Promise.all([setup(database, {}, ENVIRONMENT), setup(database, FLAGS, { ASSENT_ADMIN_PASSWORD: PASSWORD })]);
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
