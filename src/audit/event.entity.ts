import { Column, Entity, PrimaryColumn } from 'typeorm';
import { DERIVED } from '../database/columns.js';

/** Something that happened. Written by the database's functions only. */
@Entity({ schema: 'audit', name: 'events' })
export class AuditEvent {
  @PrimaryColumn({ type: 'uuid', ...DERIVED })
  id: string;

  @PrimaryColumn({ type: 'timestamptz', ...DERIVED })
  occurredAt: Date;

  @Column({ type: 'uuid', nullable: true, ...DERIVED })
  clinicId: string | null;

  @Column({ type: 'uuid', nullable: true, ...DERIVED })
  staffId: string | null;

  @Column({ type: 'text', nullable: true, ...DERIVED })
  staffName: string | null;

  @Column({ type: 'text', nullable: true, ...DERIVED })
  staffRole: string | null;

  @Column({ type: 'text', ...DERIVED })
  action: string;

  @Column({ type: 'text', ...DERIVED })
  outcome: 'success' | 'failure';

  @Column({ type: 'text', nullable: true, ...DERIVED })
  subject: string | null;

  @Column({ type: 'text', nullable: true, ...DERIVED })
  subjectId: string | null;

  @Column({ type: 'uuid', nullable: true, ...DERIVED })
  patientId: string | null;

  @Column({ type: 'text', nullable: true, ...DERIVED })
  address: string | null;

  @Column({ type: 'text', nullable: true, ...DERIVED })
  userAgent: string | null;

  @Column({ type: 'text', nullable: true, ...DERIVED })
  requestId: string | null;

  /** JSON. */
  @Column({ type: 'text', nullable: true, ...DERIVED })
  details: string | null;
}
