import { Column, Entity, PrimaryColumn } from 'typeorm';
import { DERIVED } from '../database/columns.js';
import type { QuestionnaireItem } from './questionnaire.dto.js';

export interface QuestionnaireContent {
  title: string;
  introduction: string;
  reviewNotice?: string;
  items: QuestionnaireItem[];
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
  content: QuestionnaireContent;

  @Column({ type: 'bytea', ...DERIVED })
  contentSha256: Buffer;

  @Column({ type: 'uuid', ...DERIVED })
  publishedBy: string;

  @Column({ type: 'timestamptz', ...DERIVED })
  publishedAt: Date;
}
