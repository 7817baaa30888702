import { Column, Entity, PrimaryColumn } from 'typeorm';
import { DERIVED, period, type Period } from '../database/columns.js';
import type { Region } from './anatomy.js';

/** As the database stores it. Frozen: a new form of the document is a new type, V2, and this one stays for what was stored in it. */
export interface ScreeningAnswerV1 {
  readonly code: string;
  readonly answer: 'no' | 'yes' | 'unsure';
  readonly regions?: Region[];
  readonly note?: string;
}

/** Frozen too. */
export interface MedicalAdviceV1 {
  readonly name: string;
  readonly profession: string;
  readonly date: string;
  readonly text: string;
}

/** Frozen too: app.screen writes it. */
export interface FindingV1 {
  readonly code: string;
  readonly answer: 'yes' | 'unsure';
  readonly effect: 'absolute' | 'relative';
  readonly regions: Region[];
  readonly barredRegions: Region[];
  readonly note: string | null;
}

/** The answers to a questionnaire, and what the database made of them (app.screen). */
@Entity({ schema: 'app', name: 'screenings' })
export class Screening {
  @PrimaryColumn({ type: 'uuid', ...DERIVED })
  clinicId: string;

  @PrimaryColumn({ type: 'uuid', ...DERIVED })
  id: string;

  @Column({ type: 'uuid', update: false })
  patientId: string;

  @Column({ type: 'uuid', update: false })
  questionnaireId: string;

  @Column({ type: 'jsonb', update: false })
  answers: ScreeningAnswerV1[];

  @Column({ type: 'jsonb', nullable: true, update: false })
  advice: MedicalAdviceV1 | null;

  @Column({ type: 'uuid', ...DERIVED })
  performedBy: string;

  @Column({ type: 'timestamptz', ...DERIVED })
  performedAt: Date;

  @Column({ type: 'text', ...DERIVED })
  outcome: 'cleared' | 'cleared_with_precautions' | 'referred';

  @Column({ type: 'jsonb', ...DERIVED })
  findings: FindingV1[];

  @Column({ type: 'text', array: true, ...DERIVED })
  addedRisks: string[];

  @Column({ type: 'text', array: true, ...DERIVED })
  clearedRegions: Region[];

  /** Null: referred. */
  @Column({ type: 'tstzrange', transformer: period, nullable: true, ...DERIVED })
  clears: Period | null;

  /** Null: not ended, replaced by a newer one, or expired. */
  @Column({ type: 'text', nullable: true, ...DERIVED })
  endedBecause: 'change_reported' | null;

  /** That of the person who recorded it, valid at that instant. Null only where `unlicensed`. */
  @Column({ type: 'uuid', nullable: true, ...DERIVED })
  licenceId: string | null;

  /** Recorded before a licence was asked for, without a valid one. It permits no session. */
  @Column({ type: 'boolean', ...DERIVED })
  unlicensed: boolean;

  @Column({ type: 'tstzrange', transformer: period, ...DERIVED })
  performed: Period;
}
