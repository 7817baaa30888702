import { IsIn, IsOptional, IsString } from 'class-validator';
import { IsDateOrInstant, IsLine } from '../common/input.js';
import { PROFESSIONS, ROLES } from '../staff/staff.entity.js';

export class CreateKey {
  /**
   * What it is for.
   * @example Billing export
   */
  @IsString()
  @IsLine(200)
  label: string;

  @IsIn(ROLES)
  role: (typeof ROLES)[number];

  /** With the role practitioner, and only with it. */
  @IsOptional()
  @IsIn(PROFESSIONS)
  profession?: (typeof PROFESSIONS)[number];

  /** The last day, in the clinic's time zone, or the instant at which it ends. Within a year from now. */
  @IsDateOrInstant()
  expiresAt: string;
}

export class KeyView {
  id: string;
  label: string;
  role: (typeof ROLES)[number];
  profession: (typeof PROFESSIONS)[number] | null;
  createdAt: string;
  expiresAt: string;
  /** To the minute. Null: never. */
  lastUsedAt: string | null;
}

export class CreatedKeyView {
  id: string;
  /** Sent as `Authorization: Bearer …`. Shown this once: it can't be read again. */
  key: string;
}

export class KeyList {
  items: KeyView[];
}
