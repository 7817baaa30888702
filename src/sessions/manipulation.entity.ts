import { Column, Entity, PrimaryColumn } from 'typeorm';
import { DERIVED, period, type Period } from '../database/columns.js';
import type { Region, Technique } from '../screening/anatomy.js';

export const SIDES = ['left', 'right', 'bilateral'] as const;

/** One manipulation, within what was consented to and cleared. */
@Entity({ schema: 'app', name: 'manipulations' })
export class Manipulation {
  @PrimaryColumn({ type: 'uuid', ...DERIVED })
  clinicId: string;

  @PrimaryColumn({ type: 'uuid', ...DERIVED })
  id: string;

  @Column({ type: 'uuid', update: false })
  sessionId: string;

  @Column({ type: 'text', update: false })
  region: Region;

  @Column({ type: 'text', update: false })
  segment: string;

  @Column({ type: 'text', update: false })
  technique: Technique;

  @Column({ type: 'text', nullable: true, update: false })
  side: (typeof SIDES)[number] | null;

  @Column({ type: 'text', nullable: true, update: false })
  response: string | null;

  @Column({ type: 'uuid', ...DERIVED })
  patientId: string;

  @Column({ type: 'uuid', ...DERIVED })
  practitionerId: string;

  @Column({ type: 'uuid', ...DERIVED })
  licenceId: string;

  @Column({ type: 'uuid', ...DERIVED })
  screeningId: string;

  @Column({ type: 'uuid', ...DERIVED })
  consentId: string;

  @Column({ type: 'timestamptz', ...DERIVED })
  performedAt: Date;

  @Column({ type: 'tstzrange', transformer: period, ...DERIVED })
  performed: Period;
}
