import { Column, Entity, PrimaryColumn } from 'typeorm';
import { DERIVED, periodOrEmpty, type Period } from '../database/columns.js';

export const ROLES = ['administrator', 'practitioner', 'receptionist'] as const;
export const PROFESSIONS = ['chiropractor', 'osteopathic_physician', 'physical_therapist'] as const;

/** A person in a clinic, or an API key: staff without a person. */
@Entity({ schema: 'app', name: 'staff' })
export class Staff {
  @PrimaryColumn({ type: 'uuid', ...DERIVED })
  clinicId: string;

  @PrimaryColumn({ type: 'uuid', ...DERIVED })
  id: string;

  @Column({ type: 'text', nullable: true, ...DERIVED })
  userId: string | null;

  @Column({ type: 'text', insert: false })
  name: string;

  @Column({ type: 'text', nullable: true, ...DERIVED })
  email: string | null;

  @Column({ type: 'text', insert: false })
  role: (typeof ROLES)[number];

  @Column({ type: 'text', nullable: true, insert: false })
  profession: (typeof PROFESSIONS)[number] | null;

  /** Empty until an invitation is accepted. */
  @Column({ type: 'tstzrange', transformer: periodOrEmpty, insert: false })
  active: Period | 'empty';
}
