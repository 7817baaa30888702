import { Injectable } from '@nestjs/common';
import { READ } from '../audit/actions.js';
import type { Ctx } from '../common/context.js';
import { malformed, notFound } from '../common/errors.js';
import { insert, update } from '../database/insert.js';
import { PatientsService } from '../patients/patients.service.js';
import type { Decider, RecordDecision, WithdrawConsent } from './consent.dto.js';
import { Consent } from './consent.entity.js';

@Injectable()
export class ConsentsService {
  constructor(private readonly patients: PatientsService) {}

  /** Records the decision on a discussion. Given or refused, it ends the patient's earlier consent. */
  async record(ctx: Ctx, discussionId: string, decision: RecordDecision): Promise<Consent> {
    return insert(ctx.tx, Consent, {
      discussionId,
      decision: decision.decision,
      regions: decision.regions ?? null,
      decidedBy: decision.decidedBy.kind,
      representativeId: representative('decidedBy', decision.decidedBy),
      capacityConfirmed: decision.capacityConfirmed ?? false,
      alternativesDiscussed: decision.alternativesDiscussed ?? false,
      rightToWithdrawTold: decision.rightToWithdrawTold ?? false,
      teachBack: decision.teachBack ?? null,
      signature: decision.signature ?? null,
      witness: decision.witness ?? null,
    });
  }

  async list(ctx: Ctx, patientId: string): Promise<Consent[]> {
    await this.patients.require(ctx, patientId);
    ctx.saw(READ.consents, { subjectId: patientId, patientId });
    return ctx.tx.find(Consent, { where: { clinicId: ctx.actor.clinicId, patientId }, order: { decidedAt: 'DESC' }, take: 500 });
  }

  async get(ctx: Ctx, id: string): Promise<Consent> {
    const consent = await ctx.tx.findOne(Consent, { where: { clinicId: ctx.actor.clinicId, id } });
    if (!consent) throw notFound('consent');
    ctx.saw(READ.consent, { subjectId: id, patientId: consent.patientId });
    return consent;
  }

  /** Ends a consent at the server's instant, permanently. From then on no session starts and no manipulation is recorded on it. */
  async withdraw(ctx: Ctx, id: string, { reason, withdrawnBy }: WithdrawConsent): Promise<Consent> {
    const consent = await update(
      ctx.tx,
      Consent,
      { clinicId: ctx.actor.clinicId, id },
      { withdrawnBy: withdrawnBy.kind, withdrawnByRepresentative: representative('withdrawnBy', withdrawnBy), withdrawalReason: reason },
    );
    if (!consent) throw notFound('consent');
    return consent;
  }
}

function representative(field: string, { kind, id }: Decider): string | null {
  if (kind === 'patient' && id !== undefined)
    throw malformed([{ field: `${field}.id`, message: 'names a representative, so kind must be representative' }]);
  return id ?? null;
}
