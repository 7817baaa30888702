import { makeClinic, PASSWORD, type TestClinic } from '../support/make.js';
import { OidcBrowser } from '../support/oidc.js';
import { startServer, type TestServer } from '../support/server.js';
import { asSuperuser } from '../support/sql.js';
import { comeIn, startSso, type TestSso, useProvider } from '../support/sso.js';
import { codeOf, enrol, makeIdle, makeMember, makeStale, type Member, refused, renewCodes, visit, Visitor } from '../support/visitor.js';

const STALE = refused(403, 'reauthentication-required');
const NOT_ENOUGH = refused(403, 'sso.not-enough');
const SIGN_IN_FIRST = refused(409, 'invitation.sign-in-first');
const NEW = 'seven unrelated green umbrellas';
const anHourAgo = () => Math.floor(Date.now() / 1_000) - 3_600;

let server: TestServer;
let sso: TestSso;
let another: TestSso;
let clinic: TestClinic;
let elsewhere: TestClinic;
let gil: Member;
let visitor: Visitor;
beforeAll(async () => {
  server = await startServer();
  [sso, another] = await Promise.all([startSso(server), startSso(server)]);
  [clinic, elsewhere] = await Promise.all([makeClinic(server), makeClinic(server)]);
  await useProvider(clinic, sso.provider);
});
beforeEach(async () => {
  gil = await makeMember(server, clinic);
  visitor = new Visitor(server.url);
});
afterAll(async () => {
  await Promise.all([sso, another].map(({ provider }) => provider.stop()));
  await server.stop();
});

async function inviteTo({ administrator }: TestClinic, email: string): Promise<{ id: string; token: string }> {
  const { status, body } = await administrator.api.post('/api/staff', { name: 'Nora New', email, role: 'receptionist' });
  if (status !== 201) throw new Error(JSON.stringify(body));
  return { id: body.staffId, token: new URL(body.link).hash.slice(1) };
}

const login = async (by = visitor) => (await by.get('/api/auth/session')).body;

describe('a session that came by a clinic’s provider', () => {
  it('is for that clinic alone', async () => {
    await makeMember(server, elsewhere, { email: gil.email });
    await comeIn(visitor, clinic.id, sso.vouchFor(gil.email));
    expect(await login()).toMatchObject({ state: 'full', clinics: [{ clinicId: clinic.id }], me: { clinic: { id: clinic.id } } });
    expect((await login()).clinics).toHaveLength(1);
    expect(await visitor.post('/api/auth/clinic', { clinicId: elsewhere.id })).toMatchObject(refused(404, 'not-found'));
    expect(await login()).toMatchObject({ state: 'full', me: { clinic: { id: clinic.id } } });
    // With the password it is for both.
    const byPassword = await visit(server, gil);
    expect(await byPassword.post('/api/auth/clinic', { clinicId: elsewhere.id })).toMatchObject({ status: 200 });
  });

  it('stays for that clinic alone, with the password too', async () => {
    await makeMember(server, elsewhere, { email: gil.email });
    await comeIn(visitor, clinic.id, sso.vouchFor(gil.email));
    expect((await visitor.post('/api/auth/verify', { password: PASSWORD })).body).toMatchObject({ methods: ['provider', 'password'] });
    expect(await visitor.post('/api/auth/clinic', { clinicId: elsewhere.id })).toMatchObject(refused(404, 'not-found'));
  });

  it.each(['active', 'invited', 'deactivated'])('doesn’t change the account of somebody who is %s elsewhere', async (how) => {
    if (how === 'invited') await inviteTo(elsewhere, gil.email);
    else {
      const { id } = await makeMember(server, elsewhere, { email: gil.email });
      if (how === 'deactivated') await elsewhere.administrator.api.post(`/api/staff/${id}/deactivation`);
    }
    await comeIn(visitor, clinic.id, sso.vouchFor(gil.email));
    expect(await visitor.put('/api/me/password', { currentPassword: PASSWORD, newPassword: NEW })).toMatchObject(NOT_ENOUGH);
    expect(await visitor.post('/api/me/totp')).toMatchObject(NOT_ENOUGH);
    expect(await visitor.post('/api/me/totp/confirm', { code: '123456' })).toMatchObject(NOT_ENOUGH);
    expect(await visitor.delete('/api/me/totp')).toMatchObject(NOT_ENOUGH);
    expect(await visitor.post('/api/me/recovery-codes')).toMatchObject(NOT_ENOUGH);
    expect(await visitor.post('/api/me/passkeys/options')).toMatchObject(NOT_ENOUGH);
    expect(await visitor.post('/api/me/passkeys', { label: 'x', response: {} })).toMatchObject(NOT_ENOUGH);
    expect(await visitor.delete('/api/me/passkeys/x')).toMatchObject(NOT_ENOUGH);
    // Signed in with the password they can.
    expect((await (await visit(server, gil)).post('/api/me/totp')).status).toBe(201);
  });

  it('changes the account of somebody who works nowhere else', async () => {
    await comeIn(visitor, clinic.id, sso.vouchFor(gil.email));
    await enrol({ visitor });
    expect(await login()).toMatchObject({ state: 'full', methods: ['provider', 'totp'] });
  });

  it('isn’t come by to another clinic', async () => {
    const fay = await makeMember(server, elsewhere);
    const both = await makeMember(server, clinic);
    await makeMember(server, elsewhere, { email: both.email });
    expect(await comeIn(visitor, clinic.id, sso.vouchFor(fay.email))).toMatchObject(refused(403, 'sso.not-invited'));
    await comeIn(visitor, clinic.id, sso.vouchFor(both.email));
    expect((await visitor.get('/api/me')).body.clinic.id).toBe(clinic.id);
  });
});

describe('an invitation', () => {
  it('of somebody with an account known elsewhere isn’t accepted by the word of a provider', async () => {
    const fay = await makeMember(server, elsewhere);
    const { id, token } = await inviteTo(clinic, fay.email);
    const subject = sso.vouchFor(fay.email);
    expect(await comeIn(visitor, clinic.id, subject)).toMatchObject(SIGN_IN_FIRST);
    expect(await visitor.state()).toBe('not-signed-in');
    const [place] = await asSuperuser(server, 'SELECT isempty(active) AS invited FROM app.staff WHERE id = $1', [id]);
    expect(place).toEqual({ invited: true });
    expect((await fay.visitor.post('/api/auth/invitations/accept', { token })).status).toBe(200);
    expect((await comeIn(visitor, clinic.id, subject)).status).toBe(302);
    expect((await visitor.get('/api/me')).body.clinic.id).toBe(clinic.id);
  });

  it('of another clinic isn’t accepted in a session that came by a provider', async () => {
    await comeIn(visitor, clinic.id, sso.vouchFor(gil.email));
    const { id, token } = await inviteTo(elsewhere, gil.email);
    expect(await visitor.post('/api/auth/invitations/accept', { token })).toMatchObject(SIGN_IN_FIRST);
    const [place] = await asSuperuser(server, 'SELECT isempty(active) AS invited FROM app.staff WHERE id = $1', [id]);
    expect(place).toEqual({ invited: true });
    expect((await gil.visitor.post('/api/auth/invitations/accept', { token })).status).toBe(200);
  });

  it('of somebody who is new in two clinics is accepted in each by itself', async () => {
    const email = 'both@clinic.example';
    await inviteTo(clinic, email);
    const { token } = await inviteTo(elsewhere, email);
    await comeIn(visitor, clinic.id, sso.vouchFor(email));
    expect(await visitor.state()).toBe('full');
    expect(await visitor.post('/api/me/totp')).toMatchObject(NOT_ENOUGH);
    // The account is somebody's now, so that the link alone sets no password.
    expect(await new Visitor(server.url).post('/api/auth/invitations/accept', { token, password: NEW })).toMatchObject(SIGN_IN_FIRST);
  });
});

describe('the second factor', () => {
  it('is asked of administrators, unless their provider has asked for one', async () => {
    const ada = await makeMember(server, clinic, { role: 'administrator' });
    await comeIn(visitor, clinic.id, sso.vouchFor(ada.email, { amr: ['pwd'] }));
    expect(await login()).toMatchObject({ state: 'second_factor', methods: ['provider'] });
    expect(await visitor.get('/api/staff')).toMatchObject(refused(403, 'second-factor-required'));
    const other = new Visitor(server.url);
    await comeIn(other, clinic.id, sso.vouchFor(ada.email, { amr: ['pwd', 'mfa'] }));
    expect(await login(other)).toMatchObject({ state: 'full', methods: ['provider_mfa'] });
    expect((await other.get('/api/staff')).status).toBe(200);
  });

  it('of somebody who has set one up is asked for after the provider', async () => {
    const { secret } = await enrol(gil);
    await renewCodes(server, gil);
    await comeIn(visitor, clinic.id, sso.vouchFor(gil.email));
    expect(await login()).toMatchObject({ state: 'second_factor', factors: ['totp', 'recovery_code'] });
    expect(await visitor.post('/api/auth/verify', { password: PASSWORD })).toMatchObject({ body: { state: 'second_factor' } });
    expect(await visitor.post('/api/auth/verify', { totp: codeOf(secret) })).toMatchObject({
      body: { state: 'full', methods: ['provider', 'password', 'totp'] },
    });
  });
});

describe('a fresh authentication', () => {
  it('isn’t one at the provider of an hour ago, unless the provider asks again', async () => {
    const browser = new OidcBrowser();
    const subject = sso.vouchFor(gil.email, { auth_time: anHourAgo() });
    await comeIn(visitor, clinic.id, subject, { browser });
    expect(await login()).toMatchObject({ state: 'full', fresh: false });
    expect(await visitor.post('/api/me/totp')).toMatchObject(STALE);
    const [earlier] = (await visitor.get('/api/me/sessions')).body.items;
    // What it says of a fresh one is an hour old too.
    expect(await comeIn(visitor, clinic.id, subject, { browser, fresh: true })).toMatchObject(refused(401, 'sso.failed'));
    expect(await login()).toMatchObject({ state: 'full', fresh: false });

    const now = sso.vouchFor(gil.email);
    await comeIn(visitor, clinic.id, now, { fresh: true });
    expect(await login()).toMatchObject({ state: 'full', fresh: true, methods: ['provider'] });
    const sessions = (await visitor.get('/api/me/sessions')).body.items;
    expect(sessions).toContainEqual(expect.objectContaining({ current: true, startedAt: earlier.startedAt, expiresAt: earlier.expiresAt }));
    expect((await visitor.post('/api/me/totp')).status).toBe(201);
  });

  it('comes silently to nobody', async () => {
    const browser = new OidcBrowser();
    const subject = sso.vouchFor(gil.email, { auth_time: anHourAgo() });
    await comeIn(new Visitor(server.url), clinic.id, subject, { browser });
    await comeIn(visitor, clinic.id, subject, { browser });
    await comeIn(visitor, clinic.id, subject, { browser });
    expect(await login()).toMatchObject({ fresh: false });
    expect(await visitor.put('/api/me/password', { currentPassword: PASSWORD, newPassword: NEW })).toMatchObject(STALE);
  });

  it('keeps what else was shown in the session, and unlocks it', async () => {
    const { secret } = await enrol(gil);
    await renewCodes(server, gil);
    const subject = sso.vouchFor(gil.email);
    await comeIn(visitor, clinic.id, subject);
    await visitor.post('/api/auth/verify', { totp: codeOf(secret) });
    await makeStale(server, gil);
    await makeIdle(server, gil);
    expect(await login()).toMatchObject({ state: 'locked', fresh: false });
    await comeIn(visitor, clinic.id, subject, { fresh: true });
    expect(await login()).toMatchObject({ state: 'full', fresh: true, methods: ['provider', 'totp'] });
  });

  it('of somebody else begins a session of theirs', async () => {
    const fay = await makeMember(server, clinic);
    await comeIn(visitor, clinic.id, sso.vouchFor(gil.email));
    await comeIn(visitor, clinic.id, sso.vouchFor(fay.email), { fresh: true });
    expect(await login()).toMatchObject({ methods: ['provider'], me: { email: fay.email } });
  });

  it('of a session by password begins another one', async () => {
    await comeIn(gil.visitor, clinic.id, sso.vouchFor(gil.email), { fresh: true });
    expect(await login(gil.visitor)).toMatchObject({ state: 'full', methods: ['provider'] });
  });

  it('by one clinic’s provider says nothing about the session in another', async () => {
    await useProvider(elsewhere, another.provider);
    await makeMember(server, elsewhere, { email: gil.email });
    await comeIn(visitor, elsewhere.id, another.vouchFor(gil.email));
    await makeStale(server, gil);
    await makeIdle(server, gil);
    expect(await login()).toMatchObject({ state: 'locked', me: { clinic: { id: elsewhere.id } } });
    await comeIn(visitor, clinic.id, sso.vouchFor(gil.email, { amr: ['mfa'] }), { fresh: true });
    expect(await login()).toMatchObject({ state: 'full', methods: ['provider_mfa'], me: { clinic: { id: clinic.id } } });
  });
});
