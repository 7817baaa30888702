import { Injectable } from '@nestjs/common';
import { ACT, SEARCH } from '../audit/actions.js';
import type { PatientName } from '../audit/audit.dto.js';
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
    asked: RefusalQuery,
  ): Promise<{ events: AuditEvent[]; patients: ReadonlyMap<string, PatientName>; nextCursor: string | null }> {
    const { practitionerId, patientId, cursor, ...given } = asked;
    const period = await readPeriod(ctx.tx, given);
    const query = { ...period, staffId: practitionerId, patientId, cursor, action: 'refusal', subject: ACT.startSession };
    const { events, nextCursor } = await this.audit.find(ctx, query);
    const ids = [...new Set(events.flatMap((event) => event.patientId ?? []))];
    ctx.saw(SEARCH.refusals, { patientId, details: { filters: asked, found: ids } });
    return { events, patients: await this.audit.patients(ctx, ids), nextCursor };
  }
}
