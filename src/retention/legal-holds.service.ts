import { Injectable } from '@nestjs/common';
import { READ } from '../audit/actions.js';
import type { Ctx } from '../common/context.js';
import { notFound } from '../common/errors.js';
import { insert, update } from '../database/insert.js';
import { PatientsService } from '../patients/patients.service.js';
import { LegalHold } from './legal-hold.entity.js';

@Injectable()
export class LegalHoldsService {
  constructor(private readonly patients: PatientsService) {}

  async place(ctx: Ctx, patientId: string, reason: string): Promise<LegalHold> {
    return insert(ctx.tx, LegalHold, { patientId, reason });
  }

  async list(ctx: Ctx, patientId: string): Promise<LegalHold[]> {
    await this.patients.require(ctx, patientId);
    ctx.saw(READ.legalHolds, { subjectId: patientId, patientId });
    return ctx.tx.find(LegalHold, { where: { clinicId: ctx.actor.clinicId, patientId }, order: { id: 'DESC' }, take: 500 });
  }

  /** The database puts in who and when. The hold stays on record. */
  async lift(ctx: Ctx, id: string, reason: string): Promise<LegalHold> {
    const hold = await update(ctx.tx, LegalHold, { clinicId: ctx.actor.clinicId, id }, { liftReason: reason });
    if (!hold) throw notFound('legal hold');
    return hold;
  }
}
