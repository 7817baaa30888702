import { Caller } from './support/api.js';
import { withClient } from './support/database.js';
import { makeClinic, type TestClinic } from './support/make.js';
import { startServer, type TestServer } from './support/server.js';

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

const SIGN_IN = '/api/auth/sign-in/email';

/** Somebody to employ, with an address of their own. */
function newcomer(values: Record<string, unknown> = {}): Record<string, unknown> {
  count += 1;
  return { name: 'Nora New', email: `nora${count}@clinic.example`, role: 'practitioner', profession: 'chiropractor', ...values };
}

async function countPeople(): Promise<number> {
  const { rows } = await withClient(server.database.superuser, (client) =>
    client.query<{ count: number }>('SELECT (SELECT count(*) FROM auth."user")::int + (SELECT count(*) FROM app.staff)::int AS count'),
  );
  return rows[0]?.count ?? Number.NaN;
}

describe('POST /api/staff', () => {
  it.each([
    ['administrator', undefined],
    ['receptionist', undefined],
    ['receptionist', null],
    ['practitioner', 'chiropractor'],
    ['practitioner', 'osteopathic_physician'],
    ['practitioner', 'physical_therapist'],
  ])('employs a %s with the profession %s, who then signs in', async (role, profession) => {
    const { administrator } = await makeClinic(server);
    const body = newcomer({ role, profession });
    const answer = await administrator.api.post('/api/staff', body);
    expect(answer.status).toBe(201);
    const { initialPassword, ...person } = answer.body;
    expect(person).toEqual({ ...body, id: expect.any(String), profession: profession ?? null, licences: [] });
    expect(initialPassword).toMatch(/^[\w-]{16,}$/);

    const signedIn = await anyone.post(SIGN_IN, { email: body['email'], password: initialPassword });
    expect(signedIn.status).toBe(200);
    const cookie = signedIn.headers.getSetCookie()[0]?.split(';')[0] ?? '';
    const me = await anyone.call('GET', '/api/me', undefined, { cookie });
    expect(me.body).toMatchObject({ id: person.id, name: 'Nora New', role, clinic: { id: expect.any(String) } });
  });

  it('shows the password once, and keeps only its hash', async () => {
    const { administrator } = await makeClinic(server);
    const first = await administrator.api.post('/api/staff', newcomer());
    const second = await administrator.api.post('/api/staff', newcomer());
    expect(first.body.initialPassword).not.toBe(second.body.initialPassword);
    const list = await administrator.api.get('/api/staff');
    expect(JSON.stringify(list.body)).not.toMatch(/password/i);
    const { rows } = await withClient(server.database.superuser, (client) => client.query('SELECT to_jsonb(account) FROM auth.account'));
    expect(JSON.stringify(rows)).not.toContain(first.body.initialPassword);
  });

  it('keeps names in every script, and addresses in small letters', async () => {
    const email = `Nora.${count}.Upper@Clinic.Example`;
    const { body } = await clinic.administrator.api.post('/api/staff', newcomer({ name: ' Žofie Ng\u0302 李 ', email }));
    expect(body).toMatchObject({ name: 'Žofie Nĝ 李', email: email.toLowerCase() });
  });

  it('refuses an address that is taken, in any case and any clinic', async () => {
    const { administrator } = await makeClinic(server);
    const body = newcomer();
    expect((await administrator.api.post('/api/staff', body)).status).toBe(201);
    const before = await countPeople();
    for (const by of [administrator, clinic.administrator]) {
      for (const email of [body['email'], String(body['email']).toUpperCase()]) {
        const answer = await by.api.post('/api/staff', newcomer({ email }));
        expect({ status: answer.status, code: answer.body.code }).toEqual({ status: 409, code: 'staff.email-taken' });
      }
    }
    expect(await countPeople()).toBe(before);
  });

  it('gives an address once to four who are employed at once', async () => {
    const email = newcomer()['email'];
    const answers = await Promise.all(
      Array.from({ length: 4 }, () =>
        clinic.administrator.api.post('/api/staff', newcomer({ email, role: 'receptionist', profession: null })),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409]);
  });

  it.each([
    ['practitioner', undefined],
    ['practitioner', null],
    ['receptionist', 'chiropractor'],
    ['administrator', 'chiropractor'],
  ])('refuses a %s with the profession %s', async (role, profession) => {
    const before = await countPeople();
    const { status, body } = await clinic.administrator.api.post('/api/staff', newcomer({ role, profession }));
    expect({ status, code: body.code }).toEqual({ status: 422, code: 'staff.profession' });
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
    ['clinicId', '0198c0de-0000-7000-8000-000000000000'],
    ['active', true],
  ] as [string, unknown][])('refuses %s %j', async (field, value) => {
    const before = await countPeople();
    const { status, body } = await clinic.administrator.api.post('/api/staff', newcomer({ [field]: value }));
    expect({ status, fields: body.errors?.map((error: { field: string }) => error.field) }).toEqual({ status: 400, fields: [field] });
    expect(await countPeople()).toBe(before);
  });

  // Whoever is employed must be able to sign in: no address is taken here that signing in refuses.
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
    const body = newcomer({ email: `${count}.${address}`.replace(/^(\d+)\."/, '"$1') });
    const answer = await clinic.administrator.api.post('/api/staff', body);
    const password = answer.body.initialPassword ?? 'no password was given';
    const signedIn = await anyone.post(SIGN_IN, { email: body['email'], password });
    expect([
      [201, 200],
      [400, 400],
    ]).toContainEqual([answer.status, signedIn.status]);
  });

  it('is for administrators only', async () => {
    for (const { api } of [clinic.practitioner, clinic.receptionist]) {
      expect((await api.post('/api/staff', newcomer())).status).toBe(403);
      expect((await api.get('/api/staff')).status).toBe(403);
    }
    expect((await anyone.post('/api/staff', newcomer())).status).toBe(401);
  });
});

describe('GET /api/staff', () => {
  it('lists everybody of the clinic by name, with their licences', async () => {
    const { administrator, practitioner, colleague, receptionist } = await makeClinic(server);
    await administrator.api.post('/api/staff', newcomer());
    const { status, body } = await administrator.api.get('/api/staff');
    expect(status).toBe(200);
    expect(Object.keys(body)).toEqual(['items']);
    expect(body.items).toMatchObject([
      { id: administrator.id, name: 'Ada Admin', role: 'administrator', profession: null, licences: [] },
      {
        id: practitioner.id,
        name: 'Ben Practitioner',
        role: 'practitioner',
        profession: 'chiropractor',
        licences: [{ profession: 'chiropractor' }],
      },
      { id: colleague.id, name: 'Carla Colleague', licences: [{ practitionerId: colleague.id, authority: 'Board' }] },
      { id: receptionist.id, name: 'Dana Reception', role: 'receptionist', licences: [] },
      { name: 'Nora New', licences: [] },
    ]);
  });
});
