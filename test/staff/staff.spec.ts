import { accept, ageAuthentication, CHOSEN, invite, newcomer, said, signInWith, tokenOf } from '../support/accounts.js';
import { Caller } from '../support/api.js';
import { makeClinic, type TestClinic } from '../support/make.js';
import { startServer, type TestServer } from '../support/server.js';
import { asSuperuser } from '../support/sql.js';

let server: TestServer;
let clinic: TestClinic;
let anyone: Caller;
let count = 0;
beforeAll(async () => {
  server = await startServer();
  clinic = await makeClinic(server);
  anyone = new Caller(server.url);
});
afterAll(() => server.stop());

async function countPeople(): Promise<number> {
  const [row] = await asSuperuser(
    server,
    'SELECT (SELECT count(*) FROM auth."user")::int + (SELECT count(*) FROM app.staff)::int AS count',
  );
  return Number(row?.['count']);
}

describe('POST /api/staff', () => {
  it.each([
    ['administrator', undefined],
    ['receptionist', undefined],
    ['receptionist', null],
    ['practitioner', 'chiropractor'],
    ['practitioner', 'osteopathic_physician'],
    ['practitioner', 'physical_therapist'],
  ])('invites a %s with the profession %s, who then comes in', async (role, profession) => {
    const body = newcomer({ role, profession });
    const answer = await clinic.administrator.api.post('/api/staff', body);
    expect(answer.status).toBe(201);
    const { status, body: login } = await accept(anyone, tokenOf(answer.body.link as string), CHOSEN);
    expect([status, login.state]).toEqual([200, role === 'administrator' ? 'second_factor' : 'full']);
    const { body: staff } = await clinic.administrator.api.get('/api/staff');
    expect((staff.items as { id: string }[]).find(({ id }) => id === answer.body.staffId)).toEqual({
      ...body,
      id: answer.body.staffId,
      profession: profession ?? null,
      status: 'active',
      licences: [],
    });
  });

  it('keeps names in every script, and addresses in small letters', async () => {
    const own = await makeClinic(server);
    const { email } = newcomer();
    const { id } = await invite(own, { name: ' Žofie Ng\u0302 李 ', email: email.toUpperCase() });
    const { body } = await own.administrator.api.get('/api/staff');
    expect((body.items as { id: string }[]).find((person) => person.id === id)).toMatchObject({ name: 'Žofie Nĝ 李', email });
  });

  it.each([
    ['practitioner', undefined],
    ['practitioner', null],
    ['receptionist', 'chiropractor'],
    ['administrator', 'chiropractor'],
  ])('refuses a %s with the profession %s', async (role, profession) => {
    const before = await countPeople();
    expect(said(await clinic.administrator.api.post('/api/staff', newcomer({ role, profession })))).toEqual([422, 'staff.profession']);
    expect(await countPeople()).toBe(before);
  });

  it.each([
    ['name', undefined],
    ['name', null],
    ['name', ''],
    ['name', ' \u3000'],
    ['name', 'x'.repeat(201)],
    ['name', 'x\uFE0F'.repeat(190)],
    ['name', 'two\nlines'],
    ['name', 'a\0b'],
    ['name', 7],
    ['name', ['Nora']],
    ['email', undefined],
    ['email', null],
    ['email', ''],
    ['email', 'nora'],
    ['email', 'nora@clinic'],
    ['email', 'nora@clinic.example, eve@clinic.example'],
    ['email', 'Nora <nora@clinic.example>'],
    ['email', `${'x'.repeat(250)}@clinic.example`],
    ['email', 'no\0ra@clinic.example'],
    ['email', { address: 'nora@clinic.example' }],
    ['email', ['nora@clinic.example']],
    ['role', undefined],
    ['role', null],
    ['role', 'owner'],
    ['role', 'Practitioner'],
    ['role', ['practitioner']],
    ['profession', 'barber'],
    ['profession', ''],
    ['profession', ['chiropractor']],
    ['password', 'chosen by the administrator'],
    ['initialPassword', 'chosen by the administrator'],
    ['clinicId', '0198c0de-0000-7000-8000-000000000000'],
    ['active', true],
  ] as [string, unknown][])('refuses %s %j', async (field, value) => {
    const before = await countPeople();
    const { status, body } = await clinic.administrator.api.post('/api/staff', newcomer({ [field]: value }));
    expect({ status, fields: body.errors?.map((error: { field: string }) => error.field) }).toEqual({ status: 400, fields: [field] });
    expect(await countPeople()).toBe(before);
  });

  // Whoever is invited must be able to sign in: no address is taken here that signing in refuses.
  it.each([
    'o’neil@clinic.example',
    'åsa@clinic.example',
    'ÅSA@clinic.example',
    'nora@clínica.example',
    '"nora new"@clinic.example',
    "n.o'ra+tag_1-2%x@clinic.example",
    'nora&co@clinic.example',
    'nora@sub.clinic.co.uk',
    'nora@xn--clnica-5va.example',
    'İda@clinic.example',
    'nora!x@clinic.example',
    'a/b=c@clinic.example',
  ])('takes the address %s only if signing in takes it', async (address) => {
    count += 1;
    const body = newcomer({ role: 'receptionist', profession: undefined, email: `${count}.${address}`.replace(/^(\d+)\."/, '"$1') });
    const answer = await clinic.administrator.api.post('/api/staff', body);
    if (answer.status === 201) await accept(anyone, tokenOf(answer.body.link as string), CHOSEN);
    const signedIn = await signInWith(anyone, body.email);
    expect([
      [201, 200],
      [400, 401],
    ]).toContainEqual([answer.status, signedIn.status]);
  });

  it('is for administrators only, who authenticated a short while ago', async () => {
    for (const { api } of [clinic.practitioner, clinic.receptionist]) {
      expect(said(await api.post('/api/staff', newcomer()))).toEqual([403, 'forbidden']);
      expect(said(await api.get('/api/staff'))).toEqual([403, 'forbidden']);
    }
    expect((await anyone.post('/api/staff', newcomer())).status).toBe(401);
    const own = await makeClinic(server);
    await ageAuthentication(server, own.administrator, 16);
    expect(said(await own.administrator.api.post('/api/staff', newcomer()))).toEqual([403, 'reauthentication-required']);
    expect((await own.administrator.api.get('/api/staff')).status).toBe(200);
  });
});

describe('GET /api/staff', () => {
  it('lists everybody of the clinic by name, with their licences and whether they are here', async () => {
    const own = await makeClinic(server);
    const { administrator, practitioner, colleague, receptionist } = own;
    await invite(own);
    await administrator.api.post(`/api/staff/${receptionist.id}/deactivation`);
    const { status, body } = await administrator.api.get('/api/staff');
    expect(status).toBe(200);
    expect(Object.keys(body as object)).toEqual(['items']);
    expect(body.items).toMatchObject([
      { id: administrator.id, name: 'Ada Admin', role: 'administrator', profession: null, status: 'active', licences: [] },
      {
        id: practitioner.id,
        name: 'Ben Practitioner',
        role: 'practitioner',
        profession: 'chiropractor',
        licences: [{ profession: 'chiropractor' }],
      },
      { id: colleague.id, name: 'Carla Colleague', licences: [{ practitionerId: colleague.id, authority: 'Board' }] },
      { id: receptionist.id, name: 'Dana Reception', role: 'receptionist', status: 'inactive', licences: [] },
      { name: 'Nora Newcomer', status: 'invited', licences: [] },
    ]);
  });

  it('doesn’t list API keys, though they are staff', async () => {
    const { administrator } = await makeClinic(server);
    const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
    const key = await administrator.api.post('/api/api-keys', { label: 'Export', role: 'administrator', expiresAt });
    expect(key.status).toBe(201);
    const { body } = await administrator.api.get('/api/staff');
    expect((body.items as { name: string }[]).map(({ name }) => name)).not.toContain('Export');
    for (const answer of [
      await administrator.api.patch(`/api/staff/${key.body.id}`, { name: 'Eve' }),
      await administrator.api.post(`/api/staff/${key.body.id}/deactivation`),
    ]) {
      expect(said(answer)).toEqual([404, 'not-found']);
    }
  });
});
