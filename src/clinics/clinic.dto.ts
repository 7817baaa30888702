import { ArrayUnique, IsArray, IsIn, IsInt, IsString, IsUrl, Max, Min } from 'class-validator';
import { IsLine, IsOmittable } from '../common/input.js';
import { ROLES } from '../staff/staff.entity.js';
import type { Clinic } from './clinic.entity.js';

export class ChangePolicy {
  @IsOmittable()
  @IsString()
  @IsLine(200)
  name?: string;

  /** From this age on a patient decides alone. 14 to 21; what the law where the clinic is says. */
  @IsOmittable()
  @IsInt()
  @Min(14)
  @Max(21)
  adultAgeYears?: number;

  /** For how many days a screening clears. Counts for screenings from now on. */
  @IsOmittable()
  @IsInt()
  @Min(1)
  @Max(366)
  screeningValidDays?: number;

  /** For how many days a consent is in force. Counts for consents from now on. */
  @IsOmittable()
  @IsInt()
  @Min(1)
  @Max(1096)
  consentValidDays?: number;

  /**
   * For how many years a patient's record is kept after its last entry, and after the patient came of age. What the law where the
   * clinic is says, e.g. 10 in Germany, 8 in the United Kingdom. Takes effect immediately, for every record.
   */
  @IsOmittable()
  @IsInt()
  @Min(1)
  @Max(50)
  retentionYears?: number;

  /** After how many minutes without a request a login session locks. Takes effect immediately. */
  @IsOmittable()
  @IsInt()
  @Min(1)
  @Max(60)
  idleMinutes?: number;

  /** After how many hours a login session ends. Takes effect immediately. */
  @IsOmittable()
  @IsInt()
  @Min(1)
  @Max(24)
  sessionHours?: number;

  /** For how many minutes an authentication counts as fresh, as signing and administering demand. Takes effect immediately. */
  @IsOmittable()
  @IsInt()
  @Min(1)
  @Max(60)
  stepUpMinutes?: number;

  /** The roles that must show a second factor; administrators always, outside the demo. Takes effect immediately. */
  @IsOmittable()
  @IsArray()
  @ArrayUnique()
  @IsIn(ROLES, { each: true })
  mfaRoles?: (typeof ROLES)[number][];
}

export class PolicyView {
  id: string;
  name: string;
  /** IANA name. */
  timeZone: string;
  demo: boolean;
  adultAgeYears: number;
  screeningValidDays: number;
  consentValidDays: number;
  retentionYears: number;
  idleMinutes: number;
  sessionHours: number;
  stepUpMinutes: number;
  mfaRoles: (typeof ROLES)[number][];
}

export class SetSsoProvider {
  /**
   * What people see on the button.
   * @example Sign in with Example Hospital
   */
  @IsString()
  @IsLine(100)
  label: string;

  /**
   * The provider's issuer, as in its discovery document.
   * @example https://login.example.org
   */
  @IsUrl({ require_tld: false, require_protocol: true, protocols: ['https', 'http'] }, { message: 'must be an https URL' })
  @IsLine(500)
  issuer: string;

  @IsString()
  @IsLine(500)
  clientId: string;

  /** Kept encrypted, and never shown again. */
  @IsString()
  @IsLine(500)
  clientSecret: string;
}

export class SsoProviderView {
  label: string;
  issuer: string;
  clientId: string;
  /** To be registered at the provider. */
  redirectUri: string;
  /** Where people of this clinic begin. */
  signInUrl: string;
}

export function toPolicy(clinic: Clinic): PolicyView {
  return {
    id: clinic.id,
    name: clinic.name,
    timeZone: clinic.timeZone,
    demo: clinic.demo,
    adultAgeYears: clinic.adultAgeYears,
    screeningValidDays: clinic.screeningValidDays,
    consentValidDays: clinic.consentValidDays,
    retentionYears: clinic.retentionYears,
    idleMinutes: clinic.idleMinutes,
    sessionHours: clinic.sessionHours,
    stepUpMinutes: clinic.stepUpMinutes,
    mfaRoles: clinic.mfaRoles,
  };
}
