import { Column, Entity, PrimaryColumn } from 'typeorm';
import { DERIVED } from '../database/columns.js';

/** A second practitioner's approval of the relative findings. */
@Entity({ schema: 'app', name: 'screening_approvals' })
export class ScreeningApproval {
  @PrimaryColumn({ type: 'uuid', ...DERIVED })
  clinicId: string;

  @PrimaryColumn({ type: 'uuid', update: false })
  screeningId: string;

  @Column({ type: 'text', update: false })
  reason: string;

  @Column({ type: 'uuid', ...DERIVED })
  approvedBy: string;

  @Column({ type: 'timestamptz', ...DERIVED })
  approvedAt: Date;
}
