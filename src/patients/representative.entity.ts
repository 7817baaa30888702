import { Column, Entity, PrimaryColumn } from 'typeorm';
import { DERIVED, period, type Period } from '../database/columns.js';

/** Why an authority ended before its time. Coded, so that it stays when the rest is erased. */
export const END_REASONS = ['capacity_regained', 'came_of_age', 'revoked', 'discharged', 'died', 'recorded_in_error'] as const;

/** Somebody who may decide for a patient, and why and for how long. */
@Entity({ schema: 'app', name: 'representatives' })
export class Representative {
  @PrimaryColumn({ type: 'uuid', ...DERIVED })
  clinicId: string;

  @PrimaryColumn({ type: 'uuid', ...DERIVED })
  id: string;

  @Column({ type: 'uuid' })
  patientId: string;

  @Column({ type: 'text' })
  name: string;

  @Column({ type: 'text' })
  relationship: string;

  @Column({ type: 'text' })
  authority: string;

  /** Null: ended before it began. */
  @Column({ type: 'tstzrange', transformer: period, nullable: true, update: false })
  valid: Period | null;

  @Column({ type: 'uuid', ...DERIVED })
  recordedBy: string;

  @Column({ type: 'timestamptz', ...DERIVED })
  recordedAt: Date;

  @Column({ type: 'timestamptz', nullable: true, ...DERIVED })
  endedAt: Date | null;

  @Column({ type: 'uuid', nullable: true, ...DERIVED })
  endedBy: string | null;

  @Column({ type: 'text', nullable: true, insert: false })
  endReason: (typeof END_REASONS)[number] | null;

  @Column({ type: 'text', nullable: true, insert: false })
  endNote: string | null;
}
