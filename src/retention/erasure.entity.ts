import { Column, Entity, PrimaryColumn } from 'typeorm';
import { DERIVED } from '../database/columns.js';

/** That a patient's record was erased. Written by app.erase_patient only. */
@Entity({ schema: 'audit', name: 'erasures' })
export class Erasure {
  @PrimaryColumn({ type: 'uuid', ...DERIVED })
  clinicId: string;

  @PrimaryColumn({ type: 'uuid', ...DERIVED })
  id: string;

  @Column({ type: 'uuid', ...DERIVED })
  patientId: string;

  @Column({ type: 'timestamptz', ...DERIVED })
  erasedAt: Date;

  @Column({ type: 'uuid', ...DERIVED })
  staffId: string;

  @Column({ type: 'text', ...DERIVED })
  staffName: string;

  @Column({ type: 'text', ...DERIVED })
  staffRole: string;

  @Column({ type: 'text', ...DERIVED })
  reason: string;

  @Column({ type: 'integer', ...DERIVED })
  rowsBlanked: number;

  @Column({ type: 'integer', ...DERIVED })
  eventsBlanked: number;

  @Column({ type: 'integer', ...DERIVED })
  searchesBlanked: number;
}
