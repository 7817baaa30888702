import { ageAuthentication, idle, invite, join, said } from '../support/accounts.js';
import { Caller } from '../support/api.js';
import {
  makeDiscussion,
  makePatient,
  makeScreening,
  makeClinic,
  makeConsent,
  type Person,
  signIn,
  type TestClinic,
} from '../support/make.js';
import { startServer, type TestServer } from '../support/server.js';
import { asApplication, asSuperuser, refusal } from '../support/sql.js';

let server: TestServer;
let clinic: TestClinic;
beforeAll(async () => {
  server = await startServer();
});
beforeEach(async () => {
  clinic = await makeClinic(server);
});
afterAll(() => server.stop());

const change = (values: object, by: Person = clinic.administrator) => by.api.patch('/api/clinic/policy', values);
const policy = async () => (await clinic.administrator.api.get('/api/clinic/policy')).body as Record<string, unknown>;

/** As if a session had begun that many hours ago, and somebody had authenticated in it just now. */
async function startedAgo({ id }: Person, hours: number): Promise<void> {
  await asSuperuser(
    server,
    'UPDATE auth.session SET started_at = clock_timestamp() - make_interval(hours => $2::int) WHERE staff_id = $1',
    [id, hours],
  );
}

describe('GET /api/clinic/policy', () => {
  it('says what holds for a new clinic', async () => {
    const { status, body } = await clinic.administrator.api.get('/api/clinic/policy');
    expect([status, body]).toEqual([
      200,
      {
        id: clinic.id,
        name: expect.stringMatching(/^Clinic /),
        timeZone: 'Europe/London',
        demo: false,
        adultAgeYears: 18,
        screeningValidDays: expect.any(Number),
        consentValidDays: expect.any(Number),
        retentionYears: 10,
        idleMinutes: 30,
        sessionHours: 12,
        stepUpMinutes: 15,
        mfaRoles: ['administrator'],
      },
    ]);
  });

  it('is for administrators', async () => {
    for (const { api } of [clinic.practitioner, clinic.receptionist]) {
      expect(said(await api.get('/api/clinic/policy'))).toEqual([403, 'forbidden']);
    }
  });
});

describe('PATCH /api/clinic/policy', () => {
  it.each([
    ['name', ' Klinik Ærø ', 'Klinik Ærø'],
    ['adultAgeYears', 14, 14],
    ['adultAgeYears', 21, 21],
    ['screeningValidDays', 1, 1],
    ['screeningValidDays', 366, 366],
    ['consentValidDays', 1, 1],
    ['consentValidDays', 1096, 1096],
    ['retentionYears', 1, 1],
    ['retentionYears', 50, 50],
    ['idleMinutes', 1, 1],
    ['idleMinutes', 60, 60],
    ['sessionHours', 1, 1],
    ['sessionHours', 24, 24],
    ['stepUpMinutes', 1, 1],
    ['stepUpMinutes', 60, 60],
    ['mfaRoles', ['administrator', 'practitioner', 'receptionist'], ['administrator', 'practitioner', 'receptionist']],
    ['mfaRoles', ['receptionist', 'administrator'], ['receptionist', 'administrator']],
  ])('sets %s to %j, and leaves the rest', async (field, value, kept) => {
    const before = await policy();
    const { status, body } = await change({ [field]: value });
    expect([status, body]).toEqual([200, { ...before, [field]: kept }]);
    expect(await policy()).toEqual(body);
  });

  it('sets several at once, and nothing where nothing is given', async () => {
    const before = await policy();
    expect((await change({})).body).toEqual(before);
    await change({ adultAgeYears: 16, idleMinutes: 10 });
    expect(await policy()).toEqual({ ...before, adultAgeYears: 16, idleMinutes: 10 });
  });

  it.each([
    ['name', ''],
    ['name', null],
    ['name', 'x'.repeat(201)],
    ['name', 'two\nlines'],
    ['adultAgeYears', 13],
    ['adultAgeYears', 22],
    ['adultAgeYears', 17.5],
    ['adultAgeYears', '18'],
    ['adultAgeYears', null],
    ['screeningValidDays', 0],
    ['screeningValidDays', 367],
    ['consentValidDays', 0],
    ['consentValidDays', 1097],
    ['retentionYears', 0],
    ['retentionYears', 51],
    ['retentionYears', null],
    ['idleMinutes', 0],
    ['idleMinutes', 61],
    ['sessionHours', 0],
    ['sessionHours', 25],
    ['stepUpMinutes', 0],
    ['stepUpMinutes', 61],
    ['mfaRoles', null],
    ['mfaRoles', 'administrator'],
    ['mfaRoles', ['administrator', 'owner']],
    ['mfaRoles', ['administrator', 'administrator']],
    ['mfaRoles', ['administrator', null]],
    ['mfaRoles', [['administrator']]],
    ['id', '0198c0de-0000-7000-8000-000000000000'],
    ['timeZone', 'UTC'],
    ['demo', true],
    ['reconsentVersion', 7],
    ['foundedAt', '2020-01-01'],
  ])('refuses %s %j, and changes nothing', async (field, value) => {
    const before = await policy();
    const { status, body } = await change({ consentValidDays: 7, [field]: value });
    expect([status, body.errors?.map((error: { field: string }) => error.field)]).toEqual([400, [field]]);
    expect(await policy()).toEqual(before);
  });

  it.each([[[]], [['practitioner']], [['practitioner', 'receptionist']]])(
    'keeps administrators’ second factor: not %j',
    async (mfaRoles) => {
      expect(said(await change({ mfaRoles }))).toEqual([422, 'policy.administrators-need-second-factor']);
      expect((await policy())['mfaRoles']).toEqual(['administrator']);
    },
  );

  it('lets the demo do without a second factor', async () => {
    await asSuperuser(server, `UPDATE app.clinics SET demo = true WHERE id = $1`, [clinic.id]);
    expect((await change({ mfaRoles: [] })).body.mfaRoles).toEqual([]);
    const { api } = await signIn(server, clinic.administrator.id, 'password');
    expect((await api.get('/api/clinic/policy')).status).toBe(200);
    // And nobody makes a demo of a clinic, nor drops the factor by raw SQL in one that isn’t.
    const real = await makeClinic(server);
    for (const [column, rule] of [
      ['demo = true', '42501'],
      [`mfa_roles = '{}'`, 'clinic_administrators_need_mfa'],
      [`mfa_roles = '{practitioner}'`, 'clinic_administrators_need_mfa'],
      [`mfa_roles = '{administrator,NULL}'`, 'clinic_mfa_roles_known'],
      ['step_up_minutes = 1440', 'clinic_step_up_minutes'],
    ]) {
      const sql = `UPDATE app.clinics SET ${column} WHERE id = '${real.id}'`;
      expect([column, await refusal(asApplication(server, real.administrator.token, (client) => client.query(sql)))]).toEqual([
        column,
        rule,
      ]);
    }
  });

  it('is for administrators only', async () => {
    for (const by of [clinic.practitioner, clinic.receptionist])
      expect(said(await change({ idleMinutes: 60 }, by))).toEqual([403, 'forbidden']);
    expect((await new Caller(server.url).patch('/api/clinic/policy', {})).status).toBe(401);
    expect((await policy())['idleMinutes']).toBe(30);
  });

  it('asks for an authentication of a short while ago', async () => {
    await ageAuthentication(server, clinic.administrator, 14);
    expect((await change({ adultAgeYears: 16 })).status).toBe(200);
    await ageAuthentication(server, clinic.administrator, 15);
    expect(said(await change({ adultAgeYears: 17 }))).toEqual([403, 'reauthentication-required']);
    expect((await policy())['adultAgeYears']).toBe(16);
  });

  it('stays in its clinic', async () => {
    const other = await makeClinic(server);
    await change({ idleMinutes: 7, name: 'This one' });
    expect((await other.administrator.api.get('/api/clinic/policy')).body).toMatchObject({
      idleMinutes: 30,
      name: expect.stringMatching(/^Clinic /),
    });
    const elsewhere = asApplication(
      server,
      clinic.administrator.token,
      async (client) => (await client.query('UPDATE app.clinics SET idle_minutes = 60 WHERE id = $1', [other.id])).rowCount,
    );
    expect(await elsewhere).toBe(0);
  });

  it('is recorded with what changed, and by whom', async () => {
    await change({ idleMinutes: 7, adultAgeYears: 18, mfaRoles: ['administrator', 'practitioner'] });
    await change({ idleMinutes: 7 });
    const { body } = await clinic.administrator.api.get(`/api/audit/events?action=update&staffId=${clinic.administrator.id}`);
    const newest = (body.items as { subject: string; details: object }[]).find(({ subject }) => subject === 'clinics');
    expect(newest?.details).toEqual({
      old: { idle_minutes: 30, mfa_roles: ['administrator'] },
      new: { idle_minutes: 7, mfa_roles: ['administrator', 'practitioner'] },
    });
  });
});

describe('a policy counts at once', () => {
  it('name', async () => {
    await change({ name: 'Klinik Ærø' });
    expect((await clinic.receptionist.api.get('/api/me')).body.clinic.name).toBe('Klinik Ærø');
  });

  it('adultAgeYears: who decides alone', async () => {
    const { practitioner } = clinic;
    const born = new Date();
    born.setFullYear(born.getFullYear() - 17);
    const patientId = await makePatient(practitioner, { birthDate: born.toISOString().slice(0, 10) });
    await makeScreening(practitioner, patientId);
    const discussionId = await makeDiscussion(practitioner, patientId);
    await expect(makeConsent(practitioner, discussionId)).rejects.toThrow('consent.minor');
    await change({ adultAgeYears: 16 });
    expect(await makeConsent(practitioner, discussionId)).toEqual(expect.any(String));
  });

  it('screeningValidDays: for screenings from now on', async () => {
    const { practitioner } = clinic;
    const patientId = await makePatient(practitioner);
    await change({ screeningValidDays: 3 });
    const id = await makeScreening(practitioner, patientId);
    const [row] = await asSuperuser(
      server,
      'SELECT round(EXTRACT(epoch FROM upper(clears) - lower(clears)) / 86400) AS days FROM app.screenings WHERE id = $1',
      [id],
    );
    expect(Number(row?.['days'])).toBe(3);
  });

  it('consentValidDays: for consents from now on', async () => {
    const { practitioner } = clinic;
    const patientId = await makePatient(practitioner);
    await makeScreening(practitioner, patientId);
    await change({ consentValidDays: 9 });
    const id = await makeConsent(practitioner, await makeDiscussion(practitioner, patientId));
    const [row] = await asSuperuser(
      server,
      'SELECT round(EXTRACT(epoch FROM upper(in_force) - lower(in_force)) / 86400) AS days FROM app.consents WHERE id = $1',
      [id],
    );
    expect(Number(row?.['days'])).toBe(9);
  });

  it('idleMinutes: a session that was quiet for longer is locked', async () => {
    await idle(server, clinic.receptionist, 10);
    await change({ idleMinutes: 10 });
    expect(said(await clinic.receptionist.api.get('/api/me'))).toEqual([401, 'login.locked']);
    await change({ idleMinutes: 30 });
    expect((await clinic.receptionist.api.get('/api/me')).status).toBe(200);
  });

  it('sessionHours: a session that began earlier has ended', async () => {
    await startedAgo(clinic.receptionist, 2);
    await change({ sessionHours: 2 });
    expect(said(await clinic.receptionist.api.get('/api/me'))).toEqual([401, 'not-signed-in']);
    await change({ sessionHours: 3 });
    expect((await clinic.receptionist.api.get('/api/me')).status).toBe(200);
  });

  it('stepUpMinutes: an authentication that was earlier isn’t fresh any more', async () => {
    const second = await signIn(server, clinic.administrator.id);
    await ageAuthentication(server, clinic.administrator, 5);
    expect((await change({ stepUpMinutes: 4 }, second)).status).toBe(200);
    expect(said(await change({ stepUpMinutes: 60 }))).toEqual([403, 'reauthentication-required']);
  });

  it('mfaRoles: a session with a password alone owes the second factor, until the role is taken out again', async () => {
    const joined = await join(server, await invite(clinic));
    expect((await joined.api.get('/api/me')).status).toBe(200);
    await change({ mfaRoles: ['administrator', 'practitioner'] });
    expect(said(await joined.api.get('/api/me'))).toEqual([403, 'second-factor-required']);
    await change({ mfaRoles: ['administrator'] });
    expect((await joined.api.get('/api/me')).status).toBe(200);
  });

  it.each([
    ['idleMinutes', { idleMinutes: 3 }, (person: Person) => idle(server, person, 5), [401, 'login.locked']],
    ['sessionHours', { sessionHours: 1 }, (person: Person) => startedAgo(person, 2), [401, 'not-signed-in']],
  ] as const)('%s: for the session that made it too, which is answered', async (_, values, age, refused) => {
    await age(clinic.administrator);
    expect((await change(values)).status).toBe(200);
    expect(said(await clinic.administrator.api.get('/api/clinic/policy'))).toEqual(refused);
    const { api } = await signIn(server, clinic.administrator.id);
    expect((await api.get('/api/clinic/policy')).body).toMatchObject(values);
  });
});
