import { randomBytes } from 'node:crypto';
import { Secret, TOTP } from 'otpauth';
import { type Answer, Caller } from './api.js';
import type { Person } from './make.js';
import type { TestServer } from './server.js';
import { asSuperuser } from './sql.js';

/** Nobody's name is in it. */
export const CHOSEN = 'seven quiet lighthouses';

/** Somebody to invite, with an address of their own. */
export function newcomer(values: Record<string, unknown> = {}): Record<string, unknown> & { email: string } {
  const email = `nora.${randomBytes(5).toString('hex')}@people.example`;
  return { name: 'Nora Newcomer', email, role: 'practitioner', profession: 'chiropractor', ...values };
}

/** A clinic, as far as its administrator is needed. */
interface Administered {
  readonly administrator: Pick<Person, 'api'>;
}

export interface Invited {
  readonly id: string;
  readonly email: string;
  /** Of the link. */
  readonly token: string;
}

/** Invites somebody where no mail server is set up. */
export async function invite({ administrator }: Administered, values: Record<string, unknown> = {}): Promise<Invited> {
  const person = newcomer(values);
  const { status, body } = await administrator.api.post('/api/staff', person);
  if (status !== 201) throw new Error(`Expected 201, got ${status}: ${JSON.stringify(body)}`);
  return { id: body.staffId as string, email: person.email, token: tokenOf(body.link as string) };
}

/** A new link, shown to the administrator. */
export async function renew({ administrator }: Administered, staffId: string): Promise<string> {
  const { status, body } = await administrator.api.post(`/api/staff/${staffId}/invitation`);
  if (status !== 201) throw new Error(`Expected 201, got ${status}: ${JSON.stringify(body)}`);
  return tokenOf(body.link as string);
}

/** What stands behind the # of the link in a text. */
export function tokenOf(text: string): string {
  return /\/invitation#([\w-]+)/.exec(text)?.[1] ?? '';
}

export function accept(by: Caller, token: string, password?: string): Promise<Answer> {
  return by.post('/api/auth/invitations/accept', { token, ...(password === undefined ? {} : { password }) });
}

/** Accepts with a password, and comes in by it. */
export async function join(server: TestServer, { id, token }: Pick<Invited, 'id' | 'token'>): Promise<Person> {
  const answer = await accept(new Caller(server.url), token, CHOSEN);
  if (answer.status !== 200) throw new Error(`Expected 200, got ${answer.status}: ${JSON.stringify(answer.body)}`);
  return { id, ...browserOf(server, answer) };
}

/** Whoever has the session's cookie from now on. */
export function browserOf({ url }: { url: string }, { headers }: Answer): Pick<Person, 'api' | 'token'> {
  const token = headers.getSetCookie().flatMap((cookie) => /^assent=([\w-]+);/.exec(cookie)?.[1] ?? [])[0] ?? '';
  return { token, api: new Caller(url, token) };
}

export function signInWith(by: Caller, email: string, password: string = CHOSEN): Promise<Answer> {
  return by.post('/api/auth/sign-in', { email, password });
}

/** Sets up an authenticator app. The session goes on under a new cookie. */
export async function setUpTotp(server: TestServer, { id, api }: Person): Promise<Person & { secret: string; recoveryCodes: string[] }> {
  const { body } = await api.post('/api/me/totp');
  const secret = body.secret as string;
  const answer = await api.post('/api/me/totp/confirm', { code: codeOf(secret) });
  if (answer.status !== 200) throw new Error(`Expected 200, got ${answer.status}: ${JSON.stringify(answer.body)}`);
  return { id, ...browserOf(server, answer), secret, recoveryCodes: answer.body.recoveryCodes as string[] };
}

export function codeOf(secret: string): string {
  return new TOTP({ secret: Secret.fromBase32(secret) }).generate();
}

/** So that the code that the app shows now counts once more. */
export async function forgetPeriods(server: TestServer): Promise<void> {
  await asSuperuser(server, 'UPDATE auth.totp SET last_period = 0');
}

/** Lets a link's 72 hours pass. */
export async function expireInvitation(server: TestServer, staffId: string): Promise<void> {
  await asSuperuser(server, `UPDATE auth.invitation SET expires_at = clock_timestamp() - interval '1 second' WHERE staff_id = $1`, [
    staffId,
  ]);
}

/** As if the person had last authenticated that many minutes ago. */
export async function ageAuthentication(server: TestServer, { id }: Pick<Person, 'id'>, minutes: number): Promise<void> {
  await asSuperuser(
    server,
    'UPDATE auth.session SET authenticated_at = clock_timestamp() - make_interval(mins => $2::int) WHERE staff_id = $1',
    [id, minutes],
  );
}

/** As if the person had made no request for that many minutes. */
export async function idle(server: TestServer, { id }: Pick<Person, 'id'>, minutes: number): Promise<void> {
  await asSuperuser(
    server,
    'UPDATE auth.session SET last_seen_at = clock_timestamp() - make_interval(mins => $2::int) WHERE staff_id = $1',
    [id, minutes],
  );
}

/** Status and code of a refusal. */
export function said({ status, body }: Answer): [number, string | undefined] {
  return [status, body.code as string | undefined];
}
