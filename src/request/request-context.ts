import type { EntityManager } from 'typeorm';
import type { Actor, AuditAction, Ctx, Shown } from '../common/context.js';
import type { AuditRecord } from './transaction.js';

/** Thrown to give a transaction up until some work is done. */
export class WorkAhead extends Error {
  constructor(readonly work: () => Promise<unknown>) {
    super('Not caught: work that is to be done without a connection.');
  }
}

/** A transaction's context, and what the work in it leaves for its end. */
export class RequestContext implements Ctx {
  readonly records: AuditRecord[] = [];
  readonly effects: (() => Promise<void>)[] = [];

  constructor(
    readonly actor: Actor,
    readonly tx: EntityManager,
    readonly requestId: string,
    readonly later: Ctx['later'],
    /** What came out of the work, when the request began again. */
    private readonly done?: PromiseSettledResult<unknown>,
  ) {}

  async ahead<T>(work: () => Promise<T>): Promise<T> {
    if (!this.done) throw new WorkAhead(work);
    if (this.done.status === 'rejected') throw this.done.reason;
    return this.done.value as T;
  }

  saw({ action, subject }: AuditAction, shown: Shown = {}): void {
    this.records.push({ action, subject, ...shown });
  }

  afterCommit(effect: () => Promise<void>): void {
    this.effects.push(effect);
  }
}
