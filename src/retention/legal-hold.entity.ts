import { Column, Entity, PrimaryColumn } from 'typeorm';
import { DERIVED } from '../database/columns.js';

/** Why a patient's record must not be erased, whatever the policy says. */
@Entity({ schema: 'app', name: 'legal_holds' })
export class LegalHold {
  @PrimaryColumn({ type: 'uuid', ...DERIVED })
  clinicId: string;

  @PrimaryColumn({ type: 'uuid', ...DERIVED })
  id: string;

  @Column({ type: 'uuid' })
  patientId: string;

  @Column({ type: 'text' })
  reason: string;

  @Column({ type: 'uuid', ...DERIVED })
  placedBy: string;

  @Column({ type: 'timestamptz', ...DERIVED })
  placedAt: Date;

  @Column({ type: 'timestamptz', nullable: true, ...DERIVED })
  liftedAt: Date | null;

  @Column({ type: 'uuid', nullable: true, ...DERIVED })
  liftedBy: string | null;

  @Column({ type: 'text', nullable: true, insert: false })
  liftReason: string | null;
}
