import { hkdfSync } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { DataSource, EntityManager } from 'typeorm';
import type { Actor, Ctx } from '../common/context.js';
import { AppError } from '../common/errors.js';
import { refusal } from '../common/rules.js';
import { InjectDatabase } from '../database/database.module.js';
import type { Client, Origin } from './client.js';
import { type Act, IdentityDatabase } from './identity-database.js';
import { IDENTITY_OPTIONS, type IdentityOptions } from './identity-options.js';
import { IDENTITY_RULES } from './identity.rules.js';
import { type SignOn, toActor } from './sign-on.js';
import { hashToken, newToken } from './tokens.js';

/** No clinic's policy lets a session last longer; the policy itself is checked by the database. */
const LONGEST_SESSION_HOURS = 24;

export interface Place {
  readonly clinic_id: string;
  readonly clinic_name: string;
  readonly role: string;
}

/** A login as its owner's pages need it: how far it has come, and what it may go on with. */
export interface LoginState {
  readonly actor: Actor;
  readonly places: readonly Place[];
  /** The second factors that the person can show. */
  readonly factors: readonly string[];
  readonly permissions: readonly string[];
  readonly idleMinutes: number;
}

/** A login that goes on, under a token that the browser hasn't yet. */
export interface ContinuedLogin {
  readonly token: string;
  readonly state: LoginState;
  /** For the browser to keep: from now on it is a known device. */
  readonly device?: string;
}

interface Opening {
  readonly userId: string;
  readonly methods: string;
  readonly staffId?: string;
  readonly onlyClinicId?: string;
  /** Left out: now. */
  readonly authenticatedAt?: Date;
}

/** Opens, renews and ends logins. Each time somebody has proved anything the login gets a new token. */
@Injectable()
export class LoginSessions {
  constructor(
    private readonly database: IdentityDatabase,
    @Inject(IDENTITY_OPTIONS) private readonly options: IdentityOptions,
    @InjectDatabase() private readonly dataSource: DataSource,
  ) {}

  /** Opens a login, in place of the one that this browser had, and records it. Returns its token. */
  async open(act: Act, { token: earlier, address, userAgent, requestId }: Client, opening: Opening): Promise<string> {
    this.refuseWhereOthersSignIn();
    const token = newToken();
    if (earlier) await act.query(`DELETE FROM auth.session WHERE token = $1 AND methods <> 'key'`, [hashToken(earlier)]);
    await act.query(
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
    await act.query('SELECT auth.record_sign_in($1, $2, $3, $4)', [token, address, userAgent, requestId]);
    return token;
  }

  /**
   * Goes on with a login under a new token: in another clinic, or with one more proof of who it is, which also unlocks it.
   * Keeps the original expiry. If two renewals race, the loser is signed out.
   */
  async renew(
    act: Act,
    { address, userAgent }: Origin,
    { sessionId }: Actor,
    change: { method?: string; staffId?: string; locked?: boolean } = {},
  ): Promise<string> {
    this.refuseWhereOthersSignIn();
    const token = newToken();
    const renewed = await act.query(
      `WITH old AS (DELETE FROM auth.session WHERE id = $1 RETURNING *)
       INSERT INTO auth.session (id, token, "userId", "ipAddress", "userAgent", "expiresAt", started_at, only_clinic_id, staff_id,
                                 methods, authenticated_at, last_seen_at)
       SELECT gen_random_uuid(), $2, "userId", $3, $4, "expiresAt", started_at, only_clinic_id, COALESCE($5, staff_id),
              CASE WHEN $6 = ANY (string_to_array(methods, ' ')) OR $6 IS NULL THEN methods ELSE methods || ' ' || $6 END,
              CASE WHEN $6 IS NULL THEN authenticated_at ELSE clock_timestamp() END,
              -- No clinic lets a session idle for longer than an hour.
              clock_timestamp() - CASE WHEN $7 THEN interval '1 hour' ELSE interval '0' END
         FROM old
       RETURNING id`,
      [sessionId, hashToken(token), address, userAgent, change.staffId ?? null, change.method ?? null, change.locked ?? false],
    );
    if (renewed.length === 0) throw notSignedIn();
    return token;
  }

  private refuseWhereOthersSignIn(): void {
    if (this.options.authenticate) throw refusal(IDENTITY_RULES, 'sign-in.elsewhere', 403);
  }

  /** In another of the person's clinics. */
  async choose({ actor, tx }: Ctx, client: Client, staffId: string): Promise<ContinuedLogin> {
    return this.goOn(await this.database.transact((act) => this.renew(act, client, actor, { staffId })), client, tx);
  }

  /** As if it had been idle for long. Under a new token, so that a request under way doesn't put the lock off. */
  async lock({ actor, tx }: Ctx, client: Client): Promise<ContinuedLogin> {
    const { userId, staffId } = actor;
    const token = await this.database.transact(async (act) => {
      await act.record({ event: 'lock', outcome: 'success', userId, staffId, ...client });
      return this.renew(act, client, actor, { locked: true });
    });
    return this.goOn(token, client, tx);
  }

  async end(client: Client): Promise<void> {
    const { token } = client;
    if (!token) return;
    await this.database.transact(async (act) => {
      const [ended] = await act.query<{ userId: string; staff_id: string | null }>(
        `DELETE FROM auth.session WHERE token = $1 AND methods <> 'key' RETURNING "userId", staff_id`,
        [hashToken(token)],
      );
      if (!ended) return;
      const { userId, staff_id } = ended;
      await act.record({ event: 'sign-out', outcome: 'success', userId, staffId: staff_id ?? undefined, ...client });
    });
  }

  /** All logins of a person but one. */
  async endOthers(act: Act, userId: string, sessionId: string): Promise<void> {
    await act.query('DELETE FROM auth.session WHERE "userId" = $1 AND id <> $2', [userId, sessionId]);
  }

  /** The person signed in with this browser, in any login state. */
  async current(client: Client): Promise<Actor | undefined> {
    const actor = client.token && (await this.find(client.token, client))?.actor;
    return actor && !actor.machine ? actor : undefined;
  }

  /**
   * Once the act is committed. In the request's own transaction where it has one: a request that held one connection and asked for a second
   * would, with many like it, wait for ever.
   */
  async goOn(token: string, origin: Origin, tx?: EntityManager): Promise<ContinuedLogin> {
    const state = await this.find(token, origin, tx);
    if (!state) throw new AppError('login.ended', 401, 'The session has ended.', { detail: 'Sign in again.' });
    return { token, state };
  }

  /** Undefined: the token is nobody's. */
  private async find(token: string, { address, userAgent, requestId }: Origin, own?: EntityManager): Promise<LoginState | undefined> {
    const read = async (tx: EntityManager): Promise<LoginState | undefined> => {
      const [row] = await tx.query<SignOn[]>('SELECT * FROM app.sign_on($1, $2, $3, $4)', [token, address, userAgent, requestId]);
      return row && this.stateOf(toActor(row), tx);
    };
    return own ? read(own) : this.dataSource.transaction(read);
  }

  /** Of the login whose transaction this is. */
  async stateOf(actor: Actor, tx: EntityManager): Promise<LoginState> {
    const places = await tx.query<Place[]>('SELECT * FROM app.places()');
    // The clinic's row is visible to a full session only; until then the database counts 30 minutes too, where no clinic is chosen.
    const [rights] = await tx.query<{ permissions: string[]; idle_minutes: number }[]>(
      `SELECT ARRAY(SELECT permission FROM app.permissions WHERE role = $1 ORDER BY permission) AS permissions,
              COALESCE((SELECT idle_minutes FROM app.clinics), 30) AS idle_minutes`,
      [actor.state === 'full' ? actor.role : ''],
    );
    const factors = await this.factors(actor.userId);
    return { actor, places, factors, permissions: rights?.permissions ?? [], idleMinutes: rights?.idle_minutes ?? 30 };
  }

  /** Stored nowhere: derived from the secret, so it is the same after each sign-in. */
  draftKey(staffId: string): string {
    return Buffer.from(hkdfSync('sha256', this.options.secret, '', `assent drafts ${staffId}`, 32)).toString('base64url');
  }

  async factors(userId: string, by: IdentityDatabase | Act = this.database): Promise<string[]> {
    const rows = await by.query<{ factor: string }>(
      `SELECT 'passkey' AS factor WHERE EXISTS (SELECT FROM auth.passkey WHERE user_id = $1)
       UNION ALL SELECT 'totp' WHERE EXISTS (SELECT FROM auth.totp WHERE user_id = $1 AND confirmed_at IS NOT NULL)
       UNION ALL SELECT 'recovery_code' WHERE EXISTS (SELECT FROM auth.recovery_code WHERE user_id = $1 AND used_at IS NULL)`,
      [userId],
    );
    return rows.map(({ factor }) => factor);
  }
}

export function notSignedIn(): AppError {
  return new AppError('not-signed-in', 401, 'You are not signed in.', { detail: 'Sign in: POST /api/auth/sign-in.' });
}
