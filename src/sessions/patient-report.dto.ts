import { ApiProperty } from '@nestjs/swagger';
import { IsString } from 'class-validator';
import { IsProse } from '../common/input.js';
import { type PatientReport, REPORT_KINDS, type ReportKind } from './patient-report.entity.js';

/** The constraint patient_report_retracted_soon decides. */
const RETRACTABLE_MS = 10 * 60_000;

export class RetractPatientReport {
  /**
   * Why it was no report of the patient.
   * @example Tapped the wrong answer.
   */
  @IsString()
  @IsProse(2000)
  reason: string;
}

export class PatientReportView {
  id: string;
  patientId: string;
  /** change: something has changed since the screening. doubt: the patient didn't confirm the consent. */
  @ApiProperty({ enum: REPORT_KINDS })
  kind: ReportKind;
  /** What the patient said. */
  words: string;
  /** The screening that it ended; null where none was valid, or it is about the consent. */
  screeningId: string | null;
  /** The consent that it ended; null where none was in force, or it is about the screening. */
  consentId: string | null;
  recordedBy: string;
  reportedAt: string;
  /** Until then the person who recorded it can retract it, if nothing else is recorded. */
  retractableUntil: string;
  /** Null: it stands. */
  retractedAt: string | null;
  retractionReason: string | null;
}

export class PatientReportList {
  items: PatientReportView[];
}

export function toPatientReport(report: PatientReport): PatientReportView {
  return {
    id: report.id,
    patientId: report.patientId,
    kind: report.kind,
    words: report.words,
    screeningId: report.screeningId,
    consentId: report.consentId,
    recordedBy: report.recordedBy,
    reportedAt: report.reportedAt.toISOString(),
    retractableUntil: new Date(report.reportedAt.getTime() + RETRACTABLE_MS).toISOString(),
    retractedAt: report.retractedAt?.toISOString() ?? null,
    retractionReason: report.retractionReason,
  };
}
