import type { Browser, Page } from 'playwright-core';
import { CHOSEN } from '../support/accounts.js';
import type { Answer } from '../support/api.js';
import { addAuthenticator, type Authenticator } from '../support/authenticator.js';
import { launchBrowser, type Visit, visit as openPage } from '../support/browser.js';
import { withClient } from '../support/database.js';
import { makeClinic, PASSWORD, type TestClinic } from '../support/make.js';
import { create, register, use, WAYS } from '../support/passkeys.js';
import { startServerProcess, type TestServer } from '../support/server.js';
import { startSmtp } from '../support/smtp.js';
import { comeIn, startSso, type TestSso, useProvider } from '../support/sso.js';
import { codeOf, enrol, makeMember, type Member, renewCodes, Visitor } from '../support/visitor.js';

// Whatever an act of identity writes is one transaction with its event. Each act is broken at each table that it writes, by an error and by
// the end of its connection; nothing of it may be left, and the same act must succeed afterwards: nothing was used up.

let smtp: Awaited<ReturnType<typeof startSmtp>>;
let server: TestServer;
let sso: TestSso;
let browser: Browser;
let opened: Visit;
let page: Page;
let authenticator: Authenticator;
let clinic: TestClinic;
beforeAll(async () => {
  smtp = await startSmtp();
  server = await startServerProcess({ env: { SMTP_URL: smtp.url, MAIL_FROM: 'Assent <assent@clinic.example>' } });
  sso = await startSso(server);
  clinic = await makeClinic(server);
  await useProvider(clinic, sso.provider);
  browser = await launchBrowser();
  opened = await openPage(browser, `${server.url}/health/live`);
  ({ page } = opened);
}, 60_000);
beforeEach(async () => {
  authenticator = await addAuthenticator(page);
});
afterEach(() => authenticator.remove());
afterAll(async () => {
  await opened.close();
  await browser.close();
  await sso.provider.stop();
  await server.stop();
  await smtp.stop();
});

type Act = () => Promise<Answer>;

interface Case {
  readonly name: string;
  /** The tables that it writes. */
  readonly writes: readonly string[];
  /** Everything before it, for somebody new. */
  readonly prepare: (member: Member) => Promise<Act>;
}

const VERIFY = '/api/auth/verify';
const credentials = ({ email }: Member) => ({ email, password: PASSWORD });
const PERSON = ['auth.session', 'audit.events'];

const CASES: readonly Case[] = [
  {
    name: 'a sign-in by password',
    writes: PERSON,
    prepare: async (member) => () => member.visitor.post('/api/auth/sign-in', credentials(member)),
  },
  {
    name: 'a sign-in by passkey',
    writes: [...PERSON, 'auth.passkey'],
    prepare: async ({ visitor }) => {
      await register(visitor, page);
      const fresh = new Visitor(server.url);
      return async () => fresh.post(WAYS.signIn, { response: await use('signIn', fresh, page) });
    },
  },
  {
    name: 'a sign-in by single sign-on',
    writes: PERSON,
    prepare: async ({ email }) => {
      const subject = sso.vouchFor(email);
      // The first one binds the account, which is an act of its own.
      await comeIn(new Visitor(server.url), clinic.id, subject);
      const fresh = new Visitor(server.url);
      return () => comeIn(fresh, clinic.id, subject);
    },
  },
  {
    name: 'the first sign-in by single sign-on, which accepts an invitation',
    writes: ['auth.account', 'auth.invitation', 'app.staff'],
    prepare: async () => {
      const { status, body } = await clinic.administrator.api.post('/api/staff', {
        name: 'Nora New',
        email: `nora${(count += 1)}@clinic.example`,
        role: 'receptionist',
      });
      if (status !== 201) throw new Error(JSON.stringify(body));
      const fresh = new Visitor(server.url);
      const subject = sso.vouchFor(`nora${count}@clinic.example`);
      return () => comeIn(fresh, clinic.id, subject);
    },
  },
  {
    name: 'a sign-out',
    writes: PERSON,
    prepare: async ({ visitor }) => {
      const token = visitor.cookies.get('assent');
      return () => new Visitor(server.url, token).post('/api/auth/sign-out');
    },
  },
  {
    name: 'a lock',
    writes: PERSON,
    prepare:
      async ({ visitor }) =>
      () =>
        visitor.post('/api/auth/lock'),
  },
  {
    name: 'a proof by password',
    writes: PERSON,
    prepare:
      async ({ visitor }) =>
      () =>
        visitor.post(VERIFY, { password: PASSWORD }),
  },
  {
    name: 'a proof by code',
    writes: [...PERSON, 'auth.totp'],
    prepare: async (member) => {
      const { secret } = await enrol(member);
      await renewCodes(server, member);
      const totp = codeOf(secret);
      return () => member.visitor.post(VERIFY, { totp });
    },
  },
  {
    name: 'a proof by recovery code',
    writes: [...PERSON, 'auth.recovery_code'],
    prepare: async (member) => {
      const { recoveryCodes } = await enrol(member);
      return () => member.visitor.post(VERIFY, { recoveryCode: recoveryCodes[0] });
    },
  },
  {
    name: 'a proof by passkey',
    writes: [...PERSON, 'auth.passkey'],
    prepare: async ({ visitor }) => {
      await register(visitor, page);
      return async () => visitor.post(WAYS.verify, { response: await use('verify', visitor, page) });
    },
  },
  {
    name: 'a change of the password',
    writes: [...PERSON, 'auth.account'],
    prepare:
      async ({ visitor }) =>
      () =>
        visitor.call('PUT', '/api/me/password', { currentPassword: PASSWORD, newPassword: CHOSEN }),
  },
  {
    name: 'a forgotten password, replaced by a link',
    writes: [...PERSON, 'auth.account', 'auth.verification'],
    prepare: async ({ email }) => {
      const anyone = new Visitor(server.url);
      await anyone.post('/api/auth/password/forgotten', { email });
      const token = /#([\w-]+)/.exec((await smtp.next(email)).text)?.[1];
      return () => anyone.post('/api/auth/password/reset', { token, password: CHOSEN });
    },
  },
  {
    name: 'a new authenticator app',
    writes: [...PERSON, 'auth.totp', 'auth.recovery_code'],
    prepare: async ({ visitor }) => {
      const { secret } = (await visitor.post('/api/me/totp')).body;
      const code = codeOf(secret);
      return () => visitor.post('/api/me/totp/confirm', { code });
    },
  },
  {
    name: 'the removal of the authenticator app',
    writes: [...PERSON, 'auth.totp', 'auth.recovery_code'],
    prepare: async (member) => {
      await enrol(member);
      return () => member.visitor.delete('/api/me/totp');
    },
  },
  {
    name: 'new recovery codes',
    writes: ['auth.recovery_code', 'audit.events'],
    prepare: async (member) => {
      await enrol(member);
      return () => member.visitor.post('/api/me/recovery-codes');
    },
  },
  {
    name: 'a new passkey',
    writes: [...PERSON, 'auth.passkey'],
    prepare: async ({ visitor }) => {
      return async () => visitor.post(WAYS.register, { label: 'Tablet', response: await create(visitor, page) });
    },
  },
  {
    name: 'the removal of a passkey',
    writes: [...PERSON, 'auth.passkey'],
    prepare: async ({ visitor }) => {
      const { id } = await register(visitor, page);
      return () => visitor.delete(`/api/me/passkeys/${id}`);
    },
  },
  {
    name: 'an invitation, accepted with a new password',
    writes: ['auth.invitation', 'auth.account', 'app.staff'],
    prepare: async () => {
      const email = `nora${(count += 1)}@people.example`;
      const { status } = await clinic.administrator.api.post('/api/staff', { name: 'Nora New', email, role: 'receptionist' });
      expect(status).toBe(201);
      const token = /#([\w-]+)/.exec((await smtp.next(email)).text)?.[1];
      return () => new Visitor(server.url).post('/api/auth/invitations/accept', { token, password: CHOSEN });
    },
  },
];
let count = 0;

const FAULTS = {
  'an error': `RAISE 'broken by the test'`,
  'the end of the connection': 'PERFORM pg_terminate_backend(pg_backend_pid())',
};

/** Breaks whatever the role that signs people in writes to a table. */
async function broken<T>(table: string, fault: string, use: () => Promise<T>): Promise<T> {
  return withClient(server.database.superuser, async (client) => {
    await client.query(
      `CREATE OR REPLACE FUNCTION public.break() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
       BEGIN
         IF session_user = 'assent_identity' THEN
           ${fault};
         END IF;
         RETURN NULL;
       END $$;
       CREATE TRIGGER zz_break AFTER INSERT OR UPDATE OR DELETE ON ${table} FOR EACH ROW EXECUTE FUNCTION public.break()`,
    );
    try {
      return await use();
    } finally {
      await client.query(`DROP TRIGGER zz_break ON ${table}`);
    }
  });
}

/** All that the role that signs people in keeps, and what was recorded as done. Challenges count once, whatever becomes of what they are for. */
async function everything(): Promise<unknown> {
  return withClient(server.database.superuser, async (client) => {
    const { rows } = await client.query<Record<string, unknown>>(
      `SELECT (SELECT jsonb_agg(to_jsonb(s) - 'last_seen_at' ORDER BY s.id) FROM auth.session s)              AS sessions,
              (SELECT jsonb_agg(a ORDER BY a.id)                           FROM auth.account a)               AS accounts,
              (SELECT jsonb_agg(t ORDER BY t.user_id)                      FROM auth.totp t)                  AS apps,
              (SELECT jsonb_agg(c ORDER BY c.user_id, c.hash)              FROM auth.recovery_code c)         AS codes,
              (SELECT jsonb_agg(p ORDER BY p.id)                           FROM auth.passkey p)               AS passkeys,
              (SELECT jsonb_agg(i ORDER BY i.token)                        FROM auth.invitation i)            AS invitations,
              (SELECT jsonb_agg(s ORDER BY s.id)                           FROM app.staff s)                  AS staff,
              (SELECT count(*) FROM audit.events WHERE outcome = 'success' AND action <> 'read')              AS events`,
    );
    return rows[0];
  });
}

describe.each(CASES)('$name', ({ writes, prepare }) => {
  const faults = Object.entries(FAULTS).flatMap(([kind, fault]) => writes.map((table) => [kind, table, fault] as const));

  it.each(faults)('leaves nothing half-done after %s at %s, and succeeds then', async (_, table, fault) => {
    const act = await prepare(await makeMember(server, clinic));
    const before = await everything();
    const answer = await broken(table, fault, act);
    expect(answer.status).toBeGreaterThanOrEqual(500);
    expect(await everything()).toEqual(before);
    expect((await act()).status).toBeLessThan(400);
    expect(await everything()).not.toEqual(before);
  });
});
