import { IsEmail, IsIn, IsOptional, IsString, MaxLength } from 'class-validator';
import { IsDateOrInstant, IsLine, IsProse } from '../common/input.js';
import { IsSignInAddress } from '../identity/sign-in-address.js';
import type { Licence } from './licence.entity.js';
import { PROFESSIONS, ROLES, type Staff } from './staff.entity.js';

export class EmployStaff {
  @IsString()
  @IsLine(200)
  name: string;

  @MaxLength(254)
  @IsEmail({}, { message: 'must be an email address' })
  @IsSignInAddress()
  email: string;

  @IsIn(ROLES)
  role: (typeof ROLES)[number];

  /** For practitioners, and only for them. */
  @IsOptional()
  @IsIn(PROFESSIONS)
  profession?: (typeof PROFESSIONS)[number];
}

export class RecordLicence {
  @IsIn(PROFESSIONS)
  profession: (typeof PROFESSIONS)[number];

  /**
   * Who issued it.
   * @example General Chiropractic Council
   */
  @IsString()
  @IsLine(200)
  authority: string;

  /** The registration number. */
  @IsString()
  @IsLine(60)
  number: string;

  /** A date in the clinic's time zone, or an instant. Left out: from now. */
  @IsOptional()
  @IsDateOrInstant()
  validFrom?: string;

  /** The last day, or the instant at which it ends. Left out: open-ended. */
  @IsOptional()
  @IsDateOrInstant()
  validUntil?: string;
}

export class RevokeLicence {
  @IsString()
  @IsProse(1000)
  reason: string;
}

export class LicenceView {
  id: string;
  practitionerId: string;
  profession: (typeof PROFESSIONS)[number];
  authority: string;
  number: string;
  validFrom: string | null;
  validUntil: string | null;
  revokedAt: string | null;
  revocationReason: string | null;
}

export class StaffView {
  id: string;
  name: string;
  email: string;
  role: (typeof ROLES)[number];
  profession: (typeof PROFESSIONS)[number] | null;
  licences: LicenceView[];
}

export class EmployedStaffView extends StaffView {
  /** Made at random and shown this once: hand it over, it can't be read again. */
  initialPassword: string;
}

export class StaffList {
  items: StaffView[];
}

export function toLicence(licence: Licence): LicenceView {
  return {
    id: licence.id,
    practitionerId: licence.practitionerId,
    profession: licence.profession,
    authority: licence.authority,
    number: licence.number,
    validFrom: licence.valid?.from?.toISOString() ?? null,
    validUntil: licence.valid?.until?.toISOString() ?? null,
    revokedAt: licence.revokedAt?.toISOString() ?? null,
    revocationReason: licence.revocationReason,
  };
}

export function toStaff(person: Staff, licences: readonly Licence[]): StaffView {
  return {
    id: person.id,
    name: person.name,
    email: person.email,
    role: person.role,
    profession: person.profession,
    licences: licences.filter((licence) => licence.practitionerId === person.id).map(toLicence),
  };
}
