import { Injectable } from '@nestjs/common';
import { AuditService } from '../audit/audit.service.js';
import type { AuditEvent } from '../audit/event.entity.js';
import type { Ctx } from '../common/context.js';
import { readPeriod } from '../common/period.js';
import type { RefusalQuery } from './report.dto.js';

/** Starts that the gate refused, from the record of what happened. */
@Injectable()
export class RefusalsService {
  constructor(private readonly audit: AuditService) {}

  async find(
    ctx: Ctx,
    { practitionerId, patientId, cursor, ...given }: RefusalQuery,
  ): Promise<{ events: AuditEvent[]; nextCursor: string | null }> {
    const period = await readPeriod(ctx.tx, given);
    return this.audit.find(ctx, { ...period, staffId: practitionerId, patientId, cursor, action: 'refusal', subject: 'startSession' });
  }
}
