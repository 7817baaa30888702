import { accept, ageAuthentication, browserOf, CHOSEN, codeOf, invite, join, renew, setUpTotp, signInWith } from '../support/accounts.js';
import { type Answer, Caller } from '../support/api.js';
import { makeMachine } from '../support/machines.js';
import { makeClinic, PASSWORD, type Person, signIn, type TestClinic } from '../support/make.js';
import { startServer, type TestServer } from '../support/server.js';
import { asSuperuser } from '../support/sql.js';

interface Event {
  readonly action: string;
  readonly outcome: string;
  readonly subject: string | null;
  readonly staffId: string | null;
  readonly address: string | null;
  readonly userAgent: string | null;
  readonly details: Record<string, unknown> | null;
}

let server: TestServer;
let clinic: TestClinic;
let anyone: Caller;
beforeAll(async () => {
  server = await startServer({ env: { TRUST_PROXY: 'loopback' } });
  anyone = new Caller(server.url);
});
beforeEach(async () => {
  clinic = await makeClinic(server);
});
afterAll(() => server.stop());

const emailOf = async ({ api }: Pick<Person, 'api'>): Promise<string> => (await api.get('/api/me')).body.email as string;

/** What a clinic's administrator sees of a person or of everybody, the oldest first. */
async function authenticationEventsOf({ administrator }: TestClinic, query: Record<string, string> = {}): Promise<Event[]> {
  const { status, body } = await administrator.api.get(`/api/audit/events?${new URLSearchParams(query).toString()}`);
  expect(status).toBe(200);
  return (body.items as Event[]).filter(({ action }) => !['insert', 'update', 'read', 'search'].includes(action)).toReversed();
}

const brief = ({ action, outcome, details }: Event) => [action, outcome, details];

/** Somebody with a password and places in two clinics, who joined in this one. */
async function makeTwoPlaces(other: TestClinic): Promise<{ email: string; here: string; there: string; cookie: Person }> {
  const invited = await invite(clinic);
  const person = await join(server, invited);
  const { id, token } = await invite(other, { email: invited.email });
  const accepted = await accept(person.api, token);
  expect(accepted.status).toBe(200);
  return { email: invited.email, here: invited.id, there: id, cookie: { id, ...browserOf(server, accepted) } };
}

describe('an authentication event', () => {
  it('says from where it came: the address that the proxy tells, and the browser, cut to 400 characters', async () => {
    const headers = { 'x-forwarded-for': '198.51.100.7', 'user-agent': 'y'.repeat(500) };
    const email = await emailOf(clinic.administrator);
    await anyone.call('POST', '/api/auth/sign-in', { email, password: 'a wrong password' }, headers);
    await clinic.receptionist.api.call('GET', '/api/staff', undefined, headers);
    for (const event of await authenticationEventsOf(clinic))
      expect(event).toMatchObject({ address: '198.51.100.7', userAgent: 'y'.repeat(400) });
    expect(await authenticationEventsOf(clinic)).toHaveLength(2);
  });

  it('is a sign-in with its methods, and how far it came', async () => {
    const email = await emailOf(clinic.administrator);
    const cookie = browserOf(server, await signInWith(anyone, email, PASSWORD));
    await cookie.api.post('/api/auth/verify', { password: 'a wrong password' });
    const { api } = browserOf(server, await cookie.api.post('/api/auth/verify', { password: PASSWORD }));
    await api.post('/api/auth/sign-out');
    await api.post('/api/auth/sign-out');
    const state = 'second_factor';
    expect((await authenticationEventsOf(clinic, { staffId: clinic.administrator.id })).map(brief)).toEqual([
      ['sign-in', 'success', { methods: ['password'], state }],
      ['verification', 'failure', { method: 'password', state }],
      ['verification', 'success', { method: 'password', state }],
      ['sign-out', 'success', null],
    ]);
  });

  it('is what becomes of an invitation and a new link', async () => {
    const invited = await invite(clinic);
    await join(server, invited);
    const link = await renew(clinic, invited.id);
    expect((await accept(anyone, link, CHOSEN)).status).toBe(200);
    const full = { methods: ['password'], state: 'full' };
    expect((await authenticationEventsOf(clinic, { staffId: invited.id })).map(brief)).toEqual([
      ['invitation.accept', 'success', null],
      ['sign-in', 'success', full],
      ['password.renew', 'success', null],
      ['sign-in', 'success', full],
    ]);
    expect((await authenticationEventsOf(clinic, { staffId: clinic.administrator.id })).map(brief)).toEqual([
      ['staff.invite', 'success', { staffId: invited.id }],
      ['staff.renew', 'success', { staffId: invited.id }],
    ]);
  });

  it('is each change of how somebody signs in', async () => {
    const app = await setUpTotp(server, clinic.administrator);
    await app.api.post('/api/me/recovery-codes');
    await app.api.put('/api/me/password', { currentPassword: 'a wrong password', newPassword: CHOSEN });
    const changed = browserOf(server, await app.api.put('/api/me/password', { currentPassword: PASSWORD, newPassword: CHOSEN }));
    expect((await changed.api.delete('/api/me/totp')).status).toBe(204);
    clinic = { ...clinic, administrator: await signIn(server, clinic.administrator.id) };
    expect((await authenticationEventsOf(clinic)).map(brief)).toEqual([
      ['totp.add', 'success', null],
      ['recovery-codes.renew', 'success', null],
      ['password.change', 'failure', null],
      ['password.change', 'success', null],
      ['totp.remove', 'success', null],
    ]);
  });

  it('is the life of an API key, and who ends single sign-on', async () => {
    const machine = await makeMachine(clinic);
    await machine.get('/api/patients');
    await machine.get('/api/patients');
    await clinic.administrator.api.delete(`/api/api-keys/${machine.id}`);
    expect((await clinic.administrator.api.delete('/api/clinic/sso')).status).toBe(204);
    expect((await authenticationEventsOf(clinic)).map((event) => [event.staffId, ...brief(event)])).toEqual([
      [clinic.administrator.id, 'key.create', 'success', { keyId: machine.id, role: 'receptionist', label: 'Billing export' }],
      [machine.id, 'key.use', 'success', null],
      [clinic.administrator.id, 'key.revoke', 'success', { keyId: machine.id }],
      [clinic.administrator.id, 'clinic.sso', 'success', { issuer: null }],
    ]);
  });

  it('is the end of a session by its owner or an administrator, each once', async () => {
    await signIn(server, clinic.receptionist.id);
    await clinic.receptionist.api.delete('/api/me/sessions');
    await clinic.receptionist.api.delete('/api/me/sessions');
    await signIn(server, clinic.receptionist.id);
    await clinic.administrator.api.delete(`/api/staff/${clinic.receptionist.id}/sessions`);
    expect((await authenticationEventsOf(clinic)).map((event) => [event.staffId, ...brief(event)])).toEqual([
      [clinic.receptionist.id, 'session.end', 'success', { by: clinic.receptionist.id }],
      [clinic.receptionist.id, 'session.end', 'success', { by: clinic.administrator.id }],
      [clinic.receptionist.id, 'session.end', 'success', { by: clinic.administrator.id }],
    ]);
  });

  it('is a denial with the permission and the reason', async () => {
    const owing = await signIn(server, clinic.administrator.id, 'password');
    await owing.api.get('/api/staff');
    await clinic.receptionist.api.get('/api/staff');
    await ageAuthentication(server, clinic.colleague, 16);
    await clinic.colleague.api.put('/api/me/password', {});
    await clinic.colleague.api.post('/api/me/totp');
    const denials = await authenticationEventsOf(clinic, { action: 'denial' });
    expect(denials.map(({ staffId, outcome, subject, details }) => [staffId, outcome, subject, details])).toEqual([
      [clinic.administrator.id, 'failure', 'listStaff', { code: 'second-factor-required', permission: 'staff.read' }],
      [clinic.receptionist.id, 'failure', 'listStaff', { code: 'forbidden', permission: 'staff.read' }],
      [clinic.colleague.id, 'failure', 'changePassword', { code: 'reauthentication-required', permission: 'account.manage' }],
      [clinic.colleague.id, 'failure', 'enrolTotp', { code: 'reauthentication-required' }],
    ]);
  });

  it('isn’t a request that nobody is signed in for', async () => {
    await anyone.get('/api/staff');
    await anyone.post('/api/auth/sign-out');
    expect(await authenticationEventsOf(clinic)).toEqual([]);
  });
});

describe('an attempt on an account that doesn’t exist', () => {
  it('belongs to no clinic, and names nobody', async () => {
    await signInWith(new Caller(server.url), 'nobody.at.all@clinic.example', PASSWORD);
    expect(await authenticationEventsOf(clinic)).toEqual([]);
    const rows = await asSuperuser(
      server,
      `SELECT clinic_id, staff_id, staff_name, outcome, address, to_jsonb(events)::text LIKE '%nobody.at.all%' AS "namesAnybody"
         FROM audit.events WHERE action = 'sign-in' AND clinic_id IS NULL`,
    );
    expect(rows).toEqual([
      {
        clinic_id: null,
        staff_id: null,
        staff_name: null,
        outcome: 'failure',
        address: expect.stringMatching(/\d|:/),
        namesAnybody: false,
      },
    ]);
  });
});

describe('what a person of two clinics does', () => {
  let other: TestClinic;
  beforeEach(async () => {
    other = await makeClinic(server);
  });
  const signInEvents = async (where: TestClinic, staffId: string) =>
    (await authenticationEventsOf(where, { staffId })).filter(({ action }) =>
      ['sign-in', 'verification', 'denial', 'sign-out'].includes(action),
    );

  it('is in both records while no clinic is chosen, and then in that clinic’s', async () => {
    const { email, here, there, cookie } = await makeTwoPlaces(other);
    await cookie.api.post('/api/auth/sign-out');
    const before = { here: (await signInEvents(clinic, here)).length, there: (await signInEvents(other, there)).length };

    await signInWith(anyone, email, 'a wrong password');
    const fresh = browserOf(server, await signInWith(anyone, email));
    const chosen = browserOf(server, await fresh.api.post('/api/auth/clinic', { clinicId: other.id }));
    await chosen.api.get('/api/staff');
    await chosen.api.post('/api/auth/sign-out');

    const both = [
      ['sign-in', 'failure', { methods: ['password'] }],
      ['sign-in', 'success', { methods: ['password'], state: 'clinic' }],
    ];
    expect((await signInEvents(clinic, here)).slice(before.here).map(brief)).toEqual(both);
    expect((await signInEvents(other, there)).slice(before.there).map(brief)).toEqual([
      ...both,
      ['denial', 'failure', { code: 'forbidden', permission: 'staff.read' }],
      ['sign-out', 'success', null],
    ]);
  });

  it('is no business of a clinic that they have left, or that has only invited them', async () => {
    const { email, here, there } = await makeTwoPlaces(other);
    const stranger = await makeClinic(server);
    const invited = await invite(stranger, { email });
    await clinic.administrator.api.post(`/api/staff/${here}/deactivation`);
    const before = { here: (await signInEvents(clinic, here)).length, there: (await signInEvents(other, there)).length };
    const answers: Answer[] = [await signInWith(anyone, email, 'a wrong password'), await signInWith(anyone, email)];
    expect(answers.map(({ status }) => status)).toEqual([401, 200]);
    expect((await signInEvents(other, there)).length - before.there).toBe(2);
    expect((await signInEvents(clinic, here)).length - before.here).toBe(0);
    expect(await signInEvents(stranger, invited.id)).toEqual([]);
  });

  it('is still the business of the only clinic that they had, when they have left it', async () => {
    const invited = await invite(clinic);
    await join(server, invited);
    await clinic.administrator.api.post(`/api/staff/${invited.id}/deactivation`);
    await signInWith(anyone, invited.email, 'a wrong password');
    expect((await signInEvents(clinic, invited.id)).at(-1)).toMatchObject({ action: 'sign-in', outcome: 'failure' });
  });
});

it('says nothing of what was typed', async () => {
  const email = await emailOf(clinic.administrator);
  const app = await setUpTotp(server, clinic.administrator);
  const code = codeOf(app.secret);
  await signInWith(anyone, email, 'a password that is secret');
  await app.api.post('/api/auth/verify', { totp: code });
  await app.api.post('/api/auth/verify', { recoveryCode: app.recoveryCodes[0] });
  const [record] = await asSuperuser(
    server,
    `SELECT string_agg(to_jsonb(events)::text, ' ') AS text FROM audit.events WHERE clinic_id = $1`,
    [clinic.id],
  );
  for (const secret of ['a password that is secret', app.secret, app.token, ...app.recoveryCodes])
    expect(record?.['text']).not.toContain(secret);
  expect(record?.['text']).toContain('recovery_code');
});
