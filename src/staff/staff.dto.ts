import { IsEmail, IsIn, IsOptional, IsString, MaxLength } from 'class-validator';
import { IsDateOrInstant, IsLine, IsOmittable, IsProse } from '../common/input.js';
import { IsSignInAddress } from '../identity/sign-in-address.js';
import type { Licence } from './licence.entity.js';
import { PROFESSIONS, ROLES, type Staff } from './staff.entity.js';

export class InviteStaff {
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

export class ChangeStaff {
  @IsOmittable()
  @IsString()
  @IsLine(200)
  name?: string;

  @IsOmittable()
  @IsIn(ROLES)
  role?: (typeof ROLES)[number];

  /** For practitioners, and only for them: null with every other role. */
  @IsOptional()
  @IsIn(PROFESSIONS)
  profession?: (typeof PROFESSIONS)[number] | null;
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
  /** Invited: has not accepted yet. Inactive: can't sign in to this clinic any more. */
  status: 'invited' | 'active' | 'inactive';
  licences: LicenceView[];
}

export class ColleagueView {
  id: string;
  name: string;
  role: (typeof ROLES)[number];
  profession: (typeof PROFESSIONS)[number] | null;
}

export class ColleagueList {
  items: ColleagueView[];
}

export class InvitationSentView {
  staffId: string;
  /** 72 hours from now. */
  expiresAt: string;
  /** Where the link was sent. Null: no mail server is set up. */
  sentTo: string | null;
  /** The link, where it wasn't sent by mail. Shown this once: hand it over. */
  link: string | null;
  /** The person sets a new password, and second factors are forgotten. Otherwise an invitation. */
  renews: boolean;
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

export function toColleague({ id, name, role, profession }: Staff): ColleagueView {
  return { id, name, role, profession };
}

export function toStaff(person: Staff, licences: readonly Licence[]): StaffView {
  return {
    id: person.id,
    name: person.name,
    email: person.email ?? '',
    role: person.role,
    profession: person.profession,
    status: statusOf(person),
    licences: licences.filter((licence) => licence.practitionerId === person.id).map(toLicence),
  };
}

function statusOf({ active }: Staff): StaffView['status'] {
  if (active === 'empty') return 'invited';
  return active.until === null || active.until > new Date() ? 'active' : 'inactive';
}
