import { Injectable } from '@nestjs/common';
import { READ } from '../audit/actions.js';
import { AuditService } from '../audit/audit.service.js';
import type { AuditEvent } from '../audit/event.entity.js';
import type { Ctx } from '../common/context.js';
import { notFound } from '../common/errors.js';
import { Consent } from './consent.entity.js';

interface Related {
  readonly discussion_id: string;
  readonly screening_id: string;
  readonly screened_at: Date;
  readonly sessions: string[];
}

interface ConsentTimeline {
  readonly consent: Consent;
  readonly events: readonly AuditEvent[];
  /** Which entry of the log each event is. */
  readonly logEntries: ReadonlyMap<string, number>;
  readonly nextCursor: string | null;
}

/** The screening that the consent rests on, its discussion, and the sessions that cited it. */
const RELATED = `
  SELECT d.id AS discussion_id, x.id AS screening_id, x.performed_at AS screened_at,
         ARRAY(SELECT s.id FROM app.sessions s WHERE s.clinic_id = d.clinic_id AND s.consent_id = $2) AS sessions
    FROM app.discussions d
    JOIN app.screenings  x ON x.clinic_id = d.clinic_id AND x.id = d.screening_id
   WHERE d.clinic_id = $1 AND d.id = $3`;

@Injectable()
export class ConsentHistoryService {
  constructor(private readonly audit: AuditService) {}

  /** What the record of what happened tells of a consent, in order. */
  async timeline(ctx: Ctx, id: string, cursor?: string): Promise<ConsentTimeline> {
    const consent = await ctx.tx.findOne(Consent, { where: { clinicId: ctx.actor.clinicId, id } });
    if (!consent) throw notFound('consent');
    ctx.saw(READ.consentHistory, { subjectId: id, patientId: consent.patientId });
    const [related] = await ctx.tx.query<Related[]>(RELATED, [ctx.actor.clinicId, id, consent.discussionId]);
    if (!related) throw notFound('discussion');
    const { events, nextCursor } = await this.audit.tell(ctx, {
      patientId: consent.patientId,
      subjectIds: [id, related.discussion_id, related.screening_id, ...related.sessions],
      since: related.screened_at,
      decidedAt: consent.decidedAt,
      cursor,
    });
    return { consent, events, logEntries: await this.audit.logEntries(ctx, events), nextCursor };
  }
}
