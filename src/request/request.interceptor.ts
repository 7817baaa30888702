import { type CallHandler, type ExecutionContext, Inject, Injectable, type NestInterceptor } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyReply } from 'fastify';
import type { PoolClient } from 'pg';
import { from, lastValueFrom, type Observable } from 'rxjs';
import type { DataSource } from 'typeorm';
import { ALLOW, ANY_STATE, CTX, type Ctx, GATE, OR_NOBODY, PUBLIC, type RequestWithCtx, SHOWN_ONCE, WATCHED } from '../common/context.js';
import { AppError, databaseAway, KeptRefusal, notYours } from '../common/errors.js';
import { RuleBook } from '../common/rules.js';
import { InjectDatabase } from '../database/database.module.js';
import { HostLogins } from '../identity/host-logins.js';
import { IDENTITY_OPTIONS, type IdentityOptions } from '../identity/identity-options.js';
import { type SignOn, toActor } from '../identity/sign-on.js';
import { type Claim, fingerprintKey, readClaim, replay, responseToStore } from './idempotency.js';
import { checkInputs, type Input, INPUTS } from './input.js';
import { type Access, checkAccess, PERMISSIONS, type Permissions } from './permission.js';
import { refusalOf } from './refusal.js';
import { RequestContext, WorkAhead } from './request-context.js';
import { begin, commit, type Credentials, recordRefusal, rollback, touch } from './transaction.js';

/** A request that shows a token, and the route that it goes to. */
interface Call {
  readonly request: RequestWithCtx;
  readonly reply: FastifyReply;
  readonly access: Access;
  readonly credentials: Credentials;
  /** Of a request that is safe to repeat. */
  readonly claim: Claim | undefined;
  readonly shownOnce: boolean;
  /** What came out of work that was done ahead. */
  readonly done?: PromiseSettledResult<unknown> | undefined;
}

/**
 * The way of every request, in this order: login (the token in the cookie or the header), permission of the route, transaction (BEGIN, the
 * sign-on from which the database derives the clinic and the person, the claim of an Idempotency-Key), the handler, what it says that it
 * showed, the stored response, COMMIT, effects outside the database, response.
 *
 * A request that lost a race runs once more, and so does one with work ahead (`Ctx.ahead`). A refusal is recorded after the rollback, or in
 * the transaction where something was recorded with it (`KeptRefusal`). Services never open or end a transaction. A route that says nothing
 * about who may call it is denied to everybody.
 */
@Injectable()
export class RequestInterceptor implements NestInterceptor {
  private readonly fingerprintKey: Buffer;

  constructor(
    @InjectDatabase() private readonly dataSource: DataSource,
    @Inject(Reflector) private readonly reflector: Reflector,
    private readonly logins: HostLogins,
    @Inject(PERMISSIONS) private readonly permissions: Permissions,
    @Inject(RuleBook) private readonly rules: RuleBook,
    @Inject(IDENTITY_OPTIONS) { secret }: IdentityOptions,
  ) {
    this.fingerprintKey = fingerprintKey(secret);
  }

  intercept(host: ExecutionContext, next: CallHandler): Observable<unknown> {
    const targets = [host.getHandler(), host.getClass()];
    const access = {
      operation: host.getHandler().name,
      permission: this.reflector.getAllAndOverride<string | undefined>(ALLOW, targets),
      anyState: this.reflector.getAllAndOverride<boolean | undefined>(ANY_STATE, targets),
      watched: this.reflector.get<boolean | undefined>(WATCHED, host.getHandler()),
      gate: this.reflector.get<string | undefined>(GATE, host.getHandler()),
    };
    const inputs = this.reflector.get<readonly Input[] | undefined>(INPUTS, host.getHandler()) ?? [];
    const shownOnce = this.reflector.get<boolean | undefined>(SHOWN_ONCE, host.getHandler()) ?? false;
    const http = host.switchToHttp();
    const request = http.getRequest<RequestWithCtx>();
    const { body, query } = request;
    const handle = async (ctx?: Ctx): Promise<unknown> => {
      // As they came: a request that lost a race is checked again.
      Object.assign(request, { [CTX]: ctx, body, query });
      await checkInputs(request, inputs);
      return lastValueFrom(next.handle(), { defaultValue: undefined });
    };
    if (this.reflector.getAllAndOverride<boolean>(PUBLIC, targets)) return from(handle());
    const reply = http.getResponse<FastifyReply>();
    const answer = this.answer({ request, reply, access, shownOnce }, handle);
    if (!this.reflector.get<boolean | undefined>(OR_NOBODY, host.getHandler()) || request.headers.authorization !== undefined)
      return from(answer);
    return from(
      answer.catch((error: unknown) => {
        if (!(error instanceof AppError && error.code === NOT_SIGNED_IN)) throw error;
        reply.code(204);
      }),
    );
  }

  private async answer(arrived: Omit<Call, 'credentials' | 'claim'>, handle: (ctx: Ctx) => Promise<unknown>): Promise<unknown> {
    const { request, access } = arrived;
    const token = await this.logins.tokenOf(request);
    if (!token) throw notSignedIn();
    const call: Call = {
      ...arrived,
      // Noted while the connection is there.
      credentials: [token, request.ip, request.headers['user-agent']?.slice(0, 400) ?? '', request.id],
      // What belongs to the login itself works with values that count once, and with cookies.
      claim: access.anyState ? undefined : readClaim(request, this.fingerprintKey),
    };
    let done: Call['done'];
    let hasLost = false;
    for (;;) {
      const again = (error: unknown): boolean => error instanceof WorkAhead || (!hasLost && this.rules.isRace(error));
      try {
        return await this.transact({ ...call, done }, handle, again);
      } catch (error) {
        if (!again(error)) throw error;
        if (error instanceof WorkAhead) [done] = await Promise.allSettled([error.work()]);
        else hasLost = true;
      }
    }
  }

  /**
   * Each statement sees what is committed by then. If access is revoked between the sign-on and the work, row-level security returns no rows,
   * which would look like the end of the data. So access is checked again after reading.
   */
  private later<T>(call: Call, clinicId: string, work: (ctx: Ctx) => Promise<T>): Promise<T> {
    return this.transact({ ...call, claim: undefined, done: undefined }, async (ctx) => {
      const result = await work(ctx);
      const [row] = await ctx.tx.query<SignOn[]>('SELECT * FROM app.sign_on($1, $2, $3, $4)', [...call.credentials]);
      if (!row) throw notSignedIn();
      const actor = toActor(row);
      checkAccess(actor, call.access, this.permissions);
      if (actor.clinicId !== clinicId) throw notYours();
      return result;
    });
  }

  /** `again` says which errors lead to another attempt: those are no refusals yet. */
  private async transact<T>(call: Call, work: (ctx: Ctx) => Promise<T>, again?: (error: unknown) => boolean): Promise<T> {
    const runner = this.dataSource.createQueryRunner();
    let effects: RequestContext['effects'] = [];
    let result: T | KeptRefusal;
    try {
      const connection = (await runner.connect().catch((error: unknown) => {
        throw databaseAway(error);
      })) as PoolClient;
      let isPresent = false;
      try {
        const signedOn = await begin(connection, call.credentials, call.claim);
        if (!signedOn) throw notSignedIn();
        const { actor, claimed } = signedOn;
        // A page that asks by itself shows nobody's presence; a program's use of its key is recorded whatever it asks.
        isPresent = signedOn.touch && (actor.machine || !call.access.watched);
        checkAccess(actor, call.access, this.permissions);
        if (call.claim) {
          if (!claimed) throw notSignedIn();
          if (claimed.verdict !== 'claimed') {
            const response = replay(claimed, call.reply) as T;
            await rollback(connection);
            return response;
          }
        }
        const ctx = new RequestContext(actor, runner.manager, call.request.id, (work) => this.later(call, actor.clinicId, work), call.done);
        result = await work(ctx).catch((error: unknown) => {
          if (error instanceof KeptRefusal) return error;
          throw error;
        });
        ({ effects } = ctx);
        const refusal = result instanceof KeptRefusal ? refusalOf(call.request, call.access, result) : undefined;
        // Without a body nothing is shown.
        const records = call.request.method === 'HEAD' ? [] : [...ctx.records, ...(refusal ? [refusal] : [])];
        await commit(
          connection,
          records,
          call.claim && !call.shownOnce ? { claim: call.claim, actor, response: responseToStore(call.reply, result) } : undefined,
        );
      } catch (error) {
        // Whatever error was the first to show it. COMMIT says itself that its outcome isn't known.
        if (!(await rollback(connection)) && !(error instanceof AppError)) throw databaseAway(error);
        const refusal = again?.(error)
          ? undefined
          : refusalOf(call.request, call.access, error instanceof AppError ? error : this.rules.explain(error));
        if (refusal) await recordRefusal(connection, call.credentials, refusal);
        throw error;
      } finally {
        if (isPresent) await touch(connection, call.credentials);
      }
    } finally {
      await runner.release();
    }
    for (const effect of effects) await effect();
    if (result instanceof KeptRefusal) throw result;
    return result;
  }
}

const NOT_SIGNED_IN = 'not-signed-in';

function notSignedIn(): AppError {
  return new AppError(NOT_SIGNED_IN, 401, 'You are not signed in.', { detail: 'Sign in: POST /api/auth/sign-in.' });
}
