import { kyselyAdapter } from '@better-auth/kysely-adapter';
import { betterAuth } from 'better-auth';
import { Kysely, PostgresDialect } from 'kysely';
import type { Pool } from 'pg';
import { hashPassword, verifyPassword } from './passwords.js';
import { hashToken } from './tokens.js';

/** No clinic's policy lets a session last longer; the policy itself is checked by the database. */
const LONGEST_SESSION_SECONDS = 24 * 60 * 60;

/** Tells better-auth the address of the client, for the session that it opens. Not taken from any request. */
export const CLIENT_ADDRESS_HEADER = 'x-assent-client-address';
export const AUTH = Symbol('better-auth');
export type Auth = ReturnType<typeof createAuth>;

/**
 * better-auth checks passwords, opens login sessions and keeps one-time values. None of its routes is mounted: the controllers
 * of this folder call it, so that every route is validated, limited, recorded and described in one way.
 */
export function createAuth(pool: Pool, secret: string, baseUrl: string) {
  return betterAuth({
    appName: 'Assent',
    baseURL: baseUrl,
    secret,
    database: hashingTokens(kyselyAdapter(new Kysely({ dialect: new PostgresDialect({ pool }) }), { type: 'postgres' })),
    telemetry: { enabled: false },
    emailAndPassword: {
      enabled: true,
      disableSignUp: true,
      // What a new password must be is decided in passwords.ts; here every one is only compared.
      minPasswordLength: 1,
      maxPasswordLength: 1_024,
      password: { hash: hashPassword, verify: ({ hash, password }) => verifyPassword(hash, password) },
    },
    session: {
      expiresIn: LONGEST_SESSION_SECONDS,
      disableSessionRefresh: true,
      additionalFields: {
        methods: { type: 'string', required: true, input: false },
        staffId: { type: 'string', required: false, input: false, fieldName: 'staff_id' },
        authenticatedAt: { type: 'date', required: false, input: false, fieldName: 'authenticated_at' },
        onlyClinicId: { type: 'string', required: false, input: false, fieldName: 'only_clinic_id' },
      },
    },
    verification: { storeIdentifier: 'hashed' },
    // better-auth opens a session itself only when it has checked a password.
    databaseHooks: { session: { create: { before: async (session) => ({ data: { methods: 'password', ...session } }) } } },
    // Both are ours and hold for every route: attempts.ts and cross-site.ts.
    rateLimit: { enabled: false },
    advanced: { disableCSRFCheck: true, ipAddress: { ipAddressHeaders: [CLIENT_ADDRESS_HEADER] } },
    logger: { level: 'error' },
  });
}

type AdapterFactory = ReturnType<typeof kyselyAdapter>;
type Adapter = ReturnType<AdapterFactory>;

/** Keeps the SHA-256 of every session's token instead of the token, so that a stolen copy of the database opens nothing. */
function hashingTokens(factory: AdapterFactory): AdapterFactory {
  return (options) => hashing(factory(options));
}

function hashing(adapter: Adapter): Adapter {
  return {
    ...adapter,
    create: async (request) => {
      const { token } = request.data as { token?: unknown };
      if (request.model !== 'session' || typeof token !== 'string') return adapter.create(request);
      const created = await adapter.create({ ...request, data: { ...request.data, token: hashToken(token) } });
      return { ...created, token } as never;
    },
    transaction: (work) => adapter.transaction((inner) => work(hashing(inner as Adapter))),
  };
}
