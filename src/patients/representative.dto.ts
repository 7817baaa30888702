import { IsIn, IsOptional, IsString } from 'class-validator';
import { IsDateOrInstant, IsLine, IsProse } from '../common/input.js';
import { END_REASONS, type Representative } from './representative.entity.js';

export class RecordRepresentative {
  @IsString()
  @IsLine(200)
  name: string;

  /**
   * To the patient.
   * @example mother
   */
  @IsString()
  @IsLine(100)
  relationship: string;

  /**
   * Why this person may decide, and how that was checked.
   * @example parental responsibility, birth certificate seen
   */
  @IsString()
  @IsLine(300)
  authority: string;

  /** A date in the clinic's time zone, or an instant. Left out: from now. */
  @IsOptional()
  @IsDateOrInstant()
  validFrom?: string;

  /** The last day, or the instant at which the authority ends. Left out: open-ended. */
  @IsOptional()
  @IsDateOrInstant()
  validUntil?: string;
}

export class EndAuthority {
  /**
   * capacity_regained: the patient can decide again. came_of_age: the patient did. revoked: the patient or the representative ended it, as with a
   * power of attorney. discharged: a court or a public body ended its order. died: the representative. recorded_in_error: there never was any.
   */
  @IsIn(END_REASONS)
  reason: (typeof END_REASONS)[number];

  /**
   * How that was checked.
   * @example order of the court seen
   */
  @IsOptional()
  @IsString()
  @IsProse(2000)
  note?: string;
}

export class AuthorityEndView {
  at: string;
  reason: (typeof END_REASONS)[number];
  note: string | null;
  recordedBy: string;
}

export class RepresentativeView {
  id: string;
  patientId: string;
  name: string;
  relationship: string;
  authority: string;
  validFrom: string | null;
  /** The instant at which the authority ends; null where it is open-ended. */
  validUntil: string | null;
  recordedAt: string;
  /** Null: nobody ended it before its time. */
  end: AuthorityEndView | null;
}

export class RepresentativeList {
  items: RepresentativeView[];
}

export function toRepresentative(representative: Representative): RepresentativeView {
  return {
    id: representative.id,
    patientId: representative.patientId,
    name: representative.name,
    relationship: representative.relationship,
    authority: representative.authority,
    validFrom: representative.valid?.from?.toISOString() ?? null,
    // Ended before it began, it has no period, and must not look open-ended.
    validUntil: (representative.valid?.until ?? representative.endedAt)?.toISOString() ?? null,
    recordedAt: representative.recordedAt.toISOString(),
    end: toEnd(representative),
  };
}

function toEnd({ endedAt, endReason, endNote, endedBy }: Representative): AuthorityEndView | null {
  if (!endedAt || !endReason || !endedBy) return null;
  return { at: endedAt.toISOString(), reason: endReason, note: endNote, recordedBy: endedBy };
}
