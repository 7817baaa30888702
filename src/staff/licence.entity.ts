import { Column, Entity, PrimaryColumn } from 'typeorm';
import { DERIVED, period, type Period } from '../database/columns.js';
import type { PROFESSIONS } from './staff.entity.js';

/** The permission of an authority to practise a profession, during a period. */
@Entity({ schema: 'app', name: 'licences' })
export class Licence {
  @PrimaryColumn({ type: 'uuid', ...DERIVED })
  clinicId: string;

  @PrimaryColumn({ type: 'uuid', ...DERIVED })
  id: string;

  @Column({ type: 'uuid', update: false })
  practitionerId: string;

  @Column({ type: 'text', update: false })
  profession: (typeof PROFESSIONS)[number];

  @Column({ type: 'text', update: false })
  authority: string;

  @Column({ type: 'text', update: false })
  number: string;

  /** Null: revoked before it began. */
  @Column({ type: 'tstzrange', transformer: period, nullable: true, update: false })
  valid: Period | null;

  @Column({ type: 'uuid', ...DERIVED })
  recordedBy: string;

  @Column({ type: 'timestamptz', ...DERIVED })
  recordedAt: Date;

  @Column({ type: 'timestamptz', nullable: true, ...DERIVED })
  revokedAt: Date | null;

  @Column({ type: 'uuid', nullable: true, ...DERIVED })
  revokedBy: string | null;

  @Column({ type: 'text', nullable: true, insert: false })
  revocationReason: string | null;
}
