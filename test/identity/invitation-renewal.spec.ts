import {
  accept,
  browserOf,
  CHOSEN,
  codeOf,
  forgetPeriods,
  invite,
  join,
  newcomer,
  renew,
  said,
  setUpTotp,
  signInWith,
  tokenOf,
} from '../support/accounts.js';
import { Caller } from '../support/api.js';
import { makeClinic, type TestClinic } from '../support/make.js';
import { startServer, type TestServer, withServerProcess } from '../support/server.js';
import { startSmtp, type TestSmtp } from '../support/smtp.js';
import { asApplication, asSuperuser, refusal } from '../support/sql.js';

const NEW = 'three green waterwheels';

let server: TestServer;
let clinic: TestClinic;
let anyone: Caller;
beforeAll(async () => {
  server = await startServer();
  clinic = await makeClinic(server);
  anyone = new Caller(server.url);
});
afterAll(() => server.stop());

function open(token: string) {
  return anyone.post('/api/auth/invitations/open', { token });
}

describe('a new link for somebody who can’t sign in any more', () => {
  it('says that it renews', async () => {
    const joined = await join(server, await invite(clinic));
    const { status, body } = await clinic.administrator.api.post(`/api/staff/${joined.id}/invitation`);
    expect([status, body]).toEqual([201, expect.objectContaining({ staffId: joined.id, sentTo: null, renews: true })]);
    expect((await open(tokenOf(body.link as string))).body).toMatchObject({ renews: true, hasAccount: true });
  });

  it('changes nothing until it is used', async () => {
    const { id, email, token } = await invite(clinic);
    const joined = await join(server, { id, token });
    await renew(clinic, id);
    expect((await joined.api.get('/api/me')).status).toBe(200);
    expect((await signInWith(anyone, email)).status).toBe(200);
  });

  it('sets a new password and ends every session', async () => {
    const { id, email, token } = await invite(clinic);
    const joined = await join(server, { id, token });
    const elsewhere = browserOf(server, await signInWith(anyone, email));
    const answer = await accept(anyone, await renew(clinic, id), NEW);
    expect([answer.status, answer.body.state]).toEqual([200, 'full']);
    for (const { api } of [joined, elsewhere]) expect((await api.get('/api/me')).status).toBe(401);
    expect((await signInWith(anyone, email)).status).toBe(401);
    expect((await signInWith(anyone, email, NEW)).status).toBe(200);
  });

  it('holds the new password to the same rules', async () => {
    const { id, token } = await invite(clinic);
    await join(server, { id, token });
    const link = await renew(clinic, id);
    expect(said(await accept(anyone, link, 'nora newcomer again'))).toEqual([422, 'password.contains-name']);
    expect((await accept(anyone, link)).status).toBe(400);
    expect((await accept(anyone, link, NEW)).status).toBe(200);
    expect(said(await accept(anyone, link, CHOSEN))).toEqual([410, 'invitation.closed']);
  });

  it('forgets the authenticator app, the recovery codes and the passkeys', async () => {
    const { id, email, token } = await invite(clinic);
    const { secret, recoveryCodes } = await setUpTotp(server, await join(server, { id, token }));
    await asSuperuser(
      server,
      `INSERT INTO auth.passkey (id, user_id, label, public_key, counter, transports, backed_up)
       SELECT 'key of ' || id, user_id, 'Tablet', 'x', 0, '{}', false FROM app.staff WHERE id = $1`,
      [id],
    );
    expect((await accept(anyone, await renew(clinic, id), NEW)).body).toMatchObject({ state: 'full', factors: [] });
    const signedIn = await signInWith(anyone, email, NEW);
    expect(signedIn.body).toMatchObject({ state: 'full', factors: [] });
    const { api } = browserOf(server, signedIn);
    await forgetPeriods(server);
    expect((await api.post('/api/auth/verify', { totp: codeOf(secret) })).status).toBe(401);
    expect((await api.post('/api/auth/verify', { recoveryCode: recoveryCodes[0] })).status).toBe(401);
    const left = await asSuperuser(
      server,
      `SELECT FROM app.staff WHERE id = $1 AND (EXISTS (SELECT FROM auth.totp WHERE totp.user_id = staff.user_id)
          OR EXISTS (SELECT FROM auth.recovery_code WHERE recovery_code.user_id = staff.user_id)
          OR EXISTS (SELECT FROM auth.passkey WHERE passkey.user_id = staff.user_id))`,
      [id],
    );
    expect(left).toEqual([]);
  });

  it('lets an administrator set up a new second factor before anything else', async () => {
    const invited = await invite(clinic, { role: 'administrator', profession: undefined });
    await setUpTotp(server, await join(server, invited));
    const answer = await accept(anyone, await renew(clinic, invited.id), NEW);
    expect(answer.body).toMatchObject({ state: 'second_factor', factors: [] });
    const complete = await setUpTotp(server, { id: invited.id, ...browserOf(server, answer) });
    expect((await complete.api.get('/api/staff')).status).toBe(200);
  });

  it('is used once by four at once', async () => {
    const { id, token } = await invite(clinic);
    await join(server, { id, token });
    const link = await renew(clinic, id);
    const answers = await Promise.all(Array.from({ length: 4 }, (_, index) => accept(anyone, link, `${NEW} ${index}`)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 410, 410, 410]);
  });

  it('is worthless once the person is deactivated', async () => {
    const { id, email, token } = await invite(clinic);
    await join(server, { id, token });
    const link = await renew(clinic, id);
    await clinic.administrator.api.post(`/api/staff/${id}/deactivation`);
    expect(said(await accept(anyone, link, NEW))).toEqual([410, 'invitation.closed']);
    expect((await signInWith(anyone, email, NEW)).status).toBe(401);
  });

  it('brings somebody back who was deactivated, with a new password', async () => {
    const { id, email, token } = await invite(clinic);
    await join(server, { id, token });
    await clinic.administrator.api.post(`/api/staff/${id}/deactivation`);
    const { body } = await clinic.administrator.api.post(`/api/staff/${id}/invitation`);
    expect(body.renews).toBe(true);
    const answer = await accept(anyone, tokenOf(body.link as string), NEW);
    expect(answer.body).toMatchObject({ state: 'full', me: { id } });
    expect((await signInWith(anyone, email)).status).toBe(401);
  });

  it('isn’t there for an API key, nor for anybody unknown', async () => {
    const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
    const { body } = await clinic.administrator.api.post('/api/api-keys', { label: 'Export', role: 'receptionist', expiresAt });
    for (const id of [body.id, '0198c0de-0000-7000-8000-000000000000']) {
      expect(said(await clinic.administrator.api.post(`/api/staff/${id}/invitation`))).toEqual([404, 'not-found']);
    }
  });
});

describe('with a mail server', () => {
  let smtp: TestSmtp;
  let mailing: TestServer;
  let home: TestClinic;
  beforeAll(async () => {
    smtp = await startSmtp();
    mailing = await startServer({ env: { SMTP_URL: smtp.url, MAIL_FROM: 'Assent <assent@clinic.example>' } });
    home = await makeClinic(mailing);
  });
  afterAll(async () => {
    await mailing.stop();
    await smtp.stop();
  });

  const visitor = () => new Caller(mailing.url);

  /** Invites somebody by mail. */
  async function inviteByMail(by: TestClinic, values: Record<string, unknown> = {}) {
    const person = newcomer(values);
    const { status, body } = await by.administrator.api.post('/api/staff', person);
    expect(status).toBe(201);
    const message = await smtp.next(person.email);
    return { id: body.staffId as string, email: person.email, token: tokenOf(message.text), body: body as object, message };
  }

  it('the link goes to the invited person and is shown to nobody', async () => {
    const { body, email, token, message } = await inviteByMail(home);
    expect(body).toMatchObject({ sentTo: email, link: null, renews: false });
    expect(JSON.stringify(body)).not.toContain(token);
    expect(message.recipients).toEqual([email]);
    expect(message.text).toContain(`${new URL(mailing.url).origin}/invitation#${token}`);
    expect(message.text).toContain('Hello Nora Newcomer');
    expect((await accept(visitor(), token, CHOSEN)).status).toBe(200);
  });

  it('a new link for somebody who works in two clinics isn’t made, by mail neither: they set a forgotten password themselves', async () => {
    const other = await makeClinic(mailing);
    const here = await inviteByMail(home);
    const joined = await join(mailing, here);
    const there = await inviteByMail(other, { email: here.email });
    expect((await accept(joined.api, there.token)).status).toBe(200);
    expect(said(await other.administrator.api.post(`/api/staff/${there.id}/invitation`))).toEqual([409, 'invitation.by-mail']);
    // Whoever runs SQL as the application knows the token of a link that it makes, and could say that it was mailed.
    const made = asApplication(mailing, other.administrator.token, (client) =>
      client.query('SELECT app.renew_invitation($1, $2, true)', [there.id, '0'.repeat(64)]),
    );
    expect(await refusal(made)).toBe('password_set_by_the_person');
    expect((await visitor().post('/api/auth/password/forgotten', { email: here.email })).status).toBe(202);
    expect((await smtp.next(here.email)).text).toContain('/password#');
  });

  it('the invitation stays when the message isn’t taken, and a new link can be sent', async () => {
    // A port that nothing listens on: the mail server is gone.
    const gone = await startSmtp();
    await gone.stop();
    await withServerProcess({ env: { SMTP_URL: gone.url, MAIL_FROM: 'assent@clinic.example' } }, async (own) => {
      const { administrator, receptionist } = await makeClinic(own);
      const invited = await administrator.api.post('/api/staff', newcomer());
      expect(said(invited)).toEqual([503, 'mail-not-sent']);
      expect(JSON.stringify(invited.body)).not.toMatch(/invitation#/);
      expect(said(await administrator.api.post(`/api/staff/${receptionist.id}/invitation`))).toEqual([503, 'mail-not-sent']);
      const events = await asSuperuser(own, `SELECT action FROM audit.events WHERE action LIKE 'staff.%' ORDER BY id`);
      expect(events).toEqual([{ action: 'staff.invite' }, { action: 'staff.renew' }]);
      const { body: staff } = await administrator.api.get('/api/staff');
      const waiting = (staff.items as { id: string; status: string }[]).find(({ status }) => status === 'invited');
      expect(said(await administrator.api.post(`/api/staff/${waiting?.id}/invitation`))).toEqual([503, 'mail-not-sent']);
      expect(own.errors()).not.toMatch(/invitation#/);
    });
  });
});
