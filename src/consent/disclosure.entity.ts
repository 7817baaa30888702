import { Column, Entity, PrimaryColumn } from 'typeorm';
import { DERIVED } from '../database/columns.js';
import type { PublishDisclosure } from './disclosure.dto.js';

/** A published version of what patients are told. It never changes. */
@Entity({ schema: 'app', name: 'disclosures' })
export class Disclosure {
  @PrimaryColumn({ type: 'uuid', ...DERIVED })
  clinicId: string;

  @PrimaryColumn({ type: 'uuid', ...DERIVED })
  id: string;

  @Column({ type: 'integer', ...DERIVED })
  version: number;

  @Column({ type: 'text', update: false })
  language: string;

  @Column({ type: 'jsonb', update: false })
  content: Omit<PublishDisclosure, 'language' | 'requiresReconsent'>;

  @Column({ type: 'bytea', ...DERIVED })
  contentSha256: Buffer;

  @Column({ type: 'boolean', update: false })
  requiresReconsent: boolean;

  @Column({ type: 'uuid', ...DERIVED })
  publishedBy: string;

  @Column({ type: 'timestamptz', ...DERIVED })
  publishedAt: Date;
}
