import { Column, Entity, PrimaryColumn } from 'typeorm';
import { DERIVED, period, type Period } from '../database/columns.js';

export const ROLES = ['administrator', 'practitioner', 'receptionist'] as const;
export const PROFESSIONS = ['chiropractor', 'osteopathic_physician', 'physical_therapist'] as const;

/** A person in a clinic. */
@Entity({ schema: 'app', name: 'staff' })
export class Staff {
  @PrimaryColumn({ type: 'uuid', ...DERIVED })
  clinicId: string;

  @PrimaryColumn({ type: 'uuid', ...DERIVED })
  id: string;

  @Column({ type: 'text', ...DERIVED })
  userId: string;

  @Column({ type: 'text', ...DERIVED })
  name: string;

  @Column({ type: 'text', ...DERIVED })
  email: string;

  @Column({ type: 'text', ...DERIVED })
  role: (typeof ROLES)[number];

  @Column({ type: 'text', nullable: true, ...DERIVED })
  profession: (typeof PROFESSIONS)[number] | null;

  @Column({ type: 'tstzrange', transformer: period, ...DERIVED })
  active: Period;
}
