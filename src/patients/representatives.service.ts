import { Injectable } from '@nestjs/common';
import type { Ctx } from '../common/context.js';
import { toRange } from '../common/period.js';
import { insert } from '../database/insert.js';
import { PatientsService } from './patients.service.js';
import type { RecordRepresentative } from './representative.dto.js';
import { Representative } from './representative.entity.js';

@Injectable()
export class RepresentativesService {
  constructor(private readonly patients: PatientsService) {}

  async record(ctx: Ctx, patientId: string, { validFrom, validUntil, ...representative }: RecordRepresentative): Promise<Representative> {
    const valid = await toRange(ctx.tx, validFrom, validUntil);
    return insert(ctx.tx, Representative, { ...representative, patientId, valid: valid as never });
  }

  async list(ctx: Ctx, patientId: string): Promise<Representative[]> {
    await this.patients.get(ctx, patientId);
    return ctx.tx.find(Representative, { where: { clinicId: ctx.actor.clinicId, patientId }, order: { id: 'DESC' }, take: 500 });
  }
}
