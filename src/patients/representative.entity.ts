import { Column, Entity, PrimaryColumn } from 'typeorm';
import { DERIVED, period, type Period } from '../database/columns.js';

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

  @Column({ type: 'tstzrange', transformer: period })
  valid: Period;

  @Column({ type: 'uuid', ...DERIVED })
  recordedBy: string;

  @Column({ type: 'timestamptz', ...DERIVED })
  recordedAt: Date;
}
