import { hkdfSync } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { DataSource, EntityManager } from 'typeorm';
import { type Actor, CTX, type RequestWithCtx } from '../common/context.js';
import { AppError } from '../common/errors.js';
import { IdentityDatabase, type Origin } from './identity-database.js';
import { IDENTITY_OPTIONS, type IdentityOptions } from './identity-options.js';
import { type SignOn, toActor } from './sign-on.js';
import { hashToken, newToken, SessionCookie } from './tokens.js';

/** No clinic's policy lets a session last longer; the policy itself is checked by the database. */
const LONGEST_SESSION_HOURS = 24;

export interface Place {
  readonly clinic_id: string;
  readonly clinic_name: string;
  readonly role: string;
}

/** A login session as its owner's pages need it: how far it has come, and what it may go on with. */
export interface Standing {
  readonly actor: Actor;
  readonly places: readonly Place[];
  /** The second factors that the person can show. */
  readonly factors: readonly string[];
  readonly permissions: readonly string[];
  readonly idleMinutes: number;
  readonly draftKey: string | null;
}

interface Opening {
  readonly userId: string;
  readonly methods: string;
  readonly staffId?: string;
  readonly onlyClinicId?: string;
  /** Left out: now. */
  readonly authenticatedAt?: Date;
}

/** Opens, renews and ends login sessions. Each time somebody has proved anything the session gets a new token. */
@Injectable()
export class LoginSessions {
  constructor(
    private readonly database: IdentityDatabase,
    private readonly cookie: SessionCookie,
    @Inject(IDENTITY_OPTIONS) private readonly options: IdentityOptions,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  /** Opens a session, and hands its token to the browser. The one that this browser had before ends. */
  async open(request: FastifyRequest, reply: FastifyReply, opening: Opening): Promise<Standing> {
    const token = newToken();
    const { address, userAgent } = whereFrom(request);
    await this.database.query(
      `INSERT INTO auth.session (id, token, "userId", "ipAddress", "userAgent", "expiresAt", only_clinic_id, staff_id, methods, authenticated_at)
       VALUES (gen_random_uuid(), $1, $2, $3, $4, clock_timestamp() + make_interval(hours => $5), $6, $7, $8,
               COALESCE($9, clock_timestamp()))`,
      [
        hashToken(token),
        opening.userId,
        address,
        userAgent,
        LONGEST_SESSION_HOURS,
        opening.onlyClinicId ?? null,
        opening.staffId ?? null,
        opening.methods,
        opening.authenticatedAt ?? null,
      ],
    );
    const earlier = this.cookie.tokenOf(request);
    if (earlier) await this.database.query(`DELETE FROM auth.session WHERE token = $1 AND methods <> 'key'`, [hashToken(earlier)]);
    const standing = await this.standing(token, request);
    if (!standing) throw new AppError('session-ended', 401, 'The session has ended.', { detail: 'Sign in again.' });
    this.cookie.set(reply, token);
    await this.database.record({
      event: 'sign-in',
      outcome: 'success',
      userId: standing.actor.userId,
      staffId: standing.actor.staffId,
      ...whereFrom(request),
      detail: { methods: standing.actor.methods.split(' '), state: standing.actor.state },
    });
    return standing;
  }

  /**
   * Goes on with a session under a new token: in another clinic, or with one more proof of who it is, which also unlocks it.
   * It still ends when it would have. Of two renewals at once one wins, and the other is signed out.
   */
  async renew(
    request: FastifyRequest,
    reply: FastifyReply,
    { sessionId }: Actor,
    change: { method?: string; staffId?: string; locked?: boolean },
  ): Promise<Standing> {
    const token = newToken();
    const { address, userAgent } = whereFrom(request);
    await this.database.query(
      `WITH old AS (DELETE FROM auth.session WHERE id = $1 RETURNING *)
       INSERT INTO auth.session (id, token, "userId", "ipAddress", "userAgent", "expiresAt", started_at, only_clinic_id, staff_id,
                                 methods, authenticated_at, last_seen_at)
       SELECT gen_random_uuid(), $2, "userId", $3, $4, "expiresAt", started_at, only_clinic_id, COALESCE($5, staff_id),
              CASE WHEN $6 = ANY (string_to_array(methods, ' ')) OR $6 IS NULL THEN methods ELSE methods || ' ' || $6 END,
              CASE WHEN $6 IS NULL THEN authenticated_at ELSE clock_timestamp() END,
              -- No clinic lets a session idle for longer than an hour.
              clock_timestamp() - CASE WHEN $7 THEN interval '1 hour' ELSE interval '0' END
         FROM old`,
      [sessionId, hashToken(token), address, userAgent, change.staffId ?? null, change.method ?? null, change.locked ?? false],
    );
    const standing = await this.standing(token, request);
    if (!standing) throw new AppError('not-signed-in', 401, 'You are not signed in.', { detail: 'Sign in: POST /api/auth/sign-in.' });
    this.cookie.set(reply, token);
    return standing;
  }

  /** As if it had been idle for long. Under a new token, so that a request under way doesn't put the lock off. */
  async lock(request: FastifyRequest, reply: FastifyReply, actor: Actor): Promise<Standing> {
    const { userId, staffId } = actor;
    const standing = await this.renew(request, reply, actor, { locked: true });
    await this.database.record({ event: 'lock', outcome: 'success', userId, staffId, ...whereFrom(request) });
    return standing;
  }

  async end(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    this.cookie.clear(reply);
    void reply.header('clear-site-data', '"cache", "storage"');
    const token = this.cookie.tokenOf(request);
    if (!token) return;
    const [ended] = await this.database.query<{ userId: string; staff_id: string | null }>(
      `DELETE FROM auth.session WHERE token = $1 AND methods <> 'key' RETURNING "userId", staff_id`,
      [hashToken(token)],
    );
    if (!ended) return;
    await this.database.record({
      event: 'sign-out',
      outcome: 'success',
      userId: ended.userId,
      staffId: ended.staff_id ?? undefined,
      ...whereFrom(request),
    });
  }

  /** All sessions of a person but one. */
  async endOthers(userId: string, sessionId: string): Promise<void> {
    await this.database.query('DELETE FROM auth.session WHERE "userId" = $1 AND id <> $2', [userId, sessionId]);
  }

  /** Whoever is signed in with this browser, in whatever state. */
  async current(request: FastifyRequest): Promise<Actor | undefined> {
    const token = this.cookie.tokenOf(request);
    const actor = token && (await this.standing(token, request))?.actor;
    return actor && !actor.machine ? actor : undefined;
  }

  /**
   * Undefined: the token is nobody's. In the request's own transaction where it has one: a request that held one connection and
   * asked for a second would, with many like it, wait for ever.
   */
  private async standing(token: string, request: FastifyRequest): Promise<Standing | undefined> {
    const { address, userAgent, requestId } = whereFrom(request);
    const read = async (tx: EntityManager): Promise<Standing | undefined> => {
      const [row] = await tx.query<SignOn[]>('SELECT * FROM app.sign_on($1, $2, $3, $4)', [token, address, userAgent, requestId]);
      if (!row) return undefined;
      return this.standingOf(toActor(row), tx);
    };
    const own = (request as RequestWithCtx)[CTX]?.tx;
    return own ? read(own) : this.dataSource.transaction(read);
  }

  /** Of the session whose transaction this is. */
  async standingOf(actor: Actor, tx: EntityManager): Promise<Standing> {
    const places = await tx.query<Place[]>('SELECT * FROM app.places()');
    // The clinic's row is visible to a full session only; until then the database counts 30 minutes too, where no clinic is chosen.
    const [rights] = await tx.query<{ permissions: string[]; idle_minutes: number }[]>(
      `SELECT ARRAY(SELECT permission FROM app.permissions WHERE role = $1 ORDER BY permission) AS permissions,
              COALESCE((SELECT idle_minutes FROM app.clinics), 30) AS idle_minutes`,
      [actor.state === 'full' ? actor.role : ''],
    );
    const factors = await this.factors(actor.userId);
    const draftKey = actor.state === 'full' && actor.staffId ? this.draftKey(actor.staffId) : null;
    return { actor, places, factors, permissions: rights?.permissions ?? [], idleMinutes: rights?.idle_minutes ?? 30, draftKey };
  }

  /** Kept nowhere: it follows from the secret, so that it is the same after every sign-in. */
  private draftKey(staffId: string): string {
    return Buffer.from(hkdfSync('sha256', this.options.secret, '', `assent drafts ${staffId}`, 32)).toString('base64url');
  }

  async factors(userId: string): Promise<string[]> {
    const rows = await this.database.query<{ factor: string }>(
      `SELECT 'passkey' AS factor WHERE EXISTS (SELECT FROM auth.passkey WHERE user_id = $1)
       UNION ALL SELECT 'totp' WHERE EXISTS (SELECT FROM auth.totp WHERE user_id = $1 AND confirmed_at IS NOT NULL)
       UNION ALL SELECT 'recovery_code' WHERE EXISTS (SELECT FROM auth.recovery_code WHERE user_id = $1 AND used_at IS NULL)`,
      [userId],
    );
    return rows.map(({ factor }) => factor);
  }
}

export function whereFrom(request: FastifyRequest): Origin {
  return { address: request.ip, userAgent: request.headers['user-agent']?.slice(0, 400) ?? '', requestId: request.id };
}
