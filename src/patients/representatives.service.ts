import { Injectable } from '@nestjs/common';
import { READ } from '../audit/actions.js';
import type { Ctx } from '../common/context.js';
import { notFound } from '../common/errors.js';
import { toRange } from '../common/period.js';
import { insert, update } from '../database/insert.js';
import { PatientsService } from './patients.service.js';
import type { EndAuthority, RecordRepresentative } from './representative.dto.js';
import { Representative } from './representative.entity.js';

@Injectable()
export class RepresentativesService {
  constructor(private readonly patients: PatientsService) {}

  async record(ctx: Ctx, patientId: string, { validFrom, validUntil, ...representative }: RecordRepresentative): Promise<Representative> {
    const valid = await toRange(ctx.tx, validFrom, validUntil);
    return insert(ctx.tx, Representative, { ...representative, patientId, valid: valid as never });
  }

  async list(ctx: Ctx, patientId: string): Promise<Representative[]> {
    await this.patients.require(ctx, patientId);
    ctx.saw(READ.representatives, { subjectId: patientId, patientId });
    return ctx.tx.find(Representative, { where: { clinicId: ctx.actor.clinicId, patientId }, order: { id: 'DESC' }, take: 500 });
  }

  /** Ends the authority now, permanently, and the consent in force that was given by it. */
  async end(ctx: Ctx, id: string, { reason, note }: EndAuthority): Promise<Representative> {
    const where = { clinicId: ctx.actor.clinicId, id };
    const representative = await update(ctx.tx, Representative, where, { endReason: reason, endNote: note ?? null });
    if (!representative) throw notFound('representative');
    return representative;
  }
}
