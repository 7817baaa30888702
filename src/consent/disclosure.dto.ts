import { ApiProperty } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsIn,
  IsNumber,
  IsOptional,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
} from 'class-validator';
import { IsLanguage, IsLine, IsProse, Nested, NestedEach } from '../common/input.js';
import { QuestionnaireVersion, toQuestionnaireVersion, type VersionRow } from '../screening/questionnaire.dto.js';
import type {
  Disclosure,
  DisclosureContentV1,
  DisclosureRiskV1,
  FigureV1,
  PassageV1,
  ProportionV1,
  RedFlagV1,
} from './disclosure.entity.js';

export class Passage implements PassageV1 {
  @IsString()
  @IsLine(120)
  title: string;

  @IsString()
  @IsProse(1200)
  wording: string;
}

export class RedFlag implements RedFlagV1 {
  @IsString()
  @IsProse(1200)
  sign: string;

  /** What to do. */
  @IsString()
  @IsProse(1200)
  action: string;
}

export class Proportion implements ProportionV1 {
  @IsString()
  @IsLine(300)
  label: string;

  /** How many had the event … */
  @ApiProperty({ format: 'double' })
  @IsNumber()
  @Min(0)
  @Max(1e9)
  events: number;

  /** … of how many. */
  @ApiProperty({ format: 'double' })
  @IsNumber()
  @Min(1)
  @Max(1e9)
  outOf: number;
}

export class Figure extends Proportion implements FigureV1 {
  /** The same without the treatment; null where the study had no comparison. */
  @IsOptional()
  @Nested(() => Proportion)
  comparison: Proportion | null;

  /** Whether the number is what was counted, or an upper limit. */
  @IsIn(['exact', 'at_most', 'less_than'])
  bound: 'exact' | 'at_most' | 'less_than';

  @IsString()
  @IsProse(1200)
  source: string;
}

export class DisclosureRisk implements DisclosureRiskV1 {
  /** Stable, in snake_case. */
  @Matches(/^[a-z][a-z0-9_]{1,59}$/, { message: 'must be snake_case, 2 to 60 characters' })
  code: string;

  @IsString()
  @IsLine(120)
  title: string;

  /** What may happen, as it is said to the patient. */
  @IsString()
  @IsProse(1200)
  wording: string;

  /** What it would feel like. */
  @IsString()
  @IsProse(1200)
  feelsLike: string;

  @IsString()
  @IsProse(1200)
  whatToDo: string;

  /** How often, in words: figures, population, how certain. */
  @IsString()
  @IsProse(1200)
  frequency: string;

  @IsArray()
  @ArrayMaxSize(10)
  @NestedEach(() => Figure)
  figures: Figure[];

  @IsString()
  @IsProse(1200)
  source: string;

  /** false: discussed only with patients whose screening adds it. */
  @IsBoolean()
  always: boolean;
}

export class PublishDisclosure implements DisclosureContentV1 {
  /** A BCP 47 tag. */
  @MaxLength(35)
  @IsLanguage()
  language: string;

  @IsString()
  @IsLine(120)
  title: string;

  /** Who must review it before use. */
  @IsOptional()
  @IsString()
  @IsProse(1200)
  reviewNotice?: string;

  /** What the treatment is, who gives it, what it is for. */
  @IsString()
  @IsProse(4000)
  introduction: string;

  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(20)
  @NestedEach(() => Passage)
  benefits: Passage[];

  /** What isn't known. */
  @IsString()
  @IsProse(4000)
  uncertainty: string;

  /** Reasonable alternatives, no treatment included. */
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(20)
  @NestedEach(() => Passage)
  alternatives: Passage[];

  @IsArray()
  @ArrayMaxSize(40)
  @IsString({ each: true })
  @MaxLength(1200, { each: true })
  whoShouldAvoid: string[];

  @IsArray()
  @ArrayMaxSize(20)
  @NestedEach(() => RedFlag)
  afterTreatment: RedFlag[];

  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(50)
  @ArrayUnique((risk: DisclosureRisk) => risk.code, { message: 'must not repeat a code' })
  @NestedEach(() => DisclosureRisk)
  risks: DisclosureRisk[];

  /** true: ends every consent in force that rests on an earlier version, in the whole clinic, immediately. */
  @IsOptional()
  @IsBoolean()
  requiresReconsent?: boolean;
}

export class DisclosureView extends PublishDisclosure {
  id: string;
  version: number;
  publishedAt: string;
  /** SHA-256 of the content as kept, in hexadecimal. */
  contentSha256: string;
}

export function toDisclosure(disclosure: Disclosure): DisclosureView {
  const { title, reviewNotice, introduction, benefits, uncertainty, alternatives, whoShouldAvoid, afterTreatment, risks } =
    disclosure.content;
  return {
    id: disclosure.id,
    version: disclosure.version,
    language: disclosure.language,
    title,
    reviewNotice,
    introduction,
    benefits,
    uncertainty,
    alternatives,
    whoShouldAvoid,
    afterTreatment,
    risks,
    requiresReconsent: disclosure.requiresReconsent,
    publishedAt: disclosure.publishedAt.toISOString(),
    contentSha256: disclosure.contentSha256.toString('hex'),
  };
}

/** The newest version of a language. */
export class DisclosureLanguage {
  /** A BCP 47 tag. */
  language: string;
  version: number;
  title: string;
  /** No discussion can rest on it: a version in another language has required re-consent since, or tells risks that this one lacks. */
  outdated: boolean;
}

export class DisclosureLanguages {
  items: DisclosureLanguage[];
}

export class DisclosureVersion extends QuestionnaireVersion {
  /** It ended the consents that rested on earlier ones. */
  requiresReconsent: boolean;
}

export class DisclosureVersions {
  items: DisclosureVersion[];
  /** BCP 47 tags of the languages that have a built-in text to begin with. */
  modelLanguages: string[];
}

export interface DisclosureVersionRow extends VersionRow {
  readonly requires_reconsent: boolean;
}

export function toDisclosureVersion(row: DisclosureVersionRow): DisclosureVersion {
  return { ...toQuestionnaireVersion(row), requiresReconsent: row.requires_reconsent };
}

export class PublicationEffect {
  /** How many consents are in force, in the whole clinic: a publication that requires re-consent ends them. */
  consentsInForce: number;
}
