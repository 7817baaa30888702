import { Column, Entity, PrimaryColumn } from 'typeorm';
import { DERIVED, period, type Period } from '../database/columns.js';
import type { Region } from '../screening/anatomy.js';

/** A treatment session: what permitted it, and when it started and ended. */
@Entity({ schema: 'app', name: 'sessions' })
export class Session {
  @PrimaryColumn({ type: 'uuid', ...DERIVED })
  clinicId: string;

  @PrimaryColumn({ type: 'uuid', ...DERIVED })
  id: string;

  @Column({ type: 'uuid', update: false })
  patientId: string;

  @Column({ type: 'uuid', ...DERIVED })
  practitionerId: string;

  @Column({ type: 'uuid', update: false })
  licenceId: string;

  @Column({ type: 'uuid', update: false })
  screeningId: string;

  @Column({ type: 'uuid', update: false })
  consentId: string;

  /** As its consent says, and so is the version. */
  @Column({ type: 'text', array: true, ...DERIVED })
  consentedRegions: Region[];

  @Column({ type: 'integer', ...DERIVED })
  disclosureVersion: number;

  @Column({ type: 'boolean', update: false })
  nothingChanged: boolean;

  @Column({ type: 'boolean', update: false })
  stillConsents: boolean;

  @Column({ type: 'timestamptz', ...DERIVED })
  startedAt: Date;

  @Column({ type: 'tstzrange', transformer: period, ...DERIVED })
  started: Period;

  @Column({ type: 'timestamptz', nullable: true, insert: false })
  endedAt: Date | null;

  @Column({ type: 'uuid', nullable: true, ...DERIVED })
  endedBy: string | null;
}
