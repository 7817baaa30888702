import { Injectable } from '@nestjs/common';
import { SEARCH } from '../audit/actions.js';
import type { PatientName } from '../audit/audit.dto.js';
import type { Ctx } from '../common/context.js';
import { readPeriod } from '../common/period.js';
import { where } from './filters.js';
import type { DisclosureFilters, PersonView, ReportFilters } from './report.dto.js';
import type { CONDITIONS, WeekCount } from './totals.dto.js';

interface Exception {
  readonly id: string;
  readonly patient_id: string;
  readonly patient: PatientName | null;
  readonly practitioner: PersonView;
  readonly started_at: string;
  readonly failing: (typeof CONDITIONS)[number][];
}

export interface Totals {
  readonly sessions: number;
  readonly covered: number;
  readonly risks: number;
  readonly exceptions: readonly Exception[];
  readonly weeks: readonly WeekCount[];
  readonly refusals: { count: number; blockers: { blocker: string; count: number }[] } | null;
}

/**
 * Each session again, from the records alone: neither the functions nor the keys of the gate have a part in it, so that it finds what
 * those would have let through. Everything is joined from the outside: what a session cites and isn't there fails as well. What came
 * next for the patient is looked up in the records' instants, beside the periods that it should have closed.
 */
const CHECKED = (conditions: string): string => `
  WITH chosen AS MATERIALIZED (
    SELECT s.* FROM app.sessions s WHERE ${conditions}),
  screened AS (
    SELECT x.id, x.patient_id, x.outcome, x.performed_at, x.clears, x.cleared_regions, x.added_risks,
           l.valid @> x.performed_at AND (a.screening_id IS NULL OR al.valid @> a.approved_at) AS licensed,
           lead(x.performed_at) OVER (PARTITION BY x.patient_id ORDER BY x.performed_at, x.id) AS next_at
      FROM app.screenings x
      LEFT JOIN app.licences            l  ON l.clinic_id  = $1 AND l.id  = x.licence_id AND l.practitioner_id  = x.performed_by
      LEFT JOIN app.screening_approvals a  ON a.clinic_id  = $1 AND a.screening_id = x.id
      LEFT JOIN app.licences            al ON al.clinic_id = $1 AND al.id = a.licence_id AND al.practitioner_id = a.approved_by
     WHERE x.clinic_id = $1 AND x.patient_id IN (SELECT patient_id FROM chosen)),
  decided AS (
    SELECT x.id, x.patient_id, x.discussion_id, x.decision, x.decided_by, x.representative_id, x.decided_at, x.in_force, x.withdrawn_at, x.regions,
           l.valid @> x.decided_at AS licensed,
           lead(x.decided_at) OVER (PARTITION BY x.patient_id ORDER BY x.decided_at, x.id) AS next_at
      FROM app.consents x
      LEFT JOIN app.licences l ON l.clinic_id = $1 AND l.id = x.licence_id AND l.practitioner_id = x.recorded_by
     WHERE x.clinic_id = $1 AND x.patient_id IN (SELECT patient_id FROM chosen)),
  pairs AS (
    SELECT DISTINCT consent_id, screening_id FROM chosen),
  consented AS (
    SELECT c.id, c.decided_at, d.id AS discussion_id, d.patient_id, d.opened_at, d.disclosure_id, disclosure.version
      FROM decided c
      JOIN app.discussions d          ON d.clinic_id          = $1 AND d.id          = c.discussion_id
      JOIN app.disclosures disclosure ON disclosure.clinic_id = $1 AND disclosure.id = d.disclosure_id
     WHERE c.id IN (SELECT consent_id FROM pairs)),
  discussed AS (
    SELECT c.id AS consent_id, r.code, l.valid @> r.discussed_at IS TRUE AS licensed
      FROM consented c
      JOIN app.discussed_risks r ON r.clinic_id = $1 AND r.discussion_id = c.discussion_id
      LEFT JOIN app.licences l   ON l.clinic_id = $1 AND l.id = r.licence_id AND l.practitioner_id = r.discussed_by
     WHERE r.discussed_at <= c.decided_at),
  required AS (
    SELECT p.consent_id, p.screening_id, r.code
      FROM pairs p
      JOIN consented c            ON c.id = p.consent_id
      JOIN app.disclosure_risks r ON r.clinic_id = $1 AND r.disclosure_id = c.disclosure_id
     WHERE r.always
     UNION
    SELECT p.consent_id, p.screening_id, unnest(x.added_risks)
      FROM pairs p JOIN screened x ON x.id = p.screening_id),
  covered AS (
    SELECT required.consent_id, required.screening_id, bool_and(discussed.licensed) AS licensed
      FROM required LEFT JOIN discussed USING (consent_id, code)
     GROUP BY required.consent_id, required.screening_id
    HAVING count(*) = count(discussed.code)),
  checked AS (
    SELECT s.id, s.patient_id, s.practitioner_id, s.started_at, array_remove(ARRAY[
             CASE WHEN (l.valid @> s.started_at AND (l.revoked_at > s.started_at OR l.revoked_at IS NULL)) IS NOT TRUE THEN 'licence' END,
             CASE WHEN (x.clears @> s.started_at AND x.outcome <> 'referred' AND x.performed_at <= s.started_at
                        AND (x.next_at > s.started_at OR x.next_at IS NULL)) IS NOT TRUE THEN 'screening' END,
             CASE WHEN (c.in_force @> s.started_at AND c.decision = 'given' AND c.decided_at <= s.started_at
                        AND (c.next_at > s.started_at OR c.next_at IS NULL)
                        AND (c.withdrawn_at > s.started_at OR c.withdrawn_at IS NULL)) IS NOT TRUE THEN 'consent' END,
             CASE WHEN (covered.consent_id IS NOT NULL AND d.patient_id = s.patient_id AND d.opened_at <= c.decided_at) IS NOT TRUE THEN 'risks' END,
             CASE WHEN (x.id IS NOT NULL AND x.licensed IS NOT TRUE) OR (c.id IS NOT NULL AND c.licensed IS NOT TRUE)
                    OR (covered.consent_id IS NOT NULL AND covered.licensed IS NOT TRUE) THEN 'unlicensed' END,
             CASE WHEN (c.regions && x.cleared_regions) IS NOT TRUE THEN 'region' END,
             CASE WHEN c.decided_by <> 'patient' AND (r.valid @> c.decided_at
                        AND (r.ended_at > s.started_at OR r.ended_at IS NULL)) IS NOT TRUE THEN 'authority' END,
             CASE WHEN (s.nothing_changed AND s.still_consents) IS NOT TRUE THEN 'check' END,
             CASE WHEN (s.consented_regions = c.regions AND s.disclosure_version = d.version) IS NOT TRUE THEN 'record' END], NULL) AS failing
      FROM chosen s
      LEFT JOIN app.licences        l ON l.clinic_id = $1 AND l.id = s.licence_id AND l.practitioner_id = s.practitioner_id
      LEFT JOIN screened            x ON x.id = s.screening_id AND x.patient_id = s.patient_id
      LEFT JOIN decided             c ON c.id = s.consent_id   AND c.patient_id = s.patient_id
      LEFT JOIN consented           d ON d.id = s.consent_id
      LEFT JOIN covered               ON covered.consent_id = s.consent_id AND covered.screening_id = s.screening_id
      LEFT JOIN app.representatives r ON r.clinic_id = $1 AND r.id = c.representative_id AND r.patient_id = s.patient_id)
  SELECT count(*)::int AS sessions,
         count(*) FILTER (WHERE failing = '{}')::int AS covered,
         (SELECT count(*)::int FROM discussed) AS risks,
         COALESCE((SELECT json_agg(failed)
                     FROM (SELECT checked.id, patient_id, started_at, failing,
                                  json_build_object('id', practitioner_id, 'name', COALESCE(who.name, '')) AS practitioner,
                                  CASE WHEN p.id IS NOT NULL
                                       THEN json_build_object('id', p.id, 'recordNumber', p.record_number,
                                                              'givenName', p.given_name, 'familyName', p.family_name) END AS patient
                             FROM checked
                             LEFT JOIN app.staff    who ON who.clinic_id = $1 AND who.id = practitioner_id
                             LEFT JOIN app.patients p   ON p.clinic_id   = $1 AND p.id   = patient_id
                            WHERE failing <> '{}' ORDER BY started_at DESC, checked.id DESC LIMIT 100) AS failed), '[]') AS exceptions,
         COALESCE((SELECT json_agg(counted ORDER BY week)
                     FROM (SELECT date_trunc('week', started_at AT TIME ZONE (SELECT time_zone FROM app.clinics WHERE id = $1))::date AS week,
                                  count(*) AS sessions, count(*) FILTER (WHERE failing = '{}') AS covered
                             FROM checked GROUP BY 1 ORDER BY 1 DESC LIMIT 53) AS counted), '[]') AS weeks
    FROM checked`;

/** For this transaction: a clinic's whole history may take longer than other requests may, and joins that fit in memory. */
const FOR_LONG = `SET LOCAL statement_timeout = '60s'; SET LOCAL work_mem = '64MB'`;

/** Refused starts, and how often each blocker was in the way. Of values that were erased the count alone is left. */
const REFUSALS = `
  WITH refused AS MATERIALIZED (
    SELECT e.details::jsonb AS details
      FROM audit.events e
     WHERE e.clinic_id = $1 AND e.action = 'refusal' AND e.subject = 'startSession'
       AND e.occurred_at >= $2::timestamptz AND e.occurred_at < $3::timestamptz
       AND ($4::uuid IS NULL OR e.staff_id   = $4)
       AND ($5::uuid IS NULL OR e.patient_id = $5))
  SELECT (SELECT count(*)::int FROM refused) AS count,
         COALESCE((SELECT json_agg(json_build_object('blocker', blocker, 'count', count) ORDER BY count DESC, blocker)
                     FROM (SELECT blocker, count(*) AS count
                             FROM refused, jsonb_array_elements_text(details -> 'blockers') AS blocker
                            GROUP BY blocker) AS counted), '[]') AS blockers`;

@Injectable()
export class TotalsService {
  async count(ctx: Ctx, given: DisclosureFilters): Promise<Totals> {
    const filters = { ...given, ...(await readPeriod(ctx.tx, given)) };
    const { sql, values } = where(ctx.actor.clinicId, filters);
    await ctx.tx.query(FOR_LONG);
    const [sessions] = await ctx.tx.query<Omit<Totals, 'refusals'>[]>(CHECKED(sql), values);
    if (!sessions) throw new Error('A count without a row.');
    const found = [...new Set(sessions.exceptions.map(({ patient_id }) => patient_id))];
    ctx.saw(SEARCH.totals, { patientId: given.patientId, details: { filters: given, found } });
    const { region, disclosureVersion, ...common } = filters;
    return { ...sessions, refusals: (region ?? disclosureVersion) ? null : await this.countRefusals(ctx, common) };
  }

  private async countRefusals(ctx: Ctx, { from, until, practitionerId, patientId }: ReportFilters): Promise<Totals['refusals']> {
    const [refusals] = await ctx.tx.query<NonNullable<Totals['refusals']>[]>(REFUSALS, [
      ctx.actor.clinicId,
      from ?? '-infinity',
      until ?? 'infinity',
      practitionerId ?? null,
      patientId ?? null,
    ]);
    return refusals ?? null;
  }
}
