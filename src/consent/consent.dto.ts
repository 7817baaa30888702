import { OmitType } from '@nestjs/swagger';
import { ArrayMinSize, ArrayUnique, IsArray, IsBoolean, IsDefined, IsIn, IsOptional, IsString, IsUUID, ValidateIf } from 'class-validator';
import { IsLine, IsProse, IsStrokes, Nested } from '../common/input.js';
import { type Region, REGIONS } from '../screening/anatomy.js';
import { type Consent, DECIDERS, type SignatureV1, type WitnessV1 } from './consent.entity.js';

/** The patient, or somebody who may decide for them. */
export class Decider {
  @IsIn(DECIDERS)
  kind: (typeof DECIDERS)[number];

  /** The representative's; left out for the patient. */
  @ValidateIf((decider: Decider) => decider.kind === 'representative' || decider.id !== undefined)
  @IsUUID()
  id?: string;
}

export class Signature implements SignatureV1 {
  /** The signer's name in print. */
  @IsString()
  @IsLine(200)
  name: string;

  /**
   * As drawn: a list of strokes, each a list of [x, y, ms]. Empty where the signer typed the name because they can't draw.
   * At most 200 strokes and 5,000 points.
   */
  @IsArray()
  @IsStrokes()
  strokes: number[][][];
}

export class Witness implements WitnessV1 {
  @IsString()
  @IsLine(200)
  name: string;

  /** As in a signature. */
  @IsOptional()
  @IsArray()
  @IsStrokes()
  strokes?: number[][][];
}

export class RecordDecision {
  @IsIn(['given', 'refused'])
  decision: 'given' | 'refused';

  /** The part of the discussed regions that is consented to. Left out: all. */
  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayUnique()
  @IsIn(REGIONS, { each: true })
  regions?: Region[];

  @IsDefined()
  @Nested(() => Decider)
  decidedBy: Decider;

  /** The practitioner is satisfied that the patient has the capacity to decide. */
  @IsOptional()
  @IsBoolean()
  capacityConfirmed?: boolean;

  /** Alternatives, no treatment included, were discussed. */
  @IsOptional()
  @IsBoolean()
  alternativesDiscussed?: boolean;

  /** The decider knows that consent can be withdrawn at any time. */
  @IsOptional()
  @IsBoolean()
  rightToWithdrawTold?: boolean;

  /** What was understood, in the decider's own words. */
  @IsOptional()
  @IsString()
  @IsProse(4000)
  teachBack?: string;

  /** A drawn or typed name: a simple electronic signature, no more. */
  @IsOptional()
  @Nested(() => Signature)
  signature?: Signature;

  @IsOptional()
  @Nested(() => Witness)
  witness?: Witness;
}

export class WithdrawConsent {
  /** In the words of the person who withdraws. */
  @IsString()
  @IsProse(2000, { remark: true })
  reason: string;

  @IsDefined()
  @Nested(() => Decider)
  withdrawnBy: Decider;
}

export class WithdrawalView {
  at: string;
  reason: string;
  withdrawnBy: Decider;
  recordedBy: string;
}

export class ConsentView {
  id: string;
  patientId: string;
  discussionId: string;
  decision: 'given' | 'refused';
  /** The regions consented to; none where refused. */
  regions: Region[];
  decidedBy: Decider;
  capacityConfirmed: boolean;
  alternativesDiscussed: boolean;
  rightToWithdrawTold: boolean;
  teachBack: string | null;
  signature: Signature | null;
  witness: Witness | null;
  recordedBy: string;
  decidedAt: string;
  /** in_force, refused, expired, or why it is no longer in force. outdated: something must be discussed that wasn’t. unrepresented: the authority of the representative who gave it was ended. doubted: the patient no longer confirmed it. unlicensed: a risk was discussed, or it was recorded, by somebody without a valid licence. */
  state: 'in_force' | 'refused' | 'expired' | 'withdrawn' | 'replaced' | 'outdated' | 'unrepresented' | 'doubted' | 'unlicensed';
  inForceFrom: string | null;
  inForceUntil: string | null;
  withdrawal: WithdrawalView | null;
  /** SHA-256 of everything shown and discussed, in hexadecimal. */
  shownSha256: string;
  /** SHA-256 of that together with the signature; null where nothing was signed. */
  signedSha256: string | null;
}

/** Without signatures, which `GET /api/consents/{id}` has. */
export class ConsentSummary extends OmitType(ConsentView, ['signature', 'witness']) {}

export class ConsentList {
  items: ConsentSummary[];
}

export function toConsent(consent: Consent): ConsentView {
  return { ...toConsentSummary(consent), signature: consent.signature, witness: consent.witness };
}

export function toConsentSummary(consent: Consent): ConsentSummary {
  return {
    id: consent.id,
    patientId: consent.patientId,
    discussionId: consent.discussionId,
    decision: consent.decision,
    regions: consent.regions ?? [],
    decidedBy: toDecider(consent.decidedBy, consent.representativeId),
    capacityConfirmed: consent.capacityConfirmed,
    alternativesDiscussed: consent.alternativesDiscussed,
    rightToWithdrawTold: consent.rightToWithdrawTold,
    teachBack: consent.teachBack,
    recordedBy: consent.recordedBy,
    decidedAt: consent.decidedAt.toISOString(),
    state: consent.state,
    inForceFrom: consent.inForce?.from?.toISOString() ?? null,
    inForceUntil: consent.inForce?.until?.toISOString() ?? null,
    withdrawal: toWithdrawal(consent),
    shownSha256: consent.shownSha256.toString('hex'),
    signedSha256: consent.signedSha256?.toString('hex') ?? null,
  };
}

function toWithdrawal({
  withdrawnAt,
  withdrawnBy,
  withdrawnByRepresentative,
  withdrawalReason,
  withdrawalRecordedBy,
}: Consent): WithdrawalView | null {
  if (!withdrawnAt || !withdrawnBy || !withdrawalReason || !withdrawalRecordedBy) return null;
  return {
    at: withdrawnAt.toISOString(),
    reason: withdrawalReason,
    withdrawnBy: toDecider(withdrawnBy, withdrawnByRepresentative),
    recordedBy: withdrawalRecordedBy,
  };
}

function toDecider(kind: Decider['kind'], id: string | null): Decider {
  return id === null ? { kind } : { kind, id };
}
