import { ArrayMaxSize, ArrayMinSize, ArrayUnique, IsArray, IsIn, IsOptional, IsString, IsUUID, Matches, MaxLength } from 'class-validator';
import { IsCalendarDate, IsLine, IsProse, Nested, NestedEach } from '../common/input.js';
import { type Region, REGIONS } from './anatomy.js';
import type { ScreeningApproval } from './screening-approval.entity.js';
import type { MedicalAdviceV1, Screening, ScreeningAnswerV1 } from './screening.entity.js';

export class ScreeningAnswer implements ScreeningAnswerV1 {
  /** The question's code. */
  @IsString()
  @MaxLength(60)
  code: string;

  /** unsure counts as yes until somebody knows better. */
  @IsIn(['no', 'yes', 'unsure'])
  answer: 'no' | 'yes' | 'unsure';

  /** Where, for questions that ask it. */
  @IsOptional()
  @IsArray()
  @ArrayUnique()
  @IsIn(REGIONS, { each: true })
  regions?: Region[];

  @IsOptional()
  @IsString()
  @IsProse(2000)
  note?: string;
}

export class MedicalAdvice implements MedicalAdviceV1 {
  /** Who advised. */
  @IsString()
  @IsLine(200)
  name: string;

  /** @example general practitioner */
  @IsString()
  @IsLine(100)
  profession: string;

  /** When. */
  @IsCalendarDate()
  @Matches(/^(19|[2-9]\d)/, { message: 'must not be before 1900' })
  date: string;

  /** What they advised. */
  @IsString()
  @IsProse(4000)
  text: string;
}

export class RecordScreening {
  @IsUUID()
  questionnaireId: string;

  /** One for each question. */
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(100)
  @NestedEach(() => ScreeningAnswer)
  answers: ScreeningAnswer[];

  /** Medical advice on the relative findings. With it, they clear with precautions. */
  @IsOptional()
  @Nested(() => MedicalAdvice)
  advice?: MedicalAdvice;
}

export class ApproveScreening {
  /** Why the relative findings may be accepted. */
  @IsString()
  @IsProse(4000)
  reason: string;
}

export class FindingView {
  code: string;
  answer: 'yes' | 'unsure';
  effect: 'absolute' | 'relative';
  /** Where the finding applies. */
  regions: Region[];
  /** The regions that it bars whatever anybody says. */
  barredRegions: Region[];
  note: string | null;
  /** The urgent action; null where nothing is urgent. */
  urgentAction: string | null;
}

export class ApprovalView {
  approvedBy: string;
  approvedAt: string;
  reason: string;
}

export class ScreeningView {
  id: string;
  patientId: string;
  questionnaireId: string;
  performedBy: string;
  performedAt: string;
  /** referred: no region is cleared. */
  outcome: 'cleared' | 'cleared_with_precautions' | 'referred';
  findings: FindingView[];
  clearedRegions: Region[];
  /** Risks that must be discussed with this patient as well. */
  addedRisks: string[];
  /** A second practitioner could clear more regions. */
  awaitsApproval: boolean;
  /** change_reported: the patient reported a change, and is to be screened again. Null: not ended that way. */
  endedBecause: 'change_reported' | null;
  clearsFrom: string | null;
  clearsUntil: string | null;
  answers: ScreeningAnswer[];
  advice: MedicalAdvice | null;
  approval: ApprovalView | null;
}

export class ScreeningList {
  items: ScreeningView[];
}

export interface ScreeningParts {
  screening: Screening;
  approval: ScreeningApproval | undefined;
  /** The urgent action, by the finding's code. */
  urgentActions: ReadonlyMap<string, string>;
}

export function toScreening({ screening, approval, urgentActions }: ScreeningParts): ScreeningView {
  const barred = new Set(screening.findings.flatMap((finding) => finding.barredRegions));
  return {
    id: screening.id,
    patientId: screening.patientId,
    questionnaireId: screening.questionnaireId,
    performedBy: screening.performedBy,
    performedAt: screening.performedAt.toISOString(),
    outcome: screening.outcome,
    findings: screening.findings.map((finding) => ({
      code: finding.code,
      answer: finding.answer,
      effect: finding.effect,
      regions: finding.regions,
      barredRegions: finding.barredRegions,
      note: finding.note,
      urgentAction: urgentActions.get(finding.code) ?? null,
    })),
    clearedRegions: screening.clearedRegions,
    addedRisks: screening.addedRisks,
    awaitsApproval: screening.endedBecause === null && barred.size + screening.clearedRegions.length < REGIONS.length,
    endedBecause: screening.endedBecause,
    clearsFrom: screening.clears?.from?.toISOString() ?? null,
    clearsUntil: screening.clears?.until?.toISOString() ?? null,
    answers: screening.answers,
    advice: screening.advice,
    approval: approval ? { approvedBy: approval.approvedBy, approvedAt: approval.approvedAt.toISOString(), reason: approval.reason } : null,
  };
}
