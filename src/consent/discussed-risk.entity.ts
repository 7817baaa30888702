import { Column, Entity, PrimaryColumn } from 'typeorm';
import { DERIVED, period, type Period } from '../database/columns.js';

/** One risk, discussed: the wording shown, by whom and when. */
@Entity({ schema: 'app', name: 'discussed_risks' })
export class DiscussedRisk {
  @PrimaryColumn({ type: 'uuid', ...DERIVED })
  clinicId: string;

  @PrimaryColumn({ type: 'uuid', update: false })
  discussionId: string;

  @PrimaryColumn({ type: 'text', update: false })
  code: string;

  @Column({ type: 'text', ...DERIVED })
  title: string;

  @Column({ type: 'text', ...DERIVED })
  wording: string;

  @Column({ type: 'text', nullable: true })
  question: string | null;

  @Column({ type: 'text', nullable: true })
  answer: string | null;

  @Column({ type: 'uuid', ...DERIVED })
  discussedBy: string;

  @Column({ type: 'timestamptz', ...DERIVED })
  discussedAt: Date;

  /** That of the person who recorded it, valid at that instant. Null only where `unlicensed`. */
  @Column({ type: 'uuid', nullable: true, ...DERIVED })
  licenceId: string | null;

  /** Recorded before a licence was asked for, without a valid one. It permits no session. */
  @Column({ type: 'boolean', ...DERIVED })
  unlicensed: boolean;

  @Column({ type: 'tstzrange', transformer: period, ...DERIVED })
  discussed: Period;
}
