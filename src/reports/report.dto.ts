import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsIn, IsInt, IsOptional, IsUUID, Max, Min } from 'class-validator';
import type { PatientName } from '../audit/audit.dto.js';
import type { AuditEvent } from '../audit/event.entity.js';
import { IsDateOrInstant } from '../common/input.js';
import { MODES } from '../consent/discussion.entity.js';
import { type Region, REGIONS } from '../screening/anatomy.js';
import { REPORT_KINDS, type ReportKind } from '../sessions/patient-report.entity.js';
import type { ReportRow, ReportSession } from './disclosures.service.js';

/** What a session and a refused start have in common. */
export class ReportFilters {
  /** The first day in the clinic's time zone, or the first instant. */
  @IsOptional()
  @IsDateOrInstant()
  from?: string;

  /** The last day, or the instant before which it was. */
  @IsOptional()
  @IsDateOrInstant()
  until?: string;

  /** Only what this practitioner started or tried to start. */
  @IsOptional()
  @IsUUID()
  practitionerId?: string;

  /** Only what concerns this patient. */
  @IsOptional()
  @IsUUID()
  patientId?: string;
}

export class DisclosureFilters extends ReportFilters {
  /** Only sessions whose consent covers this region. */
  @IsOptional()
  @IsIn(REGIONS)
  region?: Region;

  /** Only sessions whose consent followed this version of the disclosure. */
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(2_147_483_647)
  disclosureVersion?: number;
}

export class DisclosureQuery extends DisclosureFilters {
  /** The `nextCursor` of the page before. */
  @IsOptional()
  @IsUUID()
  cursor?: string;
}

export class RefusalQuery extends ReportFilters {
  /** The `nextCursor` of the page before. */
  @IsOptional()
  @IsUUID()
  cursor?: string;
}

export class PersonView {
  id: string;
  name: string;
}

export class ReportRepresentative {
  id: string;
  name: string;
  /** To the patient, e.g. mother. */
  relationship: string;
}

export class ReportConsent {
  id: string;
  decidedAt: string;
  decidedBy: 'patient' | 'representative';
  /** Null: the patient decided. */
  representative: ReportRepresentative | null;
  /** How they spoke. */
  mode: (typeof MODES)[number];
  /** Of the discussion, a BCP 47 tag. */
  language: string;
  interpreter: string | null;
  /** Consented to. */
  regions: Region[];
}

export class ReportDisclosure {
  id: string;
  version: number;
}

export class DiscussedRiskView {
  /** @example stroke */
  code: string;
  /** As it was shown. */
  title: string;
  discussedAt: string;
  discussedBy: PersonView;
  /** From the discussion of this risk to the start of the session, in whole seconds. */
  secondsBeforeStart: number;
}

export class ReportedBeforeView {
  /** change: since the screening. doubt: about the consent. */
  @ApiProperty({ enum: REPORT_KINDS })
  kind: ReportKind;
  /** What the patient said. */
  words: string;
  reportedAt: string;
  recordedBy: PersonView;
  /** Null: it stood. */
  retractedAt: string | null;
}

export class DisclosureRow {
  sessionId: string;
  startedAt: string;
  practitioner: PersonView;
  patient: PatientName;
  /** What the session cited. Null: it is missing, which the gate never lets happen; the totals then count an exception. */
  consent: ReportConsent | null;
  disclosure: ReportDisclosure | null;
  discussionId: string | null;
  /** Every risk that was discussed before the consent, in the order in which it was. */
  risks: DiscussedRiskView[];
  /** What the patient reported since the session before, and what a new screening or decision therefore followed. */
  reports: ReportedBeforeView[];
}

export class DisclosurePage {
  /** At most 100. */
  items: DisclosureRow[];
  nextCursor: string | null;
}

export class RefusalRow {
  /** Of the event in the record: see GET /api/audit/events. */
  eventId: string;
  refusedAt: string;
  /** Who tried, as they were called then. */
  practitioner: PersonView;
  patientId: string | null;
  patient: PatientName | null;
  /** Why, as in the answer to the refused start. Empty where the event's values were erased. */
  blockers: string[];
}

export class RefusalPage {
  /** At most 100. */
  items: RefusalRow[];
  nextCursor: string | null;
}

export function toRefusalRow(event: AuditEvent, patients: ReadonlyMap<string, PatientName>): RefusalRow {
  const { blockers = [] } = JSON.parse(event.details ?? '{}') as { blockers?: string[] };
  return {
    eventId: event.id,
    refusedAt: event.occurredAt.toISOString(),
    practitioner: { id: event.staffId ?? '', name: event.staffName ?? '' },
    patientId: event.patientId,
    patient: patients.get(event.patientId ?? '') ?? null,
    blockers,
  };
}

export function toDisclosureRow({ session, risks, reports }: ReportRow): DisclosureRow {
  return {
    sessionId: session.id,
    startedAt: session.started_at.toISOString(),
    practitioner: { id: session.practitioner_id, name: session.practitioner_name ?? '' },
    patient: {
      id: session.patient_id,
      recordNumber: session.record_number ?? '',
      givenName: session.given_name ?? '',
      familyName: session.family_name ?? '',
    },
    consent: toConsent(session),
    disclosure: session.disclosure_id === null ? null : { id: session.disclosure_id, version: session.version },
    discussionId: session.discussion_id,
    risks: risks.map((risk) => ({
      code: risk.code,
      title: risk.title,
      discussedAt: risk.discussed_at.toISOString(),
      discussedBy: { id: risk.discussed_by, name: risk.discussed_by_name ?? '' },
      secondsBeforeStart: secondsBetween(risk.discussed_at, session.started_at),
    })),
    reports: reports.map((report) => ({
      kind: report.kind,
      words: report.words,
      reportedAt: report.reported_at.toISOString(),
      recordedBy: { id: report.recorded_by, name: report.recorded_by_name ?? '' },
      retractedAt: report.retracted_at?.toISOString() ?? null,
    })),
  };
}

function toConsent(session: ReportSession): ReportConsent | null {
  if (session.consent_id === null) return null;
  return {
    id: session.consent_id,
    decidedAt: session.decided_at.toISOString(),
    decidedBy: session.decided_by,
    representative:
      session.representative_id === null
        ? null
        : {
            id: session.representative_id,
            name: session.representative_name ?? '',
            relationship: session.relationship ?? '',
          },
    mode: session.mode,
    language: session.language,
    interpreter: session.interpreter,
    regions: session.regions ?? [],
  };
}

export function secondsBetween(earlier: Date, later: Date): number {
  return Math.floor((later.getTime() - earlier.getTime()) / 1000);
}
