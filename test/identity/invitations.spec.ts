import { createHash } from 'node:crypto';
import {
  accept,
  browserOf,
  CHOSEN,
  expireInvitation,
  invite,
  join,
  newcomer,
  renew,
  said,
  signInWith,
  tokenOf,
} from '../support/accounts.js';
import { Caller } from '../support/api.js';
import { makeClinic, type TestClinic } from '../support/make.js';
import { startServer, type TestServer } from '../support/server.js';
import { asApplication, asSuperuser, refusal } from '../support/sql.js';

let server: TestServer;
let clinic: TestClinic;
let clinicName: string;
let anyone: Caller;
beforeAll(async () => {
  server = await startServer();
  clinic = await makeClinic(server);
  clinicName = (await clinic.administrator.api.get('/api/me')).body.clinic.name as string;
  anyone = new Caller(server.url);
});
afterAll(() => server.stop());

const HOURS_72 = 72 * 3_600_000;

function open(token: string) {
  return anyone.post('/api/auth/invitations/open', { token });
}

async function statusOf(id: string): Promise<string> {
  const { body } = await clinic.administrator.api.get('/api/staff');
  return (body.items as { id: string; status: string }[]).find((person) => person.id === id)?.status ?? '';
}

describe('an invitation', () => {
  it('is a link of this server, good for 72 hours, shown to the administrator where no mail is sent', async () => {
    const { status, body } = await clinic.administrator.api.post('/api/staff', newcomer());
    expect(status).toBe(201);
    expect(body).toEqual({
      staffId: expect.any(String),
      expiresAt: expect.any(String),
      sentTo: null,
      link: expect.stringMatching(/^http:\/\/localhost:\d+\/invitation#[\w-]{43}$/),
      renews: false,
    });
    expect(new URL(body.link as string).origin).toBe(new URL(server.url).origin);
    expect(Math.abs(Date.parse(body.expiresAt as string) - Date.now() - HOURS_72)).toBeLessThan(60_000);
  });

  it('is shown once: afterwards the database has its hash, and nothing has the link', async () => {
    const { id, token } = await invite(clinic);
    const { body } = await clinic.administrator.api.get('/api/staff');
    expect(JSON.stringify(body)).not.toContain(token);
    const kept = await asSuperuser(server, 'SELECT to_jsonb(invitation)::text AS row, token FROM auth.invitation WHERE staff_id = $1', [
      id,
    ]);
    expect(kept).toEqual([{ row: expect.not.stringContaining(token), token: createHash('sha256').update(token).digest('hex') }]);
    const events = await asSuperuser(server, 'SELECT to_jsonb(events)::text AS row FROM audit.events');
    expect(JSON.stringify(events)).not.toContain(token);
    // What lies in a stolen copy of the database opens nothing.
    expect(said(await open(kept[0]?.['token'] ?? ''))).toEqual([410, 'invitation.closed']);
  });

  it('says who is invited, in which role and by which clinic', async () => {
    const { email, token } = await invite(clinic);
    const { status, body } = await open(token);
    expect(status).toBe(200);
    expect(body).toEqual({
      name: 'Nora Newcomer',
      email,
      role: 'practitioner',
      clinicName,
      expiresAt: expect.any(String),
      hasAccount: false,
      renews: false,
    });
  });

  it('begins a place in the clinic with a password that only the invited person knows', async () => {
    const { id, email, token } = await invite(clinic);
    expect(await statusOf(id)).toBe('invited');
    const answer = await accept(anyone, token, CHOSEN);
    expect([answer.status, answer.body]).toEqual([200, expect.objectContaining({ state: 'full', fresh: true, methods: ['password'] })]);
    const { api } = browserOf(server, answer);
    expect((await api.get('/api/me')).body).toMatchObject({ id, email, role: 'practitioner', clinic: { id: clinic.id } });
    expect(await statusOf(id)).toBe('active');
    expect((await signInWith(anyone, email)).status).toBe(200);
    const accounts = await asSuperuser(
      server,
      `SELECT password FROM auth.account JOIN app.staff ON staff.user_id = account."userId" WHERE staff.id = $1`,
      [id],
    );
    expect(accounts).toEqual([{ password: expect.stringMatching(/^\$argon2id\$/) }]);
  });

  it('never shows the administrator a password, but who accepted and when', async () => {
    const { id, token } = await invite(clinic);
    await join(server, { id, token });
    const { body: staff } = await clinic.administrator.api.get('/api/staff');
    const { body: events } = await clinic.administrator.api.get(`/api/audit/events?staffId=${id}`);
    expect(JSON.stringify([staff, events])).not.toMatch(/seven quiet|argon2|"password":/);
    expect((events.items as { action: string }[]).map(({ action }) => action)).toContain('invitation.accept');
  });

  it('lets nobody in before it is accepted', async () => {
    const { email } = await invite(clinic);
    for (const password of ['', CHOSEN]) expect(said(await signInWith(anyone, email, password))).toEqual([401, 'sign-in.refused']);
  });

  it('doesn’t begin by an administrator’s raw SQL, neither now nor some day', async () => {
    const { id } = await invite(clinic);
    const gone = await invite(clinic);
    await join(server, gone);
    await clinic.administrator.api.post(`/api/staff/${gone.id}/deactivation`);
    for (const invited of [id, gone.id]) {
      for (const active of [
        'tstzrange(now(), NULL)',
        'tstzrange(NULL, NULL)',
        `tstzrange(now() - interval '1 hour', now() + interval '1 hour')`,
        `tstzrange(now() + interval '1 second', NULL)`,
        `tstzrange(now() + interval '1 second', now() + interval '1 day')`,
      ]) {
        const begun = asApplication(server, clinic.administrator.token, (client) =>
          client.query(`UPDATE app.staff SET active = ${active} WHERE id = $1`, [invited]),
        );
        expect([active, await refusal(begun)]).toEqual([active, 'staff_begins_by_invitation']);
      }
    }
  });

  it('doesn’t begin by a statement that ends its author’s session on the way', async () => {
    const own = await makeClinic(server);
    const { id } = await invite(own);
    const second = await invite(own, { role: 'administrator', profession: undefined });
    await join(server, second);
    const active = `CASE id WHEN '${own.administrator.id}' THEN active * tstzrange(NULL, clock_timestamp()) ELSE tstzrange(now(), NULL) END`;
    for (const sql of [
      `UPDATE app.staff SET active = ${active} WHERE id IN ('${own.administrator.id}', '${id}')`,
      `UPDATE app.staff SET active = tstzrange(now(), NULL),
                            name = name || CASE id WHEN '${id}' THEN set_config('app.token', '', true) ELSE '' END
        WHERE id IN ('${own.administrator.id}', '${id}')`,
    ]) {
      const begun = asApplication(server, own.administrator.token, (client) => client.query(sql));
      expect(['42501', 'staff_begins_by_invitation']).toContain(await refusal(begun));
    }
  });
});

describe('accepting', () => {
  it.each([
    ['fourteen chars', 'password.too-short'],
    ['x'.repeat(14), 'password.too-short'],
    ['𝄞'.repeat(14), 'password.too-short'],
    ['lighthouses '.repeat(11), 'password.too-long'],
    ['newcomer in the office', 'password.contains-name'],
    ['NORA in the office 1984', 'password.contains-name'],
    ['assent to everything', 'password.contains-name'],
  ])('refuses the password %j as %s, which doesn’t cost the link', async (password, code) => {
    const { token } = await invite(clinic);
    expect(said(await accept(anyone, token, password))).toEqual([422, code]);
    expect((await open(token)).status).toBe(200);
  });

  it('refuses a password with the clinic’s name in it', async () => {
    const own = await makeClinic(server);
    await own.administrator.api.patch('/api/clinic/policy', { name: 'Klinik Ærøskøbing' });
    const { token } = await invite(own);
    expect(said(await accept(anyone, token, 'my aeroskobing by day'))).toEqual([422, 'password.contains-name']);
    expect((await accept(anyone, token, 'seven quiet lighthouses')).status).toBe(200);
  });

  it('refuses a password that many people use', async () => {
    const { token } = await invite(clinic);
    expect(said(await accept(anyone, token, 'thisisapassword'))).toEqual([422, 'password.common']);
  });

  it('counts fifteen characters, not bytes', async () => {
    const { token } = await invite(clinic);
    expect((await accept(anyone, token, 'ж水 ключ 鳥 мост ü')).status).toBe(200);
  });

  it.each([
    [{}, ['token']],
    [{ token: '' }, ['token']],
    [{ token: 'short' }, ['token']],
    [{ token: 'x'.repeat(129) }, ['token']],
    [{ token: ['x'.repeat(43)] }, ['token']],
    [{ token: 'x'.repeat(43), password: 7 }, ['password']],
    [{ token: 'x'.repeat(43), email: 'eve@clinic.example' }, ['email']],
    [{ token: 'x'.repeat(43), role: 'administrator' }, ['role']],
  ])('refuses %j', async (body, fields) => {
    const { status, body: problem } = await anyone.post('/api/auth/invitations/accept', body);
    expect([status, (problem.errors as { field: string }[]).map(({ field }) => field)]).toEqual([400, fields]);
  });

  it('asks for a password where one is set', async () => {
    const { token } = await invite(clinic);
    const { status, body } = await accept(anyone, token);
    expect([status, body.errors]).toEqual([400, [{ field: 'password', message: 'must be given' }]]);
  });

  it('works once', async () => {
    const { email, token } = await invite(clinic);
    expect((await accept(anyone, token, CHOSEN)).status).toBe(200);
    expect(said(await accept(anyone, token, 'another quiet lighthouse'))).toEqual([410, 'invitation.closed']);
    expect(said(await open(token))).toEqual([410, 'invitation.closed']);
    expect((await signInWith(anyone, email)).status).toBe(200);
  });

  it('works once when six accept at the same time, each with a password of their own', async () => {
    const { email, token } = await invite(clinic);
    const passwords = Array.from({ length: 6 }, (_, index) => `${CHOSEN} ${index}`);
    const answers = await Promise.all(passwords.map((password) => accept(anyone, token, password)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 410, 410, 410, 410, 410]);
    const winner = answers.findIndex(({ status }) => status === 200);
    const signIns = await Promise.all(passwords.map((password) => signInWith(anyone, email, password)));
    expect(signIns.map(({ status }) => status)).toEqual(passwords.map((_, index) => (index === winner ? 200 : 401)));
  });

  it('works until 72 hours are over', async () => {
    const { id, token } = await invite(clinic);
    await expireInvitation(server, id);
    expect(said(await open(token))).toEqual([410, 'invitation.closed']);
    expect(said(await accept(anyone, token, CHOSEN))).toEqual([410, 'invitation.closed']);
    expect(await statusOf(id)).toBe('invited');
  });

  it('works with the newest link only', async () => {
    const { id, token } = await invite(clinic);
    const newer = await renew(clinic, id);
    expect(newer).not.toBe(token);
    expect(said(await accept(anyone, token, CHOSEN))).toEqual([410, 'invitation.closed']);
    expect((await accept(anyone, newer, CHOSEN)).status).toBe(200);
  });

  it('works with a new link after the old one has expired', async () => {
    const { id } = await invite(clinic);
    await expireInvitation(server, id);
    expect((await accept(anyone, await renew(clinic, id), CHOSEN)).status).toBe(200);
  });

  it('doesn’t work for somebody who was deactivated meanwhile, until they are invited again', async () => {
    const { id, token } = await invite(clinic);
    const { status, body } = await clinic.administrator.api.post(`/api/staff/${id}/deactivation`);
    expect([status, body.status]).toEqual([200, 'inactive']);
    expect(said(await open(token))).toEqual([410, 'invitation.closed']);
    expect(said(await accept(anyone, token, CHOSEN))).toEqual([410, 'invitation.closed']);
    const again = await renew(clinic, id);
    expect(await statusOf(id)).toBe('invited');
    await join(server, { id, token: again });
    expect(await statusOf(id)).toBe('active');
  });

  it('ends the session that this browser had', async () => {
    const before = await join(server, await invite(clinic));
    const { token } = await invite(clinic);
    expect((await accept(before.api, token, CHOSEN)).status).toBe(200);
    expect((await before.api.get('/api/me')).status).toBe(401);
  });
});

describe('inviting again', () => {
  it('is refused for an address that is in the clinic, in any case, and adds nobody', async () => {
    const own = await makeClinic(server);
    const { email } = await invite(own);
    for (const taken of [email, email.toUpperCase()]) {
      expect(said(await own.administrator.api.post('/api/staff', newcomer({ email: taken })))).toEqual([409, 'staff.already-here']);
    }
    expect((await own.administrator.api.get('/api/staff')).body.items).toHaveLength(5);
  });

  it('invites once when four do so at once', async () => {
    const person = newcomer();
    const answers = await Promise.all(Array.from({ length: 4 }, () => clinic.administrator.api.post('/api/staff', person)));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409]);
    const link = answers.find(({ status }) => status === 201)?.body.link as string;
    expect((await accept(anyone, tokenOf(link), CHOSEN)).status).toBe(200);
  });

  it('leaves one link good when four renew at once', async () => {
    const { id } = await invite(clinic);
    const tokens = await Promise.all(Array.from({ length: 4 }, () => renew(clinic, id)));
    const opened = await Promise.all(tokens.map(open));
    expect(opened.map(({ status }) => status).sort()).toEqual([200, 410, 410, 410]);
  });
});
