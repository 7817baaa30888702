import { Column, Entity, PrimaryColumn } from 'typeorm';
import { DERIVED } from '../database/columns.js';

export const REPORT_KINDS = ['change', 'doubt'] as const;
export type ReportKind = (typeof REPORT_KINDS)[number];

/** What a patient reported when a session was about to start: a change since the screening, or a doubt about the consent. */
@Entity({ schema: 'app', name: 'patient_reports' })
export class PatientReport {
  @PrimaryColumn({ type: 'uuid', ...DERIVED })
  clinicId: string;

  @PrimaryColumn({ type: 'uuid', ...DERIVED })
  id: string;

  @Column({ type: 'uuid', update: false })
  patientId: string;

  @Column({ type: 'text', update: false })
  kind: ReportKind;

  @Column({ type: 'text', update: false })
  words: string;

  /** The screening that a change ended; null where none was valid. */
  @Column({ type: 'uuid', nullable: true, ...DERIVED })
  screeningId: string | null;

  /** The consent that a doubt ended; null where none was in force. */
  @Column({ type: 'uuid', nullable: true, ...DERIVED })
  consentId: string | null;

  /** The end that its period had. */
  @Column({ type: 'timestamptz', nullable: true, ...DERIVED })
  until: Date | null;

  @Column({ type: 'integer', ...DERIVED })
  patientVersion: number;

  @Column({ type: 'uuid', ...DERIVED })
  recordedBy: string;

  @Column({ type: 'timestamptz', ...DERIVED })
  reportedAt: Date;

  @Column({ type: 'timestamptz', nullable: true, ...DERIVED })
  retractedAt: Date | null;

  @Column({ type: 'text', nullable: true, insert: false })
  retractionReason: string | null;
}
