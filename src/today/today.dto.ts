import { ApiProperty } from '@nestjs/swagger';
import { REPORT_KINDS, type ReportKind } from '../sessions/patient-report.entity.js';
import type { Today, TodayPatientRow } from './today.service.js';

export class TodayPatient {
  id: string;
  recordNumber: string;
  givenName: string;
  familyName: string;
  /** YYYY-MM-DD */
  birthDate: string;
}

export class TodaySession {
  id: string;
  patient: TodayPatient;
  practitionerId: string;
  practitionerName: string;
  startedAt: string;
}

export class TodayDiscussion {
  id: string;
  patient: TodayPatient;
  openedAt: string;
  /** How many risks were discussed so far. */
  discussedRisks: number;
}

export class TodayApproval {
  patient: TodayPatient;
  screeningId: string;
  screenedAt: string;
  /** Who screened: somebody else approves. */
  screenedBy: string;
}

export class TodayReport {
  id: string;
  patient: TodayPatient;
  /** change: screen the patient again. doubt: record a withdrawal, or discuss the risks again. */
  @ApiProperty({ enum: REPORT_KINDS })
  kind: ReportKind;
  /** What the patient said. */
  words: string;
  reportedAt: string;
  recordedByName: string;
}

export class TodayLapse {
  patient: TodayPatient;
  /** When the screening stops clearing; null where that isn't soon. */
  screeningUntil: string | null;
  /** When the consent ends; null where that isn't soon. */
  consentUntil: string | null;
}

export class TodayRecent {
  patient: TodayPatient;
  /** When you last began a session with them, or when they were registered. */
  at: string;
  openSessionId: string | null;
  /** A screening clears a region now. */
  screened: boolean;
  /** A consent is in force now. */
  consented: boolean;
}

export class TodayLicence {
  id: string;
  practitionerId: string;
  practitionerName: string;
  authority: string;
  number: string;
  /** When it ends, or ended. */
  until: string;
}

export class TodayView {
  /** Of the whole clinic, yours first. */
  sessions: TodaySession[];
  /** Yours without a decision, newest first. */
  discussions: TodayDiscussion[];
  /** Screenings of others that wait for a second practitioner, oldest first. Empty for roles that may not approve. */
  approvals: TodayApproval[];
  /** What patients of the clinic reported in the last 30 days that needs a new screening or decision, newest first. */
  reported: TodayReport[];
  /** The first to lapse first. */
  lapsing: TodayLapse[];
  /** Whom you treated last, newest first. */
  treated: TodayRecent[];
  /** Who was registered last in the clinic, newest first. */
  registered: TodayRecent[];
  /** Your own, and everybody's for roles that may see the staff. Those with a successor are left out. */
  licences: TodayLicence[];
}

export function toToday({ sessions, discussions, approvals, reported, lapsing, treated, registered, licences }: Today): TodayView {
  return {
    sessions: sessions.map((row) => ({
      id: row.id,
      patient: toPatient(row),
      practitionerId: row.practitioner_id,
      practitionerName: row.practitioner_name,
      startedAt: row.started_at.toISOString(),
    })),
    discussions: discussions.map((row) => ({
      id: row.id,
      patient: toPatient(row),
      openedAt: row.opened_at.toISOString(),
      discussedRisks: row.discussed_risks,
    })),
    approvals: approvals.map((row) => ({
      patient: toPatient(row),
      screeningId: row.screening_id,
      screenedAt: row.screened_at.toISOString(),
      screenedBy: row.screened_by,
    })),
    reported: reported.map((row) => ({
      id: row.id,
      patient: toPatient(row),
      kind: row.kind,
      words: row.words,
      reportedAt: row.reported_at.toISOString(),
      recordedByName: row.recorded_by,
    })),
    lapsing: lapsing.map((row) => ({
      patient: toPatient(row),
      screeningUntil: row.screening_until?.toISOString() ?? null,
      consentUntil: row.consent_until?.toISOString() ?? null,
    })),
    treated: treated.map(toRecent),
    registered: registered.map(toRecent),
    licences: licences.map((row) => ({
      id: row.id,
      practitionerId: row.practitioner_id,
      practitionerName: row.practitioner_name,
      authority: row.authority,
      number: row.number,
      until: row.until.toISOString(),
    })),
  };
}

function toRecent(row: Today['treated'][number]): TodayRecent {
  const { at, open_session_id, screened, consented } = row;
  return { patient: toPatient(row), at: at.toISOString(), openSessionId: open_session_id, screened, consented };
}

function toPatient(row: TodayPatientRow): TodayPatient {
  return {
    id: row.patient_id,
    recordNumber: row.record_number,
    givenName: row.given_name,
    familyName: row.family_name,
    birthDate: row.birth_date,
  };
}
