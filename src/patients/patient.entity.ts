import { Column, Entity, PrimaryColumn } from 'typeorm';
import { DERIVED } from '../database/columns.js';

export const SEXES = ['female', 'male', 'other', 'unknown'] as const;
/** Why a record is closed. Coded, because a text would name the patient, and stays when the rest is erased. */
export const ARCHIVE_REASONS = ['left', 'moved', 'died', 'duplicate', 'other'] as const;

@Entity({ schema: 'app', name: 'patients' })
export class Patient {
  @PrimaryColumn({ type: 'uuid', ...DERIVED })
  clinicId: string;

  @PrimaryColumn({ type: 'uuid', ...DERIVED })
  id: string;

  @Column({ type: 'text' })
  recordNumber: string;

  @Column({ type: 'text' })
  givenName: string;

  @Column({ type: 'text' })
  familyName: string;

  @Column({ type: 'date' })
  birthDate: string;

  @Column({ type: 'text' })
  sex: (typeof SEXES)[number];

  @Column({ type: 'text', nullable: true })
  phone: string | null;

  @Column({ type: 'text', nullable: true })
  email: string | null;

  @Column({ type: 'text', nullable: true })
  preferredLanguage: string | null;

  @Column({ type: 'uuid', ...DERIVED })
  registeredBy: string;

  @Column({ type: 'timestamptz', ...DERIVED })
  registeredAt: Date;

  @Column({ type: 'integer', ...DERIVED })
  version: number;

  @Column({ type: 'uuid', nullable: true, ...DERIVED })
  latestScreeningId: string | null;

  @Column({ type: 'uuid', nullable: true, ...DERIVED })
  latestConsentId: string | null;

  @Column({ type: 'timestamptz', nullable: true, ...DERIVED })
  archivedAt: Date | null;

  @Column({ type: 'uuid', nullable: true, ...DERIVED })
  archivedBy: string | null;

  @Column({ type: 'text', nullable: true, ...DERIVED })
  archiveReason: (typeof ARCHIVE_REASONS)[number] | null;

  /** What says who it was is blank, and stays so. */
  @Column({ type: 'boolean', ...DERIVED })
  erased: boolean;

  @Column({ type: 'text', ...DERIVED })
  sortName: string;

  @Column({ type: 'text', select: false, ...DERIVED })
  searchText: string;
}
