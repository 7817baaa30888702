import { randomBytes } from 'node:crypto';
import { Secret, TOTP } from 'otpauth';
import { addStaff } from '../../src/clinics/create-clinic.js';
import { type Answer, Caller } from './api.js';
import { withClient } from './database.js';
import { LICENCE, PASSWORD_HASH, signIn, type TestClinic } from './make.js';
import type { TestServer } from './server.js';
import { asSuperuser } from './sql.js';

/** Somebody at a browser, which keeps the cookies that it is given. */
export class Visitor extends Caller {
  readonly cookies = new Map<string, string>();

  constructor(url: string, token?: string) {
    super(url);
    if (token !== undefined) this.cookies.set('assent', token);
  }

  override async send(method: string, path: string, body: string | undefined, headers: Record<string, string>): Promise<Answer> {
    const cookie = [...this.cookies].map((pair) => pair.join('=')).join('; ');
    const answer = await super.send(method, path, body, cookie ? { cookie, ...headers } : headers);
    for (const set of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
      if (value) this.cookies.set(name, value);
      else this.cookies.delete(name);
    }
    return answer;
  }

  /** How far the session has come: its state, or the code of the refusal, also where there is no cookie to refuse. */
  async state(): Promise<string> {
    const { status, body } = await this.get('/api/auth/session');
    return status === 204 ? 'not-signed-in' : (body.state ?? body.code);
  }
}

export interface Member {
  readonly id: string;
  readonly userId: string;
  readonly email: string;
  readonly visitor: Visitor;
}

interface MemberOptions {
  readonly role?: 'administrator' | 'practitioner' | 'receptionist';
  /** How they signed in. */
  readonly methods?: string;
  /** Of an account that exists already, for a place in one more clinic. */
  readonly email?: string;
}

/** Somebody of the clinic with the password PASSWORD, signed in a moment ago; a practitioner with a licence. */
export async function makeMember(server: TestServer, clinic: TestClinic, options: MemberOptions = {}): Promise<Member> {
  const { role = 'receptionist', methods = 'password', email = `gil@${randomBytes(5).toString('hex')}.example` } = options;
  const profession = role === 'practitioner' ? 'chiropractor' : null;
  const id = await withClient(server.database.owner, async (client) => {
    const added = await addStaff(client, clinic.id, { name: 'Gil Member', email, role, profession });
    if (profession !== null) await client.query(LICENCE, [added.id]);
    return added.id;
  });
  await asSuperuser(server, 'UPDATE app.staff SET active = tstzrange(clock_timestamp(), NULL) WHERE id = $1', [id]);
  const [row] = await asSuperuser(
    server,
    `INSERT INTO auth.account (id, "accountId", "providerId", "userId", password)
     SELECT gen_random_uuid(), user_id, 'credential', user_id, $2 FROM app.staff WHERE id = $1
     ON CONFLICT ("userId", "providerId") DO UPDATE SET password = EXCLUDED.password
     RETURNING "userId"`,
    [id, PASSWORD_HASH],
  );
  return { id, userId: row?.['userId'] ?? '', email, visitor: await visit(server, { id }, methods) };
}

/** One more browser of somebody, signed in a moment ago. */
export async function visit(server: TestServer, { id }: { id: string }, methods = 'password'): Promise<Visitor> {
  return new Visitor(server.url, (await signIn(server, id, methods)).token);
}

/** What an authenticator app shows, now or some periods later or earlier. */
export function codeOf(secret: string, periods = 0): string {
  return new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: Date.now() + periods * 30_000 });
}

/** A code of six digits that the app shows at no time near now. */
export function wrongCodeOf(secret: string): string {
  const near = new Set([-3, -2, -1, 0, 1, 2, 3].map((periods) => codeOf(secret, periods)));
  return ['000000', '111111', '222222', '333333', '444444', '555555', '666666', '777777'].find((code) => !near.has(code)) ?? '';
}

/** Sets up an authenticator app with the code of now, as somebody who may. */
export async function enrol({ visitor }: Pick<Member, 'visitor'>): Promise<{ secret: string; recoveryCodes: string[] }> {
  const { secret } = (await visitor.post('/api/me/totp')).body;
  const { status, body } = await visitor.post('/api/me/totp/confirm', { code: codeOf(secret) });
  if (status !== 200) throw new Error(JSON.stringify(body));
  return { secret, recoveryCodes: body.recoveryCodes };
}

/** As if so much time had passed that the codes of now are new ones. */
export async function renewCodes(server: TestServer, { userId }: Member): Promise<void> {
  await asSuperuser(server, 'UPDATE auth.totp SET last_period = 0 WHERE user_id = $1', [userId]);
}

/** As if the session's authentication were an hour ago. */
export async function makeStale(server: TestServer, { userId }: Member): Promise<void> {
  await asSuperuser(server, `UPDATE auth.session SET authenticated_at = clock_timestamp() - interval '1 hour' WHERE "userId" = $1`, [
    userId,
  ]);
}

/** As if nothing had been heard of the session for an hour. */
export async function makeIdle(server: TestServer, { userId }: Member): Promise<void> {
  await asSuperuser(server, `UPDATE auth.session SET last_seen_at = clock_timestamp() - interval '1 hour' WHERE "userId" = $1`, [userId]);
}

/** Somebody's authentication events, the newest last. */
export async function recorded(server: TestServer, { userId }: Member): Promise<string[]> {
  const rows = await asSuperuser(
    server,
    `SELECT action || ' ' || outcome AS said FROM audit.events JOIN app.staff ON staff.id = events.staff_id
      WHERE staff.user_id = $1 AND action NOT IN ('insert', 'update') ORDER BY events.id`,
    [userId],
  );
  return rows.map(({ said }) => said ?? '');
}

export const refused = (status: number, code: string) => ({ status, body: { status, code } });
