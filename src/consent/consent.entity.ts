import { Column, Entity, PrimaryColumn, VirtualColumn } from 'typeorm';
import { DERIVED, period, type Period } from '../database/columns.js';
import type { Region } from '../screening/anatomy.js';

export const DECIDERS = ['patient', 'representative'] as const;

/** As the database stores it. Frozen: a new form of the document is a new type, V2, and this one stays for what was stored in it. */
export interface SignatureV1 {
  readonly name: string;
  readonly strokes: number[][][];
}

/** Frozen too. */
export interface WitnessV1 {
  readonly name: string;
  readonly strokes?: number[][][];
}

/** A decision on a discussion, given or refused, and how long it is in force. */
@Entity({ schema: 'app', name: 'consents' })
export class Consent {
  @PrimaryColumn({ type: 'uuid', ...DERIVED })
  clinicId: string;

  @PrimaryColumn({ type: 'uuid', ...DERIVED })
  id: string;

  @Column({ type: 'uuid', update: false })
  discussionId: string;

  @Column({ type: 'uuid', ...DERIVED })
  patientId: string;

  @Column({ type: 'text', update: false })
  decision: 'given' | 'refused';

  /** Null: refused. */
  @Column({ type: 'text', array: true, nullable: true, update: false })
  regions: Region[] | null;

  @Column({ type: 'text', update: false })
  decidedBy: (typeof DECIDERS)[number];

  @Column({ type: 'uuid', nullable: true, update: false })
  representativeId: string | null;

  @Column({ type: 'boolean', update: false })
  capacityConfirmed: boolean;

  @Column({ type: 'boolean', update: false })
  alternativesDiscussed: boolean;

  @Column({ type: 'boolean', update: false })
  rightToWithdrawTold: boolean;

  @Column({ type: 'text', nullable: true, update: false })
  teachBack: string | null;

  @Column({ type: 'jsonb', nullable: true, update: false })
  signature: SignatureV1 | null;

  @Column({ type: 'jsonb', nullable: true, update: false })
  witness: WitnessV1 | null;

  @Column({ type: 'uuid', ...DERIVED })
  recordedBy: string;

  @Column({ type: 'timestamptz', ...DERIVED })
  decidedAt: Date;

  @Column({ type: 'tstzrange', transformer: period, ...DERIVED })
  decided: Period;

  @Column({ type: 'bytea', ...DERIVED })
  shownSha256: Buffer;

  @Column({ type: 'bytea', nullable: true, ...DERIVED })
  signedSha256: Buffer | null;

  /** Null: refused. */
  @Column({ type: 'tstzrange', transformer: period, nullable: true, ...DERIVED })
  inForce: Period | null;

  @VirtualColumn({ type: 'text', query: (row) => `app.consent_state(${row})` })
  state: 'in_force' | 'refused' | 'expired' | 'withdrawn' | 'replaced' | 'outdated' | 'unrepresented' | 'doubted' | 'unlicensed';

  @Column({ type: 'timestamptz', nullable: true, ...DERIVED })
  withdrawnAt: Date | null;

  @Column({ type: 'tstzrange', transformer: period, nullable: true, ...DERIVED })
  withdrawn: Period | null;

  @Column({ type: 'text', nullable: true, insert: false })
  withdrawnBy: (typeof DECIDERS)[number] | null;

  @Column({ type: 'uuid', nullable: true, insert: false })
  withdrawnByRepresentative: string | null;

  @Column({ type: 'text', nullable: true, insert: false })
  withdrawalReason: string | null;

  @Column({ type: 'uuid', nullable: true, ...DERIVED })
  withdrawalRecordedBy: string | null;

  /** That of the person who recorded it, valid at that instant. Null only where `unlicensed`, or a patient refused. */
  @Column({ type: 'uuid', nullable: true, ...DERIVED })
  licenceId: string | null;

  /** Recorded before a licence was asked for, without a valid one. It permits no session. */
  @Column({ type: 'boolean', ...DERIVED })
  unlicensed: boolean;
}
