import { createHmac, hkdfSync } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { originOf } from './client.js';
import { IdentityDatabase } from './identity-database.js';
import { type HostUser, IDENTITY_OPTIONS, type IdentityOptions } from './identity-options.js';
import { LoginSessions } from './login-sessions.service.js';
import { SessionCookie } from './tokens.js';

/** So that the database isn't asked with every request. It answers the same again. */
const MOST_OPENED = 10_000;

/**
 * The tokens of requests. Where the application signs people in, a request of its users has none: it follows from their sign-in, so that all
 * requests and all servers find the same login, and is never sent to a browser.
 */
@Injectable()
export class HostLogins {
  private readonly opened = new Set<string>();
  private readonly key: Buffer;

  constructor(
    private readonly database: IdentityDatabase,
    private readonly cookie: SessionCookie,
    private readonly logins: LoginSessions,
    @Inject(IDENTITY_OPTIONS) private readonly options: IdentityOptions,
  ) {
    this.key = Buffer.from(hkdfSync('sha256', options.secret, '', 'assent host logins', 32));
  }

  /** API keys are Assent's own in either case. */
  async tokenOf(request: FastifyRequest): Promise<string | undefined> {
    const { authenticate } = this.options;
    if (!authenticate || this.cookie.keyOf(request) !== undefined) return this.cookie.tokenOf(request);
    const user = await authenticate(request);
    return user && this.open(user, request);
  }

  /** Ends the login of a user who signs out of the application, and records it. */
  async end(user: HostUser, request: FastifyRequest): Promise<void> {
    await this.logins.end({ ...originOf(request), token: this.tokenFor(user), device: undefined });
  }

  private async open(user: HostUser, request: FastifyRequest): Promise<string> {
    const token = this.tokenFor(user);
    if (this.opened.has(token)) return token;
    const { staffId, authenticatedAt, secondFactor } = user;
    const { address, userAgent, requestId } = originOf(request);
    await this.database.query('SELECT auth.open_host_login($1, $2, $3, $4, $5, $6, $7)', [
      token,
      staffId,
      secondFactor ?? false,
      authenticatedAt ?? null,
      address,
      userAgent,
      requestId,
    ]);
    if (this.opened.size === MOST_OPENED) this.opened.clear();
    this.opened.add(token);
    return token;
  }

  /** Another one when the user authenticates again, which unlocks, and is fresh. */
  private tokenFor({ staffId, signInId, authenticatedAt, secondFactor = false }: HostUser): string {
    const signIn = JSON.stringify([staffId, signInId, authenticatedAt?.getTime() ?? null, secondFactor]);
    return createHmac('sha256', this.key).update(signIn).digest('base64url');
  }
}
