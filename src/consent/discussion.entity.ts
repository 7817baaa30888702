import { Column, Entity, PrimaryColumn } from 'typeorm';
import { DERIVED } from '../database/columns.js';
import type { Region, Technique } from '../screening/anatomy.js';

export const MODES = ['in_person', 'video', 'phone'] as const;

/** A conversation about the risks of a proposed treatment. */
@Entity({ schema: 'app', name: 'discussions' })
export class Discussion {
  @PrimaryColumn({ type: 'uuid', ...DERIVED })
  clinicId: string;

  @PrimaryColumn({ type: 'uuid', ...DERIVED })
  id: string;

  @Column({ type: 'uuid', update: false })
  patientId: string;

  @Column({ type: 'uuid', ...DERIVED })
  screeningId: string;

  @Column({ type: 'uuid', ...DERIVED })
  disclosureId: string;

  @Column({ type: 'text', array: true, update: false })
  regions: Region[];

  @Column({ type: 'text', array: true, update: false })
  techniques: Technique[];

  @Column({ type: 'text', update: false })
  aim: string;

  @Column({ type: 'text', update: false })
  mode: (typeof MODES)[number];

  @Column({ type: 'text', update: false })
  language: string;

  @Column({ type: 'text', nullable: true, update: false })
  interpreter: string | null;

  @Column({ type: 'uuid', ...DERIVED })
  practitionerId: string;

  @Column({ type: 'timestamptz', ...DERIVED })
  openedAt: Date;
}
