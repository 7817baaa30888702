import { Injectable } from '@nestjs/common';
import type { ObjectLiteral } from 'typeorm';
import type { Ctx } from '../common/context.js';
import { hydrate } from '../database/insert.js';
import { SEARCH } from './actions.js';
import type { EventQuery, PatientName, Surroundings } from './audit.dto.js';
import { AuditEvent } from './event.entity.js';

const PAGE = 100;

/**
 * Found by the patient, risks by their discussion; and by the record's id what couldn't name the patient, such as a refused decision. A list of the patient's
 * consents shows the one that is asked for once it is decided.
 */
const STORY = `
  SELECT *
    FROM ((SELECT * FROM audit.events
            WHERE clinic_id = $1 AND patient_id = $2
              AND (split_part(subject_id, '/', 1) = ANY ($3) OR (subject = 'listConsents' AND occurred_at >= $5))
              AND id > $6 AND occurred_at >= $4 AND occurred_at <= now() + interval '1 minute'
            ORDER BY id LIMIT ${PAGE + 1})
           UNION ALL
          (SELECT * FROM audit.events
            WHERE clinic_id = $1 AND patient_id IS NULL AND subject_id = ANY ($3)
              AND id > $6 AND occurred_at >= $4 AND occurred_at <= now() + interval '1 minute'
            ORDER BY id LIMIT ${PAGE + 1})) AS found
   ORDER BY id LIMIT ${PAGE + 1}`;
const BEFORE_ALL = '00000000-0000-0000-0000-000000000000';

interface Story {
  readonly patientId: string;
  /** The ids of the records that it is about. */
  readonly subjectIds: readonly string[];
  /** Nothing happened to them earlier, which spares the partitions of earlier months. */
  readonly since: Date;
  readonly decidedAt: Date;
  readonly cursor: string | undefined;
}

@Injectable()
export class AuditService {
  /** Looking at the audit trail is a look at records: it is in the trail itself. */
  async list(ctx: Ctx, asked: EventQuery): Promise<{ events: AuditEvent[]; nextCursor: string | null }> {
    const page = await this.find(ctx, asked);
    const { text, ...filters } = asked;
    const found = [...new Set(page.events.flatMap(({ patientId }) => patientId ?? []))];
    ctx.saw(SEARCH.events, { patientId: filters.patientId, details: { query: text, filters, found } });
    return page;
  }

  /** Ids begin with the time, so that their order is that of what happened, and a page goes on by id. */
  async find(
    { tx, actor }: Ctx,
    { patientId, staffId, action, subject, outcome, from, until, text, cursor }: EventQuery & { subject?: string },
  ): Promise<{ events: AuditEvent[]; nextCursor: string | null }> {
    const query = tx
      .createQueryBuilder(AuditEvent, 'event')
      .where({
        clinicId: actor.clinicId,
        ...(patientId && { patientId }),
        ...(staffId && { staffId }),
        ...(action && { action }),
        ...(subject && { subject }),
        ...(outcome && { outcome }),
      })
      .orderBy('event.id', 'DESC')
      .take(PAGE + 1);
    if (from) query.andWhere('event.occurred_at >= app.instant(:from, false)', { from });
    if (until) query.andWhere('event.occurred_at < app.instant(:until, true)', { until });
    // The instant in the id spares the partitions of later months.
    if (cursor)
      query.andWhere(`event.id < :cursor AND event.occurred_at <= uuid_extract_timestamp(:cursor) + interval '1 minute'`, { cursor });
    if (text) {
      query.andWhere(
        `(event.id, event.occurred_at) IN (SELECT id, occurred_at FROM audit.search_events(:text, :patientId, :staffId, :action, :outcome,
           app.instant(:from, false), app.instant(:until, true), :cursor, ${PAGE + 1}))`,
        { text, patientId, staffId, action, outcome, from, until, cursor },
      );
    }
    const events = await query.getMany();
    const page = events.slice(0, PAGE);
    return { events: page, nextCursor: events.length > PAGE ? (page.at(-1)?.id ?? null) : null };
  }

  /** What happened to some records of one patient, in order. */
  async tell(
    { tx, actor }: Ctx,
    { patientId, subjectIds, since, decidedAt, cursor = BEFORE_ALL }: Story,
  ): Promise<{ events: AuditEvent[]; nextCursor: string | null }> {
    const rows = await tx.query<ObjectLiteral[]>(STORY, [actor.clinicId, patientId, subjectIds, since, decidedAt, cursor]);
    const page = rows.slice(0, PAGE).map((row) => hydrate(tx, AuditEvent, row));
    return { events: page, nextCursor: rows.length > PAGE ? (page.at(-1)?.id ?? null) : null };
  }

  /** Both, for a page of events. */
  async around(ctx: Ctx, events: readonly AuditEvent[]): Promise<Surroundings> {
    const patients = events.flatMap(({ patientId }) => patientId ?? []);
    return { logEntries: await this.logEntries(ctx, events), patients: await this.patients(ctx, patients) };
  }

  /** Which entry of the log each event is; those that wait are missing. */
  async logEntries({ tx }: Ctx, events: readonly AuditEvent[]): Promise<ReadonlyMap<string, number>> {
    const ids = events.map(({ id }) => id);
    const rows = await tx.query<{ event_id: string; leaf_index: string }[]>(
      'SELECT event_id, leaf_index FROM audit.leaves WHERE event_id = ANY ($1)',
      [ids],
    );
    return new Map(rows.map((row) => [row.event_id, Number(row.leaf_index)]));
  }

  async patients({ tx, actor }: Ctx, ids: readonly string[]): Promise<ReadonlyMap<string, PatientName>> {
    if (ids.length === 0) return new Map();
    const rows = await tx.query<PatientName[]>(
      `SELECT id, record_number AS "recordNumber", given_name AS "givenName", family_name AS "familyName"
         FROM app.patients WHERE clinic_id = $1 AND id = ANY ($2)`,
      [actor.clinicId, [...new Set(ids)]],
    );
    return new Map(rows.map((patient) => [patient.id, patient]));
  }
}
