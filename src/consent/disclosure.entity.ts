import { Column, Entity, PrimaryColumn } from 'typeorm';
import { DERIVED } from '../database/columns.js';

/** As the database stores it. Frozen: a new form of the document is a new type, V2, and this one stays for what was stored in it. */
export interface DisclosureContentV1 {
  readonly title: string;
  readonly reviewNotice?: string;
  readonly introduction: string;
  readonly benefits: PassageV1[];
  readonly uncertainty: string;
  readonly alternatives: PassageV1[];
  readonly whoShouldAvoid: string[];
  readonly afterTreatment: RedFlagV1[];
  readonly risks: DisclosureRiskV1[];
}

export interface PassageV1 {
  readonly title: string;
  readonly wording: string;
}

export interface RedFlagV1 {
  readonly sign: string;
  readonly action: string;
}

export interface ProportionV1 {
  readonly label: string;
  readonly events: number;
  readonly outOf: number;
}

export interface FigureV1 extends ProportionV1 {
  readonly comparison: ProportionV1 | null;
  readonly bound: 'exact' | 'at_most' | 'less_than';
  readonly source: string;
}

export interface DisclosureRiskV1 {
  readonly code: string;
  readonly title: string;
  readonly wording: string;
  readonly feelsLike: string;
  readonly whatToDo: string;
  readonly frequency: string;
  readonly figures: FigureV1[];
  readonly source: string;
  readonly always: boolean;
}

/** A published version of the text that patients hear about risks. It never changes. */
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
  content: DisclosureContentV1;

  @Column({ type: 'bytea', ...DERIVED })
  contentSha256: Buffer;

  @Column({ type: 'boolean', update: false })
  requiresReconsent: boolean;

  @Column({ type: 'uuid', ...DERIVED })
  publishedBy: string;

  @Column({ type: 'timestamptz', ...DERIVED })
  publishedAt: Date;
}
