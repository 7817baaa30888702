import { Injectable } from '@nestjs/common';
import type { Ctx } from '../common/context.js';
import type { EventQuery } from './audit.dto.js';
import { AuditEvent } from './event.entity.js';

const PAGE = 100;

@Injectable()
export class AuditService {
  /** Ids begin with the time, so that their order is that of what happened, and a page goes on by id. */
  async find(
    { tx, actor }: Ctx,
    { patientId, staffId, action, outcome, from, until, cursor }: EventQuery,
  ): Promise<{ events: AuditEvent[]; nextCursor: string | null }> {
    const query = tx
      .createQueryBuilder(AuditEvent, 'event')
      .where({
        clinicId: actor.clinicId,
        ...(patientId && { patientId }),
        ...(staffId && { staffId }),
        ...(action && { action }),
        ...(outcome && { outcome }),
      })
      .orderBy('event.id', 'DESC')
      .take(PAGE + 1);
    if (from) query.andWhere('event.occurred_at >= app.instant(:from, false)', { from });
    if (until) query.andWhere('event.occurred_at < app.instant(:until, true)', { until });
    // The instant in the id spares the partitions of later months.
    if (cursor)
      query.andWhere(`event.id < :cursor AND event.occurred_at <= uuid_extract_timestamp(:cursor) + interval '1 minute'`, { cursor });
    const events = await query.getMany();
    const page = events.slice(0, PAGE);
    return { events: page, nextCursor: events.length > PAGE ? (page.at(-1)?.id ?? null) : null };
  }
}
