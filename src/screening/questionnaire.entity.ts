import { Column, Entity, PrimaryColumn } from 'typeorm';
import { DERIVED } from '../database/columns.js';
import type { Region } from './anatomy.js';

/** As the database stores it. Frozen: a new form of the document is a new type, V2, and this one stays for what was stored in it. */
export interface QuestionnaireContentV1 {
  readonly title: string;
  readonly introduction: string;
  readonly reviewNotice?: string;
  readonly items: QuestionnaireItemV1[];
}

export interface QuestionnaireItemV1 {
  readonly code: string;
  readonly prompt: string;
  readonly explanation: string;
  readonly effect: 'absolute' | 'relative';
  readonly regions: Region[];
  readonly namedRegions: 'not_asked' | 'narrow' | 'absolute';
  readonly addsRisks: string[];
  readonly urgentAction: string | null;
  readonly source: string;
}

/** A published version. It never changes. */
@Entity({ schema: 'app', name: 'questionnaires' })
export class Questionnaire {
  @PrimaryColumn({ type: 'uuid', ...DERIVED })
  clinicId: string;

  @PrimaryColumn({ type: 'uuid', ...DERIVED })
  id: string;

  @Column({ type: 'integer', ...DERIVED })
  version: number;

  @Column({ type: 'text', update: false })
  language: string;

  @Column({ type: 'jsonb', update: false })
  content: QuestionnaireContentV1;

  @Column({ type: 'bytea', ...DERIVED })
  contentSha256: Buffer;

  @Column({ type: 'uuid', ...DERIVED })
  publishedBy: string;

  @Column({ type: 'timestamptz', ...DERIVED })
  publishedAt: Date;
}
