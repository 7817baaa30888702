/** The cookie's name, without better-auth's `__Secure-` prefix, which it adds when the address is https. */
export const COOKIE_PREFIX = 'assent';

const COOKIE = new RegExp(`(?:^|; ?)(?:__Secure-)?${COOKIE_PREFIX}\\.session_token=([^;]*)`);

/**
 * The login session's token. The cookie's value is `token.signature`; the look-up of the token in the database is what
 * authenticates, so the signature isn't checked here.
 */
export function sessionToken(cookies: string | undefined): string | undefined {
  const token = COOKIE.exec(cookies ?? '')?.[1]?.split('.')[0];
  return token && /^[\w-]{16,128}$/.test(token) ? token : undefined;
}
