import { Column, Entity, PrimaryColumn } from 'typeorm';
import { DERIVED, period, type Period } from '../database/columns.js';
import type { Region } from './anatomy.js';
import type { MedicalAdvice, ScreeningAnswer } from './screening.dto.js';

export interface Finding {
  code: string;
  answer: 'yes' | 'unsure';
  effect: 'absolute' | 'relative';
  regions: Region[];
  barredRegions: Region[];
  note: string | null;
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
  answers: ScreeningAnswer[];

  @Column({ type: 'jsonb', nullable: true, update: false })
  advice: MedicalAdvice | null;

  @Column({ type: 'uuid', ...DERIVED })
  performedBy: string;

  @Column({ type: 'timestamptz', ...DERIVED })
  performedAt: Date;

  @Column({ type: 'text', ...DERIVED })
  outcome: 'cleared' | 'cleared_with_precautions' | 'referred';

  @Column({ type: 'jsonb', ...DERIVED })
  findings: Finding[];

  @Column({ type: 'text', array: true, ...DERIVED })
  addedRisks: string[];

  @Column({ type: 'text', array: true, ...DERIVED })
  clearedRegions: Region[];

  /** Null: referred. */
  @Column({ type: 'tstzrange', transformer: period, nullable: true, ...DERIVED })
  clears: Period | null;
}
