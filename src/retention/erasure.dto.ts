import { IsOptional, IsString, IsUUID } from 'class-validator';
import { IsProse } from '../common/input.js';
import type { Erasure } from './erasure.entity.js';

export class ErasePatient {
  /**
   * Why. It stays, so it must not name the patient.
   * @example The retention period is over.
   */
  @IsString()
  @IsProse(2000)
  reason: string;
}

export class ErasureQuery {
  /** The `nextCursor` of the page before. */
  @IsOptional()
  @IsUUID()
  cursor?: string;
}

export class ErasureView {
  id: string;
  patientId: string;
  erasedAt: string;
  /** Who, as they were called then. */
  staffId: string;
  staffName: string;
  staffRole: string;
  reason: string;
  /** Rows of the patient's record whose personal values were blanked. */
  rowsBlanked: number;
  /** Events about the patient whose details were taken. Their digests stay. */
  eventsBlanked: number;
  /** Searches whose words were taken, because they showed the patient or say a name. */
  searchesBlanked: number;
}

export class ErasurePage {
  items: ErasureView[];
  /** Null on the last page. */
  nextCursor: string | null;
}

export function toErasure(erasure: Erasure): ErasureView {
  return {
    id: erasure.id,
    patientId: erasure.patientId,
    erasedAt: erasure.erasedAt.toISOString(),
    staffId: erasure.staffId,
    staffName: erasure.staffName,
    staffRole: erasure.staffRole,
    reason: erasure.reason,
    rowsBlanked: erasure.rowsBlanked,
    eventsBlanked: erasure.eventsBlanked,
    searchesBlanked: erasure.searchesBlanked,
  };
}
