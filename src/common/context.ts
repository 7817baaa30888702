import { createParamDecorator, type ExecutionContext, SetMetadata } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { EntityManager } from 'typeorm';

/** Who asks, as the database derives it from the login session's token. */
export interface Actor {
  readonly staffId: string;
  readonly name: string;
  readonly email: string;
  readonly role: string;
  readonly profession: string | null;
  readonly clinicId: string;
  readonly clinicName: string;
  readonly timeZone: string;
}

/** What a handler works with: who asks, and the one transaction that the request is. */
export interface Ctx {
  readonly actor: Actor;
  readonly tx: EntityManager;
  readonly requestId: string;
}

export const CTX = Symbol('ctx');
export type RequestWithCtx = FastifyRequest & { [CTX]?: Ctx };

/** The request's context, for a handler's parameter. */
export const Context = createParamDecorator((_: unknown, host: ExecutionContext): Ctx => {
  const ctx = host.switchToHttp().getRequest<RequestWithCtx>()[CTX];
  if (!ctx) throw new Error('This route has no transaction: it lacks @Allow.');
  return ctx;
});

export const ALLOW = 'allow';
/** The permission that a route needs. A route without @Allow or @Public is denied to everybody. */
export const Allow = (permission: string): MethodDecorator & ClassDecorator => SetMetadata(ALLOW, permission);

export const PUBLIC = 'public';
/** A route that asks nobody who they are and touches no clinic's data. */
export const Public = (): MethodDecorator & ClassDecorator => SetMetadata(PUBLIC, true);
