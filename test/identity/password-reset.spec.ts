import { Secret, TOTP } from 'otpauth';
import { Caller } from '../support/api.js';
import { withClient } from '../support/database.js';
import { makeClinic, PASSWORD, signIn, type TestClinic } from '../support/make.js';
import { startServer, type TestServer, withServer } from '../support/server.js';
import { startSmtp } from '../support/smtp.js';

const NEW = 'seven quiet lighthouses';

let smtp: Awaited<ReturnType<typeof startSmtp>>;
let server: TestServer;
let clinic: TestClinic;
let anyone: Caller;
beforeAll(async () => {
  smtp = await startSmtp();
  server = await startServer({ env: { SMTP_URL: `smtp://127.0.0.1:${smtp.port}`, MAIL_FROM: 'Assent <assent@clinic.example>' } });
  anyone = new Caller(server.url);
});
afterAll(async () => {
  await server.stop();
  await smtp.stop();
});
beforeEach(async () => {
  clinic = await makeClinic(server);
});

const addressOf = async (id: string): Promise<string> =>
  withClient(server.database.owner, async (client) => {
    const { rows } = await client.query<{ email: string }>('SELECT email FROM app.staff WHERE id = $1', [id]);
    return rows[0]?.email ?? '';
  });

const forget = (email: string) => anyone.post('/api/auth/password/forgotten', { email });

/** The token of the link that was mailed. The mail is sent after the answer, so this waits for it. */
async function mailedToken(email: string): Promise<string> {
  const message = await smtp.next(email);
  return /#([\w-]+)/.exec(message.text)?.[1] ?? '';
}

describe('a forgotten password', () => {
  it('is replaced by a link in a mail, which ends all sessions and works once', async () => {
    const email = await addressOf(clinic.administrator.id);
    expect((await forget(email.toUpperCase())).status).toBe(202);
    const token = await mailedToken(email);
    expect((await anyone.post('/api/auth/password/reset', { token, password: NEW })).status).toBe(204);

    expect((await clinic.administrator.api.get('/api/me')).status).toBe(401);
    expect((await anyone.post('/api/auth/sign-in', { email, password: PASSWORD })).status).toBe(401);
    expect((await anyone.post('/api/auth/sign-in', { email, password: NEW })).status).toBe(200);
    const again = await anyone.post('/api/auth/password/reset', { token, password: 'another quiet lighthouse' });
    expect([again.status, again.body.code]).toEqual([410, 'password-reset.closed']);
  });

  it('leaves the second factor as it is, which must be shown as ever', async () => {
    const email = await addressOf(clinic.administrator.id);
    const { body } = await clinic.administrator.api.post('/api/me/totp');
    const code = new TOTP({ secret: Secret.fromBase32(body.secret as string) }).generate();
    expect((await clinic.administrator.api.post('/api/me/totp/confirm', { code })).status).toBe(200);
    await forget(email);
    // With a second factor, eight characters will do.
    const password = 'kxq7 wvz';
    expect((await anyone.post('/api/auth/password/reset', { token: await mailedToken(email), password })).status).toBe(204);
    expect((await anyone.post('/api/auth/sign-in', { email, password })).body).toMatchObject({
      state: 'second_factor',
      factors: ['totp', 'recovery_code'],
    });
  });

  it('isn’t replaced by a bad one, which doesn’t cost the link', async () => {
    const email = await addressOf(clinic.administrator.id);
    await forget(email);
    const token = await mailedToken(email);
    for (const [password, code] of [
      ['kxq7 wvz', 'password.too-short'],
      ['ada administers it', 'password.contains-name'],
    ] as const) {
      const refused = await anyone.post('/api/auth/password/reset', { token, password });
      expect([refused.status, refused.body.code]).toEqual([422, code]);
    }
    expect((await anyone.post('/api/auth/password/reset', { token, password: NEW })).status).toBe(204);
  });

  it('is replaced by one of two requests at once', async () => {
    const email = await addressOf(clinic.administrator.id);
    await forget(email);
    const token = await mailedToken(email);
    const answers = await Promise.all(
      [NEW, `${NEW} again`].map((password) => anyone.post('/api/auth/password/reset', { token, password })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 410]);
  });

  it('is told to nobody: unknown addresses and those without a password get the same answer, and no mail', async () => {
    const invited = await addressOf(clinic.receptionist.id);
    const known = await forget(await addressOf(clinic.administrator.id));
    for (const email of ['nobody@clinic.example', invited, 'no address']) {
      const answer = await forget(email);
      expect([answer.status, answer.body]).toEqual([known.status, known.body]);
    }
    // Two more mails later, none went to them.
    const email = await addressOf(clinic.administrator.id);
    await mailedToken(email);
    await forget(email);
    await mailedToken(email);
    expect(smtp.received.flatMap(({ recipients }) => recipients)).not.toContain(invited);
  });

  it('fills nobody’s mailbox', async () => {
    const statuses = [];
    for (let count = 1; count <= 6; count += 1) statuses.push((await forget('eve@flooded.example')).status);
    expect(statuses).toEqual([202, 202, 202, 202, 202, 429]);
  });

  it('is no secret that another purpose’s token opens', async () => {
    const { body } = await (
      await signIn(server, clinic.administrator.id)
    ).api.post('/api/staff', {
      name: 'Eve Newman',
      email: 'eve@clinic.example',
      role: 'receptionist',
    });
    expect(body.sentTo).toBe('eve@clinic.example');
    const token = await mailedToken('eve@clinic.example');
    expect((await anyone.post('/api/auth/password/reset', { token, password: NEW })).status).toBe(410);
  });

  it('needs a mail server', () =>
    withServer({}, async ({ url }) => {
      const answer = await new Caller(url).post('/api/auth/password/forgotten', { email: 'ada@clinic.example' });
      expect([answer.status, answer.body.code]).toEqual([409, 'mail.not-set-up']);
    }));
});
