import { Injectable } from '@nestjs/common';
import { SEARCH } from '../audit/actions.js';
import type { Ctx } from '../common/context.js';
import type { ReportKind } from '../sessions/patient-report.entity.js';

export interface TodayPatientRow {
  patient_id: string;
  record_number: string;
  given_name: string;
  family_name: string;
  birth_date: string;
}

interface SessionRow extends TodayPatientRow {
  id: string;
  practitioner_id: string;
  practitioner_name: string;
  started_at: Date;
}

interface DiscussionRow extends TodayPatientRow {
  id: string;
  opened_at: Date;
  discussed_risks: number;
}

interface ApprovalRow extends TodayPatientRow {
  screening_id: string;
  screened_at: Date;
  screened_by: string;
}

interface ReportedRow extends TodayPatientRow {
  id: string;
  kind: ReportKind;
  words: string;
  reported_at: Date;
  recorded_by: string;
}

interface LapseRow extends TodayPatientRow {
  screening_until: Date | null;
  consent_until: Date | null;
}

interface RecentRow extends TodayPatientRow {
  at: Date;
  open_session_id: string | null;
  screened: boolean;
  consented: boolean;
}

interface LicenceRow {
  id: string;
  practitioner_id: string;
  practitioner_name: string;
  authority: string;
  number: string;
  until: Date;
}

export interface Today {
  sessions: SessionRow[];
  discussions: DiscussionRow[];
  approvals: ApprovalRow[];
  reported: ReportedRow[];
  lapsing: LapseRow[];
  treated: RecentRow[];
  registered: RecentRow[];
  licences: LicenceRow[];
}

const PATIENT = 'p.id AS patient_id, p.record_number, p.given_name, p.family_name, p.birth_date::text';

/** $1 is the clinic, $2 who asks. What a role may not see, the policies of the tables leave out. */
const OPEN_SESSIONS = `
  SELECT ${PATIENT}, s.id, s.practitioner_id, who.name AS practitioner_name, s.started_at
    FROM app.sessions s
    JOIN app.patients p ON p.clinic_id = s.clinic_id AND p.id = s.patient_id
    JOIN app.staff  who ON who.clinic_id = s.clinic_id AND who.id = s.practitioner_id
   WHERE s.clinic_id = $1 AND s.ended_at IS NULL
   ORDER BY s.practitioner_id = $2 DESC, s.started_at
   LIMIT 50`;

/** Ids begin with the time, so that the key finds the last 30 days. */
const OPEN_DISCUSSIONS = `
  SELECT ${PATIENT}, d.id, d.opened_at,
         (SELECT count(*)::integer FROM app.discussed_risks r WHERE r.clinic_id = d.clinic_id AND r.discussion_id = d.id) AS discussed_risks
    FROM app.discussions d
    JOIN app.patients p ON p.clinic_id = d.clinic_id AND p.id = d.patient_id
   WHERE d.clinic_id = $1 AND d.practitioner_id = $2 AND d.id >= (SELECT uuidv7(interval '-30 days'))
     AND p.archived_at IS NULL AND app.awaits_decision(d)
   ORDER BY d.id DESC
   LIMIT 20`;

/** As app.approve_screening() would take it: the newest of the patient, by somebody else, and a region more would be cleared. */
const APPROVALS = `
  SELECT ${PATIENT}, s.id AS screening_id, s.performed_at AS screened_at, who.name AS screened_by
    FROM app.screenings s
    JOIN app.patients p   ON p.clinic_id = s.clinic_id AND p.latest_screening_id = s.id AND p.id = s.patient_id
    JOIN app.staff    who ON who.clinic_id = s.clinic_id AND who.id = s.performed_by
   WHERE s.clinic_id = $1 AND s.clinic_id = (SELECT app.clinic_for('screening.approve')) AND s.performed_by <> $2
     AND s.findings <> '[]' AND s.ended_because IS NULL AND NOT s.unlicensed AND s.id >= (SELECT uuidv7(interval '-30 days'))
     AND app.screening_valid_until(s) > now() AND p.archived_at IS NULL
     AND app.approvable_regions(s) <> s.cleared_regions
   ORDER BY s.id
   LIMIT 20`;

/** What patients reported in the last 30 days and nobody has followed up: there is no newer screening, no newer decision. */
const REPORTED = `
  SELECT ${PATIENT}, r.id, r.kind, r.words, r.reported_at, who.name AS recorded_by
    FROM app.patient_reports r
    JOIN app.patients p   ON p.clinic_id = r.clinic_id AND p.id = r.patient_id
    JOIN app.staff    who ON who.clinic_id = r.clinic_id AND who.id = r.recorded_by
   WHERE r.clinic_id = $1 AND r.id >= (SELECT uuidv7(interval '-30 days')) AND r.retracted_at IS NULL AND p.archived_at IS NULL
     AND (r.screening_id = p.latest_screening_id
          OR EXISTS (SELECT FROM app.consents c
                      WHERE c.clinic_id = r.clinic_id AND c.id = r.consent_id AND c.id = p.latest_consent_id AND c.ended_because = 'doubted'))
   ORDER BY r.id DESC
   LIMIT 30`;

const LAPSING = `
  WITH mine AS (
    SELECT DISTINCT s.patient_id
      FROM app.sessions s
     WHERE s.clinic_id = $1 AND s.practitioner_id = $2 AND s.started_at >= now() - interval '90 days'),
  ends AS (
    SELECT ${PATIENT},
           CASE WHEN upper(s.clears)   <= now() + interval '14 days' AND app.screening_state(s) LIKE 'cleared%' THEN upper(s.clears)   END AS screening_until,
           CASE WHEN upper(c.in_force) <= now() + interval '14 days' AND app.consent_state(c) = 'in_force'      THEN upper(c.in_force) END AS consent_until
      FROM mine
      JOIN app.patients   p      ON p.clinic_id = $1 AND p.id = mine.patient_id
      LEFT JOIN app.screenings s ON s.clinic_id = $1 AND s.id = p.latest_screening_id
      LEFT JOIN app.consents   c ON c.clinic_id = $1 AND c.id = p.latest_consent_id
     WHERE p.archived_at IS NULL)
  SELECT * FROM ends
   WHERE num_nonnulls(screening_until, consent_until) > 0
   ORDER BY LEAST(screening_until, consent_until), patient_id
   LIMIT 30`;

/** The patients of a list `recent (patient_id, at)`, each with what comes next. */
const STANDING = `
  SELECT ${PATIENT}, recent.at,
         (SELECT s.id FROM app.sessions s WHERE s.clinic_id = $1 AND s.patient_id = p.id AND s.ended_at IS NULL) AS open_session_id,
         app.screening_state(screening) LIKE 'cleared%' AS screened,
         app.consent_state(consent) = 'in_force'        AS consented
    FROM recent
    JOIN app.patients        p         ON p.clinic_id         = $1 AND p.id         = recent.patient_id
    LEFT JOIN app.screenings screening ON screening.clinic_id = $1 AND screening.id = p.latest_screening_id
    LEFT JOIN app.consents   consent   ON consent.clinic_id   = $1 AND consent.id   = p.latest_consent_id
   WHERE p.archived_at IS NULL
   ORDER BY recent.at DESC, p.id
   LIMIT 8`;

const TREATED = `
  WITH latest AS (
    SELECT s.patient_id, s.started_at FROM app.sessions s WHERE s.clinic_id = $1 AND s.practitioner_id = $2
     ORDER BY s.started_at DESC LIMIT 60),
  recent AS (SELECT patient_id, max(started_at) AS at FROM latest GROUP BY patient_id)
  ${STANDING}`;

const REGISTERED = `
  WITH recent AS (
    SELECT p.id AS patient_id, p.registered_at AS at FROM app.patients p WHERE p.clinic_id = $1 AND p.archived_at IS NULL
     ORDER BY p.id DESC LIMIT 8)
  ${STANDING}`;

const LICENCES = `
  SELECT l.id, l.practitioner_id, who.name AS practitioner_name, l.authority, l.number, upper(l.valid) AS until
    FROM app.licences l
    JOIN app.staff who ON who.clinic_id = l.clinic_id AND who.id = l.practitioner_id
   WHERE l.clinic_id = $1 AND (l.practitioner_id = $2 OR l.clinic_id = (SELECT app.clinic_for('staff.read')))
     AND l.revoked_at IS NULL AND upper(l.valid) <= now() + interval '60 days'
     AND who.active @> now() AND who.role = 'practitioner'
     AND NOT EXISTS (SELECT FROM app.licences later
                      WHERE later.clinic_id = l.clinic_id AND later.practitioner_id = l.practitioner_id AND later.revoked_at IS NULL
                        AND COALESCE(upper(later.valid), 'infinity') > upper(l.valid))
   ORDER BY until, l.id
   LIMIT 30`;

@Injectable()
export class TodayService {
  /** Eight statements, whatever the clinic's size: each goes through an index, and ends after some rows. */
  async get(ctx: Ctx): Promise<Today> {
    const { tx, actor } = ctx;
    const clinic = [actor.clinicId];
    const mine = [actor.clinicId, actor.staffId];
    const today = {
      sessions: await tx.query<SessionRow[]>(OPEN_SESSIONS, mine),
      discussions: await tx.query<DiscussionRow[]>(OPEN_DISCUSSIONS, mine),
      approvals: await tx.query<ApprovalRow[]>(APPROVALS, mine),
      reported: await tx.query<ReportedRow[]>(REPORTED, clinic),
      lapsing: await tx.query<LapseRow[]>(LAPSING, mine),
      treated: await tx.query<RecentRow[]>(TREATED, mine),
      registered: await tx.query<RecentRow[]>(REGISTERED, clinic),
    };
    const found = new Set(Object.values(today).flatMap((rows: TodayPatientRow[]) => rows.map(({ patient_id }) => patient_id)));
    // Where nobody is listed, nobody was looked at.
    if (found.size > 0) ctx.saw(SEARCH.today, { details: { found: [...found] } });
    return { ...today, licences: await tx.query<LicenceRow[]>(LICENCES, mine) };
  }
}
