import { applyDecorators, createParamDecorator, type ExecutionContext, SetMetadata } from '@nestjs/common';
import { ApiNoContentResponse, ApiSecurity } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import type { EntityManager } from 'typeorm';

/**
 * How far a login session has come: `locked` after idling, `second_factor` when one is due, `clinic` when none is chosen. Only
 * in a `full` one does the database show or take anything.
 */
export type SessionState = 'locked' | 'second_factor' | 'clinic' | 'full';

/** The login session or API key that asks, in whatever state. */
export interface Login {
  readonly state: SessionState;
  /** Authenticated within the clinic's step-up period. */
  readonly fresh: boolean;
  /** An API key. */
  readonly machine: boolean;
  readonly sessionId: string;
  readonly userId: string;
  /** How the person authenticated, e.g. `password totp`. */
  readonly methods: string;
  /** Whether the person had a second factor when the session began. */
  readonly hasFactor: boolean;
}

/** Who asks, as the database derives it from the token. The texts are empty in a session without a clinic. */
export interface Actor extends Login {
  readonly staffId: string;
  readonly name: string;
  readonly email: string;
  readonly role: string;
  readonly profession: string | null;
  readonly clinicId: string;
  readonly clinicName: string;
  readonly timeZone: string;
}

/** A kind of look at patients' records, as the audit trail calls it: see audit/actions.ts. */
export interface AuditAction {
  readonly action: 'read' | 'search' | 'export';
  readonly subject: string;
}

/** What a response shows of patients' records. */
export interface Shown {
  readonly subjectId?: string | null | undefined;
  readonly patientId?: string | null | undefined;
  readonly details?: object | undefined;
}

/** What a handler works with: who asks, and the one transaction that the request is. */
export interface Ctx {
  readonly actor: Actor;
  readonly tx: EntityManager;
  readonly requestId: string;
  /** Whose record the response shows. It is recorded with the commit, before the response leaves. */
  saw(action: AuditAction, shown?: Shown): void;
  /**
   * Work that takes long or asks another server, with no connection held: the transaction is given up, the work is done, and the request begins
   * again, signs on again, and gets here again with what came out. So nothing but reading stands before it in a handler, the work's own acts
   * happen once, and a handler has one such work at most.
   */
  ahead<T>(work: () => Promise<T>): Promise<T>;
  /**
   * An effect outside the database, such as a message: it runs after the commit, with no connection held, before the response leaves. What was
   * written stays if it fails, and the request fails with its error, which says what to do.
   */
  afterCommit(effect: () => Promise<void>): void;
  /**
   * A transaction of its own, for a response that is still leaving after the request's was committed: signed on again with the same token, so
   * that it ends when the login or the permission has ended, and refused in another clinic than the request's.
   */
  readonly later: <T>(work: (ctx: Ctx) => Promise<T>) => Promise<T>;
}

export const CTX = Symbol('ctx');
/** The body as it came, of a request that carries an Idempotency-Key. */
export const BODY_TEXT = Symbol('body text');
export type RequestWithCtx = FastifyRequest & { [CTX]?: Ctx; [BODY_TEXT]?: string };

/** The request's context, for a handler's parameter. */
export const Context = createParamDecorator((_: unknown, host: ExecutionContext): Ctx => {
  const ctx = host.switchToHttp().getRequest<RequestWithCtx>()[CTX];
  if (!ctx) throw new Error('This route has no transaction: it lacks @Allow.');
  return ctx;
});

export const ALLOW = 'allow';
/** The permission that a route needs. A route without @Allow or @Public is denied to everybody. */
export const Allow = (permission: string): MethodDecorator & ClassDecorator => SetMetadata(ALLOW, permission);

export const ANY_STATE = 'any state';
/** A route of the login itself, for any signed-in person in any login state. */
export const AnyState = (): MethodDecorator & ClassDecorator => applyDecorators(SetMetadata(ANY_STATE, true), ApiSecurity('session'));

export const GATE = 'gate';
/**
 * An act that the gate, or a duty to keep, may refuse: that it was refused is recorded. The audit trail, and the reports from it, call it by
 * this name (audit/actions.ts).
 */
export const Gated = (act: string): MethodDecorator => SetMetadata(GATE, act);

export const OR_NOBODY = 'or nobody';
/**
 * A route for visitors too: where nobody is signed in it answers 204 and runs nothing, also to the cookie of a login that has ended, which a
 * browser sends by itself. A key that isn't valid is refused as everywhere.
 */
export const OrNobody = (): MethodDecorator =>
  applyDecorators(
    SetMetadata(OR_NOBODY, true),
    ApiNoContentResponse({ description: 'Nobody is signed in: there is no session cookie, or its session has ended.' }),
  );

export const SHOWN_ONCE = 'shown once';
/** A route whose answer holds a secret, so that it isn't kept for a repetition of the request. */
export const ShownOnce = (): MethodDecorator => SetMetadata(SHOWN_ONCE, true);

export const WATCHED = 'watched';
/**
 * A route that an open page asks by itself, again and again: that is no look at a record, and no sign that somebody is there, so it
 * neither goes into the record of access nor puts off the idle lock. Only for what says nothing about the patient.
 */
export const Watched = (): MethodDecorator => SetMetadata(WATCHED, true);

export const PUBLIC = 'public';
/** A route that asks nobody who they are and touches no clinic's data. */
export const Public = (): MethodDecorator & ClassDecorator => applyDecorators(SetMetadata(PUBLIC, true), ApiSecurity({}));
