import { IsString } from 'class-validator';
import { IsProse } from '../common/input.js';
import type { LegalHold } from './legal-hold.entity.js';

export class PlaceLegalHold {
  /**
   * Which claim, investigation or request asks for the record.
   * @example Claim 2026-117 is pending.
   */
  @IsString()
  @IsProse(2000)
  reason: string;
}

export class LiftLegalHold {
  /** Why the record needn't be held any more. */
  @IsString()
  @IsProse(2000)
  reason: string;
}

export class LegalHoldView {
  id: string;
  patientId: string;
  reason: string;
  placedBy: string;
  placedAt: string;
  /** Null: in force. */
  liftedAt: string | null;
  liftedBy: string | null;
  liftReason: string | null;
}

export class LegalHoldList {
  items: LegalHoldView[];
}

export function toLegalHold(hold: LegalHold): LegalHoldView {
  return {
    id: hold.id,
    patientId: hold.patientId,
    reason: hold.reason,
    placedBy: hold.placedBy,
    placedAt: hold.placedAt.toISOString(),
    liftedAt: hold.liftedAt?.toISOString() ?? null,
    liftedBy: hold.liftedBy,
    liftReason: hold.liftReason,
  };
}
