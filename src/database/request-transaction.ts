import { type CallHandler, type ExecutionContext, Inject, Injectable, type NestInterceptor, type OnModuleInit } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { InjectDataSource } from '@nestjs/typeorm';
import type { PoolClient, QueryResult } from 'pg';
import { from, lastValueFrom, type Observable } from 'rxjs';
import type { DataSource } from 'typeorm';
import { isRace } from '../common/constraints.js';
import { type Actor, ALLOW, CTX, PUBLIC, type RequestWithCtx } from '../common/context.js';
import { AppError, databaseAway } from '../common/errors.js';
import { sessionToken } from '../identity/session-token.js';

/**
 * One request is one transaction. Opens it with the login session's token, from which the database derives the clinic and
 * the person; checks the route's permission; runs the handler; commits before the answer leaves. A request that lost a race
 * runs once more. Services never open or end a transaction.
 *
 * A route that says nothing about who may call it is denied to everybody.
 */
@Injectable()
export class RequestTransaction implements NestInterceptor, OnModuleInit {
  /** `role permission`, from the one table in the database. */
  private permissions = new Set<string>();

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    @Inject(Reflector) private readonly reflector: Reflector,
  ) {}

  async onModuleInit(): Promise<void> {
    const rows = await this.dataSource.query<{ role: string; permission: string }[]>('SELECT role, permission FROM app.permissions');
    this.permissions = new Set(rows.map(({ role, permission }) => `${role} ${permission}`));
  }

  intercept(host: ExecutionContext, next: CallHandler): Observable<unknown> {
    const targets = [host.getHandler(), host.getClass()];
    if (this.reflector.getAllAndOverride<boolean>(PUBLIC, targets)) return next.handle();
    return from(this.run(host.switchToHttp().getRequest<RequestWithCtx>(), this.reflector.getAllAndOverride<string>(ALLOW, targets), next));
  }

  private async run(request: RequestWithCtx, permission: string | undefined, next: CallHandler): Promise<unknown> {
    const token = sessionToken(request.headers.cookie);
    if (!token) throw notSignedIn();
    try {
      return await this.attempt(request, token, permission, next);
    } catch (error) {
      if (!isRace(error)) throw error;
      return this.attempt(request, token, permission, next);
    }
  }

  private async attempt(request: RequestWithCtx, token: string, permission: string | undefined, next: CallHandler): Promise<unknown> {
    const runner = this.dataSource.createQueryRunner();
    try {
      const connection = (await runner.connect().catch((error: unknown) => {
        throw databaseAway(error);
      })) as PoolClient;
      try {
        const actor = await begin(connection, token);
        if (!actor) throw notSignedIn();
        if (!permission || !this.permissions.has(`${actor.role} ${permission}`)) {
          throw new AppError('forbidden', 403, 'This is not yours to do.', { detail: `Your role is ${actor.role}.` });
        }
        request[CTX] = { actor, tx: runner.manager, requestId: request.id };
        const answer: unknown = await lastValueFrom(next.handle(), { defaultValue: undefined });
        await commit(connection);
        return answer;
      } catch (error) {
        // Where the connection is lost there is nothing to roll back, and the pool drops it: the first error is what matters.
        await connection.query('ROLLBACK').catch(() => undefined);
        throw error;
      }
    } finally {
      await runner.release();
    }
  }
}

/** BEGIN and sign-on in one round trip. The token is a cookie's value, so it is quoted, never trusted. */
async function begin(connection: PoolClient, token: string): Promise<Actor | undefined> {
  // Several statements in one text answer with several results, which pg's types don't say.
  const results = (await connection.query(
    `BEGIN; SELECT * FROM app.sign_on(${connection.escapeLiteral(token)})`,
  )) as unknown as QueryResult[];
  const row = results[1]?.rows[0] as Record<string, string> | undefined;
  if (!row) return undefined;
  return {
    staffId: row['staff_id'] ?? '',
    name: row['name'] ?? '',
    email: row['email'] ?? '',
    role: row['role'] ?? '',
    profession: row['profession'] ?? null,
    clinicId: row['clinic_id'] ?? '',
    clinicName: row['clinic_name'] ?? '',
    timeZone: row['time_zone'] ?? '',
  };
}

/** PostgreSQL answers COMMIT of a failed transaction with ROLLBACK and no error. */
async function commit(connection: PoolClient): Promise<void> {
  const { command } = await connection.query('COMMIT');
  if (command !== 'COMMIT') throw new Error('The handler went on after a failed statement; nothing was committed.');
}

function notSignedIn(): AppError {
  return new AppError('not-signed-in', 401, 'You are not signed in.', { detail: 'Sign in: POST /api/auth/sign-in/email.' });
}
