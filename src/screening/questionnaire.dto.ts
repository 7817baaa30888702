import { ArrayMaxSize, ArrayMinSize, ArrayUnique, IsArray, IsIn, IsOptional, IsString, Matches, MaxLength } from 'class-validator';
import { IsLanguage, IsLine, IsProse, NestedEach } from '../common/input.js';
import { type Region, REGIONS } from './anatomy.js';
import type { Questionnaire, QuestionnaireContentV1, QuestionnaireItemV1 } from './questionnaire.entity.js';

export class QuestionnaireItem implements QuestionnaireItemV1 {
  /** Stable, in snake_case. */
  @Matches(/^[a-z][a-z0-9_]{1,59}$/, { message: 'must be snake_case, 2 to 60 characters' })
  code: string;

  /** The question, answered with no, yes or not sure. */
  @IsString()
  @IsProse(1200)
  prompt: string;

  /** Why it matters, in plain words. */
  @IsString()
  @IsProse(1200)
  explanation: string;

  /** absolute: bars its regions, whatever anybody says. relative: bars them until medical advice or a second practitioner's approval is recorded. */
  @IsIn(['absolute', 'relative'])
  effect: 'absolute' | 'relative';

  /** What a yes or a not sure bars. */
  @IsArray()
  @ArrayMinSize(1)
  @ArrayUnique()
  @IsIn(REGIONS, { each: true })
  regions: Region[];

  /** What the regions named in an answer do. narrow: only those are barred, all if none are named or the answer is not sure. absolute: those are barred absolutely, in addition. */
  @IsIn(['not_asked', 'narrow', 'absolute'])
  namedRegions: 'not_asked' | 'narrow' | 'absolute';

  /** Codes of risks that must then be discussed as well. The disclosure describes them with always: false. */
  @IsArray()
  @ArrayMaxSize(20)
  @ArrayUnique()
  @Matches(/^[a-z][a-z0-9_]{1,59}$/, { each: true, message: 'must be codes of risks' })
  addsRisks: string[];

  /** The urgent action; null where nothing is urgent. */
  @IsOptional()
  @IsString()
  @IsProse(1200)
  urgentAction: string | null;

  /** Where the contraindication comes from. */
  @IsString()
  @IsProse(1200)
  source: string;
}

export class PublishQuestionnaire implements QuestionnaireContentV1 {
  /** A BCP 47 tag. */
  @MaxLength(35)
  @IsLanguage()
  language: string;

  @IsString()
  @IsLine(120)
  title: string;

  @IsString()
  @IsProse(4000)
  introduction: string;

  /** Who must review it before use. */
  @IsOptional()
  @IsString()
  @IsProse(1200)
  reviewNotice?: string;

  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(100)
  @ArrayUnique((item: QuestionnaireItem) => item.code, { message: 'must not repeat a code' })
  @NestedEach(() => QuestionnaireItem)
  items: QuestionnaireItem[];
}

export class InLanguage {
  /** A BCP 47 tag. Left out: en. */
  @IsOptional()
  @MaxLength(35)
  @IsLanguage()
  language?: string;
}

export class QuestionnaireView extends PublishQuestionnaire {
  id: string;
  version: number;
  publishedAt: string;
  /** SHA-256 of the content as kept, in hexadecimal. */
  contentSha256: string;
}

export function toQuestionnaire(questionnaire: Questionnaire): QuestionnaireView {
  const { title, introduction, reviewNotice, items } = questionnaire.content;
  return {
    id: questionnaire.id,
    version: questionnaire.version,
    language: questionnaire.language,
    title,
    introduction,
    reviewNotice,
    items,
    publishedAt: questionnaire.publishedAt.toISOString(),
    contentSha256: questionnaire.contentSha256.toString('hex'),
  };
}

/** What a list of versions says of each; their contents are at their ids. */
export class QuestionnaireVersion {
  id: string;
  version: number;
  language: string;
  title: string;
  publishedAt: string;
  /** Who published it, by name. */
  publishedBy: string | null;
}

export class QuestionnaireVersions {
  items: QuestionnaireVersion[];
}

export interface VersionRow {
  readonly id: string;
  readonly version: number;
  readonly language: string;
  readonly title: string;
  readonly published_at: Date;
  readonly published_by: string | null;
}

export function toQuestionnaireVersion(row: VersionRow): QuestionnaireVersion {
  return {
    id: row.id,
    version: row.version,
    language: row.language,
    title: row.title,
    publishedAt: row.published_at.toISOString(),
    publishedBy: row.published_by,
  };
}
