import { betterAuth } from 'better-auth';
import { Pool } from 'pg';
import { SERVING_OPTIONS } from '../database/database.module.js';
import { COOKIE_PREFIX } from './session-token.js';

const SESSION_SECONDS = 12 * 60 * 60;
/** Set by auth.routes.ts from the connection; what a client sends under this name is overwritten. */
export const CLIENT_ADDRESS_HEADER = 'x-assent-client-address';

export interface AuthOptions {
  readonly identityUrl: string;
  readonly secret: string;
  readonly baseUrl: string;
}

export type Auth = ReturnType<typeof createAuth>;

/** Sign-in by better-auth, on its own database role, which reads the schema `auth` and nothing else. */
export function createAuth({ identityUrl, secret, baseUrl }: AuthOptions) {
  const pool = new Pool({
    connectionString: identityUrl,
    max: 4,
    options: `${SERVING_OPTIONS} -c search_path=auth`,
    application_name: 'assent identity',
  });
  // A connection that the server ended while idle; the pool has already dropped it.
  pool.on('error', () => undefined);
  const auth = betterAuth({
    appName: 'Assent',
    baseURL: baseUrl,
    basePath: '/api/auth',
    secret,
    database: pool,
    telemetry: { enabled: false },
    emailAndPassword: { enabled: true, disableSignUp: true, minPasswordLength: 12, maxPasswordLength: 128 },
    session: { expiresIn: SESSION_SECONDS, disableSessionRefresh: true },
    rateLimit: { enabled: true, window: 60, max: 100, customRules: { '/sign-in/email': { window: 60, max: 60 } } },
    advanced: {
      cookiePrefix: COOKIE_PREFIX,
      ipAddress: { ipAddressHeaders: [CLIENT_ADDRESS_HEADER] },
      // server.ts checks every state change, these included, and lets clients in that aren't browsers.
      disableCSRFCheck: true,
    },
    logger: { level: 'error' },
  });
  return { handler: (request: Request) => auth.handler(request), close: () => pool.end() };
}
