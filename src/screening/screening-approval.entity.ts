import { Column, Entity, PrimaryColumn } from 'typeorm';
import { DERIVED, period, type Period } from '../database/columns.js';

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

  /** That of the person who recorded it, valid at that instant. Null only where `unlicensed`. */
  @Column({ type: 'uuid', nullable: true, ...DERIVED })
  licenceId: string | null;

  /** Recorded before a licence was asked for, without a valid one. It permits no session. */
  @Column({ type: 'boolean', ...DERIVED })
  unlicensed: boolean;

  @Column({ type: 'tstzrange', transformer: period, ...DERIVED })
  approved: Period;
}
