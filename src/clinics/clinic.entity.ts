import { Column, Entity, PrimaryColumn } from 'typeorm';
import { DERIVED } from '../database/columns.js';
import type { ROLES } from '../staff/staff.entity.js';

/** A clinic and its policies. */
@Entity({ schema: 'app', name: 'clinics' })
export class Clinic {
  @PrimaryColumn({ type: 'uuid', ...DERIVED })
  id: string;

  @Column({ type: 'text', insert: false })
  name: string;

  @Column({ type: 'text', ...DERIVED })
  timeZone: string;

  @Column({ type: 'boolean', ...DERIVED })
  demo: boolean;

  @Column({ type: 'smallint', insert: false })
  adultAgeYears: number;

  @Column({ type: 'smallint', insert: false })
  screeningValidDays: number;

  @Column({ type: 'smallint', insert: false })
  consentValidDays: number;

  @Column({ type: 'smallint', insert: false })
  retentionYears: number;

  @Column({ type: 'smallint', insert: false })
  idleMinutes: number;

  @Column({ type: 'smallint', insert: false })
  sessionHours: number;

  @Column({ type: 'smallint', insert: false })
  stepUpMinutes: number;

  @Column({ type: 'text', array: true, insert: false })
  mfaRoles: (typeof ROLES)[number][];
}
