import { type CallHandler, type ExecutionContext, Inject, Injectable, type NestInterceptor, type OnModuleInit } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { InjectDataSource } from '@nestjs/typeorm';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { PoolClient, QueryResult } from 'pg';
import { from, lastValueFrom, type Observable } from 'rxjs';
import type { DataSource, EntityManager } from 'typeorm';
import { type AuditRecord, readOf, refusalOf } from '../audit/records.js';
import { explain, isRace } from '../common/constraints.js';
import { type Actor, ALLOW, ANY_STATE, CTX, PUBLIC, type RequestWithCtx, SHOWN_ONCE, WATCHED } from '../common/context.js';
import { AppError, databaseAway, notYours } from '../common/errors.js';
import { IDENTITY_OPTIONS, type IdentityOptions } from '../identity/identity-options.js';
import { type SignOn, toActor } from '../identity/sign-on.js';
import { SessionCookie } from '../identity/tokens.js';
import { type Access, checkAccess, type Permissions } from './access.js';
import { type Claim, claimOf, fingerprintKey, kept, replay, type Verdict } from './idempotency.js';

/** A request on its way: with its token, and the route that it goes to. */
interface Visit {
  readonly request: RequestWithCtx;
  readonly reply: FastifyReply;
  readonly token: string;
  /** Address and browser, noted while the connection is there. */
  readonly origin: readonly [string, string];
  readonly access: Access;
  readonly next: CallHandler;
  /** Of a request that is safe to repeat. */
  readonly claim: Claim | undefined;
  readonly shownOnce: boolean;
}

/** A transaction's work. */
interface Done<T> {
  readonly answer: T;
  readonly read?: AuditRecord | undefined;
  /** What is kept of the answer, for a repetition of the request. */
  readonly keep?: (string | undefined)[] | undefined;
}

/**
 * One request is one transaction. Opens it with the token, from which the database derives the clinic and the person; checks
 * the route's permission; runs the handler; records what was read; commits before the answer leaves. A request that lost a race
 * runs once more. A refusal is recorded after the rollback. Services never open or end a transaction.
 *
 * A request with an Idempotency-Key claims it when it begins and keeps its answer when it commits; its repetition gets that answer.
 *
 * A route that says nothing about who may call it is denied to everybody.
 */
@Injectable()
export class RequestTransaction implements NestInterceptor, OnModuleInit {
  private permissions: Permissions = new Map();
  private readonly fingerprintKey: Buffer;

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    @Inject(Reflector) private readonly reflector: Reflector,
    private readonly cookie: SessionCookie,
    @Inject(IDENTITY_OPTIONS) { secret }: IdentityOptions,
  ) {
    this.fingerprintKey = fingerprintKey(secret);
  }

  async onModuleInit(): Promise<void> {
    const rows = await this.dataSource.query<{ role: string; permission: string; fresh: boolean }[]>(
      'SELECT role, permission, fresh FROM app.permissions',
    );
    this.permissions = new Map(rows.map(({ role, permission, fresh }) => [`${role} ${permission}`, fresh]));
  }

  intercept(host: ExecutionContext, next: CallHandler): Observable<unknown> {
    const targets = [host.getHandler(), host.getClass()];
    if (this.reflector.getAllAndOverride<boolean>(PUBLIC, targets)) return next.handle();
    const access = {
      operation: host.getHandler().name,
      permission: this.reflector.getAllAndOverride<string | undefined>(ALLOW, targets),
      anyState: this.reflector.getAllAndOverride<boolean | undefined>(ANY_STATE, targets),
      watched: this.reflector.get<boolean | undefined>(WATCHED, host.getHandler()),
    };
    const http = host.switchToHttp();
    const shownOnce = this.reflector.get<boolean | undefined>(SHOWN_ONCE, host.getHandler()) ?? false;
    return from(this.run({ request: http.getRequest<RequestWithCtx>(), reply: http.getResponse<FastifyReply>(), access, next, shownOnce }));
  }

  private async run(arrived: Omit<Visit, 'token' | 'claim' | 'origin'>): Promise<unknown> {
    const { request, access } = arrived;
    const token = this.cookie.tokenOf(request);
    if (!token) throw notSignedIn();
    // What belongs to the login session itself works with values that count once, and with cookies.
    const claim = access.anyState ? undefined : claimOf(request, this.fingerprintKey);
    const visit = { ...arrived, token, origin: whereFrom(request), claim };
    try {
      return await this.attempt(visit, isRace);
    } catch (error) {
      if (!isRace(error)) throw error;
      return this.attempt(visit);
    }
  }

  /** `again` says which errors lead to another attempt: those are no refusals yet. */
  private attempt(visit: Visit, again?: (error: unknown) => boolean): Promise<unknown> {
    const { request, access, next } = visit;
    return this.transact(
      visit,
      async (actor, tx) => {
        request[CTX] = { actor, tx, requestId: request.id, later: (work) => this.later(visit, actor.clinicId, work) };
        const answer: unknown = await lastValueFrom(next.handle(), { defaultValue: undefined });
        return { answer, read: readOf(request, access, answer), keep: keepOf(visit, actor, answer) };
      },
      again,
    );
  }

  /**
   * Each statement sees what is committed by then. To whom access ends between the sign-on and the work, row-level security shows
   * nothing, which would pass for all that there was: it counts only if they still have it afterwards.
   */
  private later<T>(visit: Visit, clinicId: string, work: (tx: EntityManager) => Promise<T>): Promise<T> {
    return this.transact({ ...visit, claim: undefined }, async (_actor, tx) => {
      const answer = await work(tx);
      const [row] = await tx.query<SignOn[]>('SELECT * FROM app.sign_on($1, $2, $3, $4)', signOnValues(visit));
      if (!row) throw notSignedIn();
      const actor = toActor(row);
      checkAccess(actor, visit.access, this.permissions);
      if (actor.clinicId !== clinicId) throw notYours();
      return { answer };
    });
  }

  private async transact<T>(
    visit: Visit,
    work: (actor: Actor, tx: EntityManager) => Promise<Done<T>>,
    again?: (error: unknown) => boolean,
  ): Promise<T> {
    const { request, reply, token, origin, access, claim } = visit;
    const runner = this.dataSource.createQueryRunner();
    try {
      const connection = (await runner.connect().catch((error: unknown) => {
        throw databaseAway(error);
      })) as PoolClient;
      let touch = false;
      try {
        const signedOn = await begin(connection, visit);
        if (!signedOn) throw notSignedIn();
        const { actor, verdict } = signedOn;
        // A page that asks by itself shows nobody's presence; a program's use of its key is recorded whatever it asks.
        touch = signedOn.touch && (actor.machine || !access.watched);
        checkAccess(actor, access, this.permissions);
        if (claim) {
          if (!verdict) throw notSignedIn();
          if (verdict.verdict !== 'claimed') {
            const answer = replay(verdict, reply) as T;
            await connection.query('ROLLBACK');
            return answer;
          }
        }
        const { answer, read, keep } = await work(actor, runner.manager);
        await commit(connection, read, keep);
        return answer;
      } catch (error) {
        // Where the connection is lost there is nothing to roll back, and the pool drops it: the first error is what matters.
        await connection.query('ROLLBACK').catch(() => undefined);
        const refusal = again?.(error) ? undefined : refusalOf(request, access, error instanceof AppError ? error : explain(error));
        if (refusal) await recordRefusal(connection, visit, refusal);
        throw error;
      } finally {
        // After the transaction, so that requests of one session don't wait for each other at its row.
        if (touch) await connection.query(`SELECT app.touch(${quote(connection, [token, ...origin])})`).catch(() => undefined);
      }
    } finally {
      await runner.release();
    }
  }
}

/** BEGIN, sign-on and claim in one round trip. */
async function begin(
  connection: PoolClient,
  visit: Visit,
): Promise<{ actor: Actor; touch: boolean; verdict: Verdict | undefined } | undefined> {
  const { claim } = visit;
  const signOn = `SELECT * FROM app.sign_on(${quote(connection, signOnValues(visit))})`;
  const claimed = claim ? `; SELECT * FROM app.claim_request(${quote(connection, [claim.key, claim.fingerprint])})` : '';
  const [, result, verdict] = await queryAll(connection, `BEGIN; ${signOn}${claimed}`);
  const row = result?.rows[0] as SignOn | undefined;
  return row && { actor: toActor(row), touch: row.touch, verdict: verdict?.rows[0] as Verdict | undefined };
}

/** PostgreSQL answers COMMIT of a failed transaction with ROLLBACK and no error. */
async function commit(
  connection: PoolClient,
  read: AuditRecord | undefined,
  keep: readonly (string | undefined)[] | undefined,
): Promise<void> {
  const record = read ? `SELECT audit.record_read(${quote(connection, valuesOf(read))}); ` : '';
  const answer = keep ? `SELECT app.store_response(${quote(connection, keep)}); ` : '';
  const result = (await queryAll(connection, `${record}${answer}COMMIT`)).at(-1);
  if (result?.command !== 'COMMIT') throw new Error('The handler went on after a failed statement; nothing was committed.');
}

/** What app.store_response takes; undefined where nothing is kept. */
function keepOf({ claim, shownOnce, reply }: Visit, { clinicId, staffId }: Actor, answer: unknown): (string | undefined)[] | undefined {
  return claim && !shownOnce ? [clinicId, staffId, claim.key, ...kept(reply, answer)] : undefined;
}

async function recordRefusal(connection: PoolClient, visit: Visit, refusal: AuditRecord): Promise<void> {
  const signOn = `SELECT FROM app.sign_on(${quote(connection, signOnValues(visit))})`;
  await connection.query(`${signOn}; SELECT audit.record_refusal(${quote(connection, valuesOf(refusal))})`);
}

/** Several statements in one text, and so in one round trip, answer with several results, which pg's types don't say. */
async function queryAll(connection: PoolClient, sql: string): Promise<QueryResult[]> {
  return [await connection.query(sql)].flat();
}

/** Such a text takes no parameters. What comes from the request is quoted, never trusted. */
function quote(connection: PoolClient, values: readonly (string | undefined)[]): string {
  return values.map((value) => (value === undefined ? 'NULL' : connection.escapeLiteral(value))).join(', ');
}

function signOnValues({ token, origin, request }: Visit): string[] {
  return [token, ...origin, request.id];
}

function valuesOf({ action, subject, subjectId, patientId, details }: AuditRecord): (string | undefined)[] {
  return [action, subject, subjectId, patientId, details && JSON.stringify(details)];
}

function whereFrom(request: FastifyRequest): [string, string] {
  return [request.ip, request.headers['user-agent']?.slice(0, 400) ?? ''];
}

function notSignedIn(): AppError {
  return new AppError('not-signed-in', 401, 'You are not signed in.', { detail: 'Sign in: POST /api/auth/sign-in.' });
}
