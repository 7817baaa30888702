import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { SEARCH } from '../audit/actions.js';
import type { Ctx } from '../common/context.js';
import { malformed } from '../common/errors.js';
import { readPeriod } from '../common/period.js';
import type { MODES } from '../consent/discussion.entity.js';
import type { Region } from '../screening/anatomy.js';
import type { ReportKind } from '../sessions/patient-report.entity.js';
import { where } from './filters.js';
import type { DisclosureFilters, DisclosureQuery } from './report.dto.js';

const PAGE = 100;

/** A session with what it cited. What was cited and is missing is null. */
export interface ReportSession {
  readonly id: string;
  readonly started_at: Date;
  /** To the microsecond, which a Date doesn't hold. */
  readonly started_text: string;
  readonly practitioner_id: string;
  readonly practitioner_name: string | null;
  readonly patient_id: string;
  readonly record_number: string | null;
  readonly given_name: string | null;
  readonly family_name: string | null;
  readonly consent_id: string | null;
  readonly decided_at: Date;
  readonly decided_by: 'patient' | 'representative';
  readonly regions: Region[] | null;
  readonly representative_id: string | null;
  readonly representative_name: string | null;
  readonly relationship: string | null;
  readonly discussion_id: string | null;
  readonly mode: (typeof MODES)[number];
  readonly language: string;
  readonly interpreter: string | null;
  readonly disclosure_id: string | null;
  readonly version: number;
}

export interface ReportRisk {
  readonly discussion_id: string;
  readonly code: string;
  readonly title: string;
  readonly discussed_at: Date;
  readonly discussed_by: string;
  readonly discussed_by_name: string | null;
}

/** What the patient reported between the session before and this one. */
export interface ReportedBefore {
  readonly session_id: string;
  readonly kind: ReportKind;
  readonly words: string;
  readonly reported_at: Date;
  readonly recorded_by: string;
  readonly recorded_by_name: string | null;
  readonly retracted_at: Date | null;
}

export interface ReportRow {
  readonly session: ReportSession;
  readonly risks: ReportRisk[];
  readonly reports: ReportedBefore[];
}

/** Where a page goes on: behind this session, newest first. */
type Place = Pick<ReportSession, 'started_text' | 'id'>;

/** The page is cut first, so that only its rows are joined. */
const SESSIONS = (conditions: string, limit: number): string => `
  WITH page AS MATERIALIZED (
    SELECT s.clinic_id, s.id, s.started_at, s.patient_id, s.practitioner_id, s.consent_id
      FROM app.sessions s
     WHERE ${conditions}
     ORDER BY s.started_at DESC, s.id DESC
     LIMIT ${limit})
  SELECT page.id, page.started_at, page.started_at::text AS started_text, page.practitioner_id, page.patient_id,
         practitioner.name AS practitioner_name, p.record_number, p.given_name, p.family_name,
         c.id AS consent_id, c.decided_at, c.decided_by, c.regions,
         c.representative_id, representative.name AS representative_name, representative.relationship,
         d.id AS discussion_id, d.mode, d.language, d.interpreter, disclosure.id AS disclosure_id, disclosure.version
    FROM page
    LEFT JOIN app.staff           practitioner   ON practitioner.clinic_id   = page.clinic_id AND practitioner.id   = page.practitioner_id
    LEFT JOIN app.patients        p              ON p.clinic_id              = page.clinic_id AND p.id              = page.patient_id
    LEFT JOIN app.consents        c              ON c.clinic_id              = page.clinic_id AND c.id              = page.consent_id
    LEFT JOIN app.representatives representative ON representative.clinic_id = c.clinic_id    AND representative.id = c.representative_id
    LEFT JOIN app.discussions     d              ON d.clinic_id              = c.clinic_id    AND d.id              = c.discussion_id
    LEFT JOIN app.disclosures     disclosure     ON disclosure.clinic_id     = d.clinic_id    AND disclosure.id     = d.disclosure_id
   ORDER BY page.started_at DESC, page.id DESC`;

const RISKS = `
  SELECT r.discussion_id, r.code, r.title, r.discussed_at, r.discussed_by, who.name AS discussed_by_name
    FROM app.discussed_risks r
    LEFT JOIN app.staff who ON who.clinic_id = r.clinic_id AND who.id = r.discussed_by
   WHERE r.clinic_id = $1 AND r.discussion_id = ANY ($2)
   ORDER BY r.discussed_at, r.code`;

const REPORTS = `
  SELECT s.id AS session_id, r.kind, r.words, r.reported_at, r.recorded_by, who.name AS recorded_by_name, r.retracted_at
    FROM app.sessions s
    JOIN app.patient_reports r ON r.clinic_id = s.clinic_id AND r.patient_id = s.patient_id AND r.reported_at < s.started_at
    LEFT JOIN app.staff who ON who.clinic_id = r.clinic_id AND who.id = r.recorded_by
   WHERE s.clinic_id = $1 AND s.id = ANY ($2)
     AND NOT EXISTS (SELECT FROM app.sessions nearer
                      WHERE nearer.clinic_id = s.clinic_id AND nearer.patient_id = s.patient_id
                        AND nearer.started_at > r.reported_at AND nearer.started_at < s.started_at)
   ORDER BY r.reported_at`;

/** Sessions with their consent, the risks discussed before it, and what the patient reported since the session before; newest first. */
@Injectable()
export class DisclosuresService {
  async find(ctx: Ctx, query: DisclosureQuery): Promise<{ rows: ReportRow[]; nextCursor: string | null }> {
    const { cursor, ...filters } = query;
    const period = await readPeriod(ctx.tx, filters);
    const after = cursor === undefined ? undefined : await this.placeOf(ctx, cursor);
    // One more than the page holds tells whether there is another page.
    const rows = await this.page(ctx.tx, ctx.actor.clinicId, { ...filters, ...period }, PAGE + 1, after);
    const page = rows.slice(0, PAGE);
    const found = [...new Set(page.map(({ session }) => session.patient_id))];
    ctx.saw(SEARCH.sessions, { patientId: filters.patientId, details: { filters: query, found } });
    return { rows: page, nextCursor: rows.length > PAGE ? (page.at(-1)?.session.id ?? null) : null };
  }

  /** The filters' period is in instants; see readPeriod. */
  async page(tx: EntityManager, clinicId: string, filters: DisclosureFilters, limit: number, after?: Place): Promise<ReportRow[]> {
    const { sql, values } = where(clinicId, filters, after && { startedAt: after.started_text, id: after.id });
    const sessions = await tx.query<ReportSession[]>(SESSIONS(sql, limit), values);
    const discussions = [...new Set(sessions.flatMap(({ discussion_id }) => discussion_id ?? []))];
    const risks = discussions.length === 0 ? [] : await tx.query<ReportRisk[]>(RISKS, [clinicId, discussions]);
    const byDiscussion = new Map<string | null, ReportRisk[]>(discussions.map((id) => [id, []]));
    for (const risk of risks) byDiscussion.get(risk.discussion_id)?.push(risk);
    const reports = sessions.length === 0 ? [] : await tx.query<ReportedBefore[]>(REPORTS, [clinicId, sessions.map(({ id }) => id)]);
    return sessions.map((session) => ({
      session,
      risks: byDiscussion.get(session.discussion_id) ?? [],
      reports: reports.filter(({ session_id }) => session_id === session.id),
    }));
  }

  private async placeOf(ctx: Ctx, id: string): Promise<Place> {
    const [place] = await ctx.tx.query<Place[]>(
      'SELECT started_at::text AS started_text, id FROM app.sessions WHERE clinic_id = $1 AND id = $2',
      [ctx.actor.clinicId, id],
    );
    if (!place) throw malformed([{ field: 'cursor', message: 'must be the nextCursor of an earlier page' }]);
    return place;
  }
}
