import { IsOptional, IsString } from 'class-validator';
import { IsDateOrInstant, IsLine } from '../common/input.js';
import type { Representative } from './representative.entity.js';

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
    validFrom: representative.valid.from?.toISOString() ?? null,
    validUntil: representative.valid.until?.toISOString() ?? null,
    recordedAt: representative.recordedAt.toISOString(),
  };
}
