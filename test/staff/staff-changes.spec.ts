import { invite, join, said, setUpTotp, signInWith } from '../support/accounts.js';
import { Caller } from '../support/api.js';
import { makeClinic, type Person, signIn, type TestClinic } from '../support/make.js';
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

const patch = (by: Person, id: string, change: object) => by.api.patch(`/api/staff/${id}`, change);
const deactivate = (by: Person, id: string) => by.api.post(`/api/staff/${id}/deactivation`);

/** A second administrator, with everything that it takes. */
async function makeAdministrator({ administrator }: TestClinic): Promise<Person> {
  const { id } = await invite({ administrator }, { role: 'administrator', profession: undefined });
  await asSuperuser(server, 'UPDATE app.staff SET active = tstzrange(clock_timestamp(), NULL) WHERE id = $1', [id]);
  return signIn(server, id);
}

async function administratorsOf({ id }: TestClinic): Promise<number> {
  const rows = await asSuperuser(
    server,
    `SELECT FROM app.staff WHERE clinic_id = $1 AND role = 'administrator' AND user_id IS NOT NULL AND active @> clock_timestamp()`,
    [id],
  );
  return rows.length;
}

describe('PATCH /api/staff/{id}', () => {
  it('changes a name and nothing else, from the next request on', async () => {
    const { administrator, practitioner } = clinic;
    const before = (await administrator.api.get('/api/staff')).body.items[1];
    const { status, body } = await patch(administrator, practitioner.id, { name: ' Ben Hughes ' });
    expect([status, body]).toEqual([200, { ...before, name: 'Ben Hughes' }]);
    expect((await administrator.api.get('/api/staff')).body.items[1]).toEqual(body);
    expect((await practitioner.api.get('/api/me')).body).toMatchObject({ name: 'Ben Hughes', role: 'practitioner' });
  });

  it.each([
    ['receptionist', { role: 'practitioner', profession: 'chiropractor' }, { role: 'practitioner', profession: 'chiropractor' }],
    ['practitioner', { role: 'receptionist' }, { role: 'receptionist', profession: null }],
    ['practitioner', { role: 'receptionist', profession: null }, { role: 'receptionist', profession: null }],
    ['practitioner', { role: 'administrator' }, { role: 'administrator', profession: null }],
    ['practitioner', { profession: 'osteopathic_physician' }, { role: 'practitioner', profession: 'osteopathic_physician' }],
    ['practitioner', {}, { role: 'practitioner', profession: 'chiropractor' }],
    ['receptionist', { profession: null }, { role: 'receptionist', profession: null }],
  ] as const)('makes of a %s with %j', async (who, change, expected) => {
    const { status, body } = await patch(clinic.administrator, clinic[who].id, change);
    expect([status, body]).toEqual([200, expect.objectContaining(expected)]);
    expect((await clinic[who].api.get('/api/me')).body).toMatchObject(expected);
  });

  it.each([
    ['receptionist', { role: 'practitioner' }],
    ['receptionist', { profession: 'chiropractor' }],
    ['practitioner', { profession: null }],
    ['practitioner', { role: 'receptionist', profession: 'chiropractor' }],
    ['practitioner', { role: 'administrator', profession: 'chiropractor' }],
  ] as const)('refuses a %s with %j', async (who, change) => {
    expect(said(await patch(clinic.administrator, clinic[who].id, change))).toEqual([422, 'staff.profession']);
    expect((await clinic[who].api.get('/api/me')).body).toMatchObject({ role: who });
  });

  it.each([
    ['name', null],
    ['name', ''],
    ['name', 'two\nlines'],
    ['name', 'x'.repeat(201)],
    ['role', null],
    ['role', 'owner'],
    ['profession', 'barber'],
    ['email', 'eve@clinic.example'],
    ['active', true],
    ['status', 'active'],
    ['clinicId', '0198c0de-0000-7000-8000-000000000000'],
  ])('refuses %s %j', async (field, value) => {
    const { status, body } = await patch(clinic.administrator, clinic.practitioner.id, { [field]: value });
    expect([status, body.errors?.map((error: { field: string }) => error.field)]).toEqual([400, [field]]);
  });

  it('makes a role count at the very next request of an open session', async () => {
    const { administrator, receptionist } = clinic;
    expect((await receptionist.api.get('/api/questionnaires/current')).status).toBe(403);
    await patch(administrator, receptionist.id, { role: 'practitioner', profession: 'chiropractor' });
    expect((await receptionist.api.get('/api/questionnaires/current')).status).toBe(200);
    await patch(administrator, receptionist.id, { role: 'receptionist' });
    expect(said(await receptionist.api.get('/api/questionnaires/current'))).toEqual([403, 'forbidden']);
  });

  it('asks a new administrator for the second factor before they administer', async () => {
    const joined = await join(server, await invite(clinic));
    await patch(clinic.administrator, joined.id, { role: 'administrator' });
    expect(said(await joined.api.get('/api/staff'))).toEqual([403, 'second-factor-required']);
    const complete = await setUpTotp(server, joined);
    expect((await complete.api.get('/api/staff')).status).toBe(200);
  });

  it('lets an administrator who isn’t the last hand their own role over, and answers them', async () => {
    const second = await makeAdministrator(clinic);
    const { status, body } = await patch(clinic.administrator, clinic.administrator.id, { role: 'receptionist' });
    expect([status, body.role]).toEqual([200, 'receptionist']);
    expect(said(await clinic.administrator.api.get('/api/staff'))).toEqual([403, 'forbidden']);
    expect((await second.api.get('/api/staff')).status).toBe(200);
  });

  it('is recorded with what changed, and by whom', async () => {
    const { administrator, receptionist } = clinic;
    await patch(administrator, receptionist.id, { name: 'Dana Petrov' });
    await patch(administrator, receptionist.id, {});
    const { body } = await administrator.api.get(`/api/audit/events?action=update&staffId=${administrator.id}`);
    const changes = (body.items as { subjectId: string }[]).filter(({ subjectId }) => subjectId === receptionist.id);
    expect(changes).toMatchObject([
      {
        staffId: administrator.id,
        outcome: 'success',
        subject: 'staff',
        subjectId: receptionist.id,
        details: { old: { name: 'Dana Reception' }, new: { name: 'Dana Petrov' } },
      },
    ]);
  });
});

describe('POST /api/staff/{id}/deactivation', () => {
  it('ends every session at once, and lets nobody in any more', async () => {
    const invited = await invite(clinic);
    const joined = await join(server, invited);
    const elsewhere = await signIn(server, joined.id);
    const { status, body } = await deactivate(clinic.administrator, joined.id);
    expect([status, body]).toEqual([200, expect.objectContaining({ id: joined.id, status: 'inactive' })]);
    for (const { api } of [joined, elsewhere]) expect(said(await api.get('/api/me'))).toEqual([401, 'not-signed-in']);
    // Whoever works nowhere may sign in, to accept an invitation, and can do nothing.
    const signedIn = await signInWith(new Caller(server.url), invited.email);
    expect([signedIn.status, signedIn.body.state, signedIn.body.clinics]).toEqual([200, 'clinic', []]);
    expect(await asSuperuser(server, 'SELECT FROM auth.session WHERE staff_id = $1', [joined.id])).toEqual([]);
  });

  it('leaves the sessions of everybody else, and the person’s own in another clinic', async () => {
    const other = await makeClinic(server);
    const joined = await join(server, await invite(clinic));
    const [staff] = await asSuperuser(server, 'SELECT email FROM app.staff WHERE id = $1', [joined.id]);
    const there = await invite(other, { email: staff?.['email'] });
    await asSuperuser(server, 'UPDATE app.staff SET active = tstzrange(clock_timestamp(), NULL) WHERE id = $1', [there.id]);
    const away = await signIn(server, there.id);
    await deactivate(clinic.administrator, joined.id);
    expect((await joined.api.get('/api/me')).status).toBe(401);
    for (const { api } of [away, clinic.practitioner]) expect((await api.get('/api/me')).status).toBe(200);
  });

  it('may come twice, and stays as it was', async () => {
    const first = await deactivate(clinic.administrator, clinic.receptionist.id);
    const [before] = await asSuperuser(server, 'SELECT active::text FROM app.staff WHERE id = $1', [clinic.receptionist.id]);
    const second = await deactivate(clinic.administrator, clinic.receptionist.id);
    expect([second.status, second.body]).toEqual([200, first.body]);
    expect(await asSuperuser(server, 'SELECT active::text FROM app.staff WHERE id = $1', [clinic.receptionist.id])).toEqual([before]);
  });

  it('lets an administrator who isn’t the last leave', async () => {
    const second = await makeAdministrator(clinic);
    const { status, body } = await deactivate(second, second.id);
    expect([status, body.status]).toEqual([200, 'inactive']);
    expect((await second.api.get('/api/me')).status).toBe(401);
    expect(await administratorsOf(clinic)).toBe(1);
  });
});

describe('the last administrator', () => {
  const LAST = [409, 'staff.last-administrator'];

  it('neither leaves nor hands the role over to nobody', async () => {
    const { administrator } = clinic;
    expect(said(await deactivate(administrator, administrator.id))).toEqual(LAST);
    expect(said(await patch(administrator, administrator.id, { role: 'receptionist' }))).toEqual(LAST);
    expect(said(await patch(administrator, administrator.id, { role: 'practitioner', profession: 'chiropractor' }))).toEqual(LAST);
    expect((await patch(administrator, administrator.id, { name: 'Ada Okafor' })).status).toBe(200);
    expect((await administrator.api.get('/api/staff')).status).toBe(200);
  });

  it('isn’t made dispensable by one who hasn’t accepted, one who has left, an API key, or another clinic’s', async () => {
    const { administrator } = clinic;
    await makeClinic(server);
    await invite(clinic, { role: 'administrator', profession: undefined });
    await deactivate(administrator, (await makeAdministrator(clinic)).id);
    const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
    expect((await administrator.api.post('/api/api-keys', { label: 'Export', role: 'administrator', expiresAt })).status).toBe(201);
    expect(said(await deactivate(administrator, administrator.id))).toEqual(LAST);
  });

  it('remains when two remove each other at once', async () => {
    for (const remove of [
      (by: Person, id: string) => deactivate(by, id),
      (by: Person, id: string) => patch(by, id, { role: 'receptionist' }),
    ]) {
      const own = await makeClinic(server);
      const second = await makeAdministrator(own);
      const answers = await Promise.all([remove(own.administrator, second.id), remove(second, own.administrator.id)]);
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
      expect(await administratorsOf(own)).toBe(1);
    }
  });

  it('remains when two leave at once', async () => {
    const second = await makeAdministrator(clinic);
    const answers = await Promise.all([clinic.administrator, second].map((person) => deactivate(person, person.id)));
    expect(answers.map(said).sort()).toEqual([[200, undefined], LAST]);
    expect(await administratorsOf(clinic)).toBe(1);
  });

  it('isn’t removed by raw SQL, at once or some day, alone or with others in one statement', async () => {
    const { administrator, receptionist } = clinic;
    const asAdministrator = (sql: string) => refusal(asApplication(server, administrator.token, (client) => client.query(sql)));
    const [keep, begin] = ['staff_keep_administrator', 'staff_begins_by_invitation'];
    const where = `WHERE id = '${administrator.id}'`;
    expect(await asAdministrator(`UPDATE app.staff SET role = 'receptionist' ${where}`)).toBe(keep);
    expect(await asAdministrator(`UPDATE app.staff SET active = active * tstzrange(NULL, clock_timestamp()) ${where}`)).toBe(keep);
    expect(await asAdministrator(`UPDATE app.staff SET active = 'empty' ${where}`)).toBe(keep);
    const tomorrow = `active * tstzrange(NULL, now() + interval '1 day')`;
    expect(await asAdministrator(`UPDATE app.staff SET active = ${tomorrow} ${where}`)).toBe(begin);
    const second = await makeAdministrator(clinic);
    const all = `WHERE id IN ('${administrator.id}', '${second.id}', '${receptionist.id}')`;
    for (const active of ['active * tstzrange(NULL, clock_timestamp())', `active * tstzrange(NULL, now() - interval '1 microsecond')`]) {
      expect(['42501', keep]).toContain(await asAdministrator(`UPDATE app.staff SET active = ${active} ${all}`));
    }
    const signedOut = `name || CASE id WHEN '${administrator.id}' THEN '' ELSE set_config('app.token', '', true) END`;
    expect(['42501', keep]).toContain(await asAdministrator(`UPDATE app.staff SET role = 'receptionist', name = ${signedOut} ${all}`));
  });
});
