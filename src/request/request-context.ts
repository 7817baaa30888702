import type { EntityManager } from 'typeorm';
import type { Actor, AuditAction, Ctx, Shown } from '../common/context.js';
import type { AuditRecord } from './transaction.js';

/** A transaction's context, and what the work in it leaves for its end. */
export class RequestContext implements Ctx {
  readonly records: AuditRecord[] = [];
  readonly effects: (() => Promise<void>)[] = [];

  constructor(
    readonly actor: Actor,
    readonly tx: EntityManager,
    readonly requestId: string,
    readonly later: Ctx['later'],
  ) {}

  saw({ action, subject }: AuditAction, shown: Shown = {}): void {
    this.records.push({ action, subject, ...shown });
  }

  afterCommit(effect: () => Promise<void>): void {
    this.effects.push(effect);
  }
}
