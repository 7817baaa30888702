import { OmitType } from '@nestjs/swagger';
import { ArrayMinSize, ArrayUnique, IsArray, IsIn, IsOptional, IsString, MaxLength } from 'class-validator';
import { IsLanguage, IsLine, IsProse } from '../common/input.js';
import { type Region, REGIONS, type Technique, TECHNIQUES } from '../screening/anatomy.js';
import { type Discussion, MODES } from './discussion.entity.js';

export class OpenDiscussion {
  /** Where treatment is proposed. */
  @IsArray()
  @ArrayMinSize(1)
  @ArrayUnique()
  @IsIn(REGIONS, { each: true })
  regions: Region[];

  @IsArray()
  @ArrayMinSize(1)
  @ArrayUnique()
  @IsIn(TECHNIQUES, { each: true })
  techniques: Technique[];

  /** What the treatment is for. */
  @IsString()
  @IsProse(2000)
  aim: string;

  @IsIn(MODES)
  mode: (typeof MODES)[number];

  /** The language of the disclosure, a BCP 47 tag. */
  @MaxLength(35)
  @IsLanguage()
  language: string;

  /** Who interpreted. */
  @IsOptional()
  @IsString()
  @IsLine(200)
  interpreter?: string;
}

export class DiscussRisk {
  /** What the patient asked. */
  @IsOptional()
  @IsString()
  @IsProse(4000)
  question?: string;

  /** What was answered. */
  @IsOptional()
  @IsString()
  @IsProse(4000)
  answer?: string;
}

export class RiskView {
  code: string;
  title: string;
  /** As it is to be said, or as it was shown. */
  wording: string;
  /** The screening added it for this patient. */
  addedByScreening: boolean;
  question: string | null;
  answer: string | null;
  discussedBy: string | null;
  /** Null until it is discussed. */
  discussedAt: string | null;
}

export class DiscussionView {
  id: string;
  patientId: string;
  screeningId: string;
  disclosureId: string;
  regions: Region[];
  techniques: Technique[];
  aim: string;
  mode: (typeof MODES)[number];
  language: string;
  interpreter: string | null;
  practitionerId: string;
  openedAt: string;
  /** Every risk to discuss, in the order of the disclosure. */
  risks: RiskView[];
  /** The decision that was recorded on it; null until then. */
  consentId: string | null;
}

export class DiscussionSummary extends OmitType(DiscussionView, ['risks']) {
  /** How many risks were discussed so far. */
  discussedRisks: number;
  /** Undecided, and neither a newer screening, a newer decision nor a text that requires re-consent has overtaken it: continue it. */
  awaitsDecision: boolean;
}

export class DiscussionList {
  items: DiscussionSummary[];
}

/** A risk of a discussion, as app.required_risks and the disclosure give it. */
export interface RiskRow {
  code: string;
  title: string;
  wording: string;
  always: boolean;
  question: string | null;
  answer: string | null;
  discussed_by: string | null;
  discussed_at: Date | null;
}

export function toRisk(risk: RiskRow): RiskView {
  return {
    code: risk.code,
    title: risk.title,
    wording: risk.wording,
    addedByScreening: !risk.always,
    question: risk.question,
    answer: risk.answer,
    discussedBy: risk.discussed_by,
    discussedAt: risk.discussed_at?.toISOString() ?? null,
  };
}

export interface DiscussionParts {
  discussion: Discussion;
  risks: RiskRow[];
  consentId: string | null;
}

export function toDiscussion({ discussion, risks, consentId }: DiscussionParts): DiscussionView {
  return { ...summary(discussion), risks: risks.map(toRisk), consentId };
}

export interface DiscussionOutline {
  discussion: Discussion;
  discussedRisks: number;
  consentId: string | null;
  awaitsDecision: boolean;
}

export function toDiscussionSummary({ discussion, ...outline }: DiscussionOutline): DiscussionSummary {
  return { ...summary(discussion), ...outline };
}

function summary(discussion: Discussion): Omit<DiscussionView, 'risks' | 'consentId'> {
  return {
    id: discussion.id,
    patientId: discussion.patientId,
    screeningId: discussion.screeningId,
    disclosureId: discussion.disclosureId,
    regions: discussion.regions,
    techniques: discussion.techniques,
    aim: discussion.aim,
    mode: discussion.mode,
    language: discussion.language,
    interpreter: discussion.interpreter,
    practitionerId: discussion.practitionerId,
    openedAt: discussion.openedAt.toISOString(),
  };
}
