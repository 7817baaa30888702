import { createHash, randomBytes } from 'node:crypto';
import { parseCookie, stringifySetCookie } from 'cookie';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** 256 random bits, as a session's cookie, an invitation's link or an API key carries them. */
export function newToken(): string {
  return randomBytes(32).toString('base64url');
}

/** What the database keeps of a token. Its functions hash in the same way: see app.asking. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** An API key says what it is, so that it is recognised where it shouldn't be, such as in a repository. */
export const KEY_PREFIX = 'assent_key_';
const TOKEN = '[\\w-]{16,128}';
const API_KEY = new RegExp(`^Bearer (${KEY_PREFIX}${TOKEN})$`, 'i');

/**
 * A cookie of this host. Over https its name begins with `__Host-`: a browser takes such a cookie only from this very host, so
 * that a neighbouring one can't put its own in place. The plain name is for http://localhost only.
 */
class HostCookie {
  readonly name: string;
  private readonly secure: boolean;
  private readonly pattern: RegExp;

  constructor(baseUrl: string, name: string, value: string) {
    this.secure = baseUrl.startsWith('https://');
    this.name = `${this.secure ? '__Host-' : ''}${name}`;
    this.pattern = new RegExp(`^${value}$`);
  }

  read({ headers }: FastifyRequest): string | undefined {
    const value = parseCookie(headers.cookie ?? '')[this.name];
    return value !== undefined && this.pattern.test(value) ? value : undefined;
  }

  /** Without seconds it goes with the browser. */
  set(reply: FastifyReply, value: string, seconds?: number): void {
    const { name, secure } = this;
    // Fastify adds a cookie to those that are set already.
    void reply.header(
      'set-cookie',
      stringifySetCookie({ name, value, path: '/', httpOnly: true, sameSite: 'lax', secure, maxAge: seconds }),
    );
  }

  clear(reply: FastifyReply): void {
    this.set(reply, '', 0);
  }
}

/** The cookie of the login session. */
export class SessionCookie extends HostCookie {
  constructor(baseUrl: string) {
    super(baseUrl, 'assent', TOKEN);
  }

  keyOf({ headers: { authorization } }: FastifyRequest): string | undefined {
    return authorization === undefined ? undefined : API_KEY.exec(authorization)?.[1];
  }

  /**
   * The token that a request shows: an API key in its header, or the login session's in its cookie. A key in the cookie would
   * make a browser a machine, which nobody can sign out.
   */
  tokenOf(request: FastifyRequest): string | undefined {
    if (request.headers.authorization !== undefined) return this.keyOf(request);
    const token = this.read(request);
    return token?.startsWith(KEY_PREFIX) ? undefined : token;
  }
}

/** What a browser brings back from a provider, so that a sign-in ends where it began. */
export class CeremonyCookie extends HostCookie {
  constructor(baseUrl: string) {
    super(baseUrl, 'assent-sso', TOKEN);
  }
}

/** What makes this browser a known device of some accounts: see attempts.ts, which signs and reads it. */
export class DeviceCookie extends HostCookie {
  constructor(baseUrl: string) {
    super(baseUrl, 'assent-device', '[\\w.~-]{1,1000}');
  }
}
