import { PartialType, PickType } from '@nestjs/swagger';
import { Transform, Type } from 'class-transformer';
import { IsBoolean, IsEmail, IsIn, IsInt, IsOptional, IsString, Matches, Max, MaxLength, Min } from 'class-validator';
import { IsCalendarDate, IsLanguage, IsLine, IsOmittable } from '../common/input.js';
import { ARCHIVE_REASONS, type Patient, SEXES } from './patient.entity.js';

export class RegisterPatient {
  /** As the patient writes it, in any script. */
  @IsString()
  @IsLine(100)
  givenName: string;

  /** All family names. */
  @IsString()
  @IsLine(100)
  familyName: string;

  /**
   * From 1900-01-01 to today in the clinic's time zone.
   * @example 1984-05-17
   */
  @IsCalendarDate()
  @Matches(/^(19|[2-9]\d)/, { message: 'must not be before 1900' })
  birthDate: string;

  /** Administrative gender, the codes of HL7 FHIR. */
  @IsOmittable()
  @IsIn(SEXES)
  sex?: (typeof SEXES)[number];

  @IsOptional()
  @IsString()
  @Matches(/^\+?[0-9 ()./-]{3,40}$/, { message: 'must be a telephone number: digits, spaces and + ( ) . / -' })
  phone?: string | null;

  @IsOptional()
  @MaxLength(254)
  @IsEmail({}, { message: 'must be an email address' })
  email?: string | null;

  /**
   * A BCP 47 tag.
   * @example es
   */
  @IsOptional()
  @MaxLength(35)
  @IsLanguage()
  preferredLanguage?: string | null;

  /** Unique in the clinic. Left out: the next free number. */
  @IsOmittable()
  @IsString()
  @IsLine(40)
  recordNumber?: string;
}

/** What is left out stays; null clears what may be unknown. */
export class CorrectPatient extends PartialType(RegisterPatient, { skipNullProperties: false }) {}

export class FindPatients {
  /** Every word is looked for in names and record numbers, in any order, without case and accents; or a birth date (YYYY-MM-DD). */
  @IsOptional()
  @IsString()
  @MaxLength(200)
  query?: string;

  /** `nextCursor` of the page before. */
  @IsOptional()
  @IsString()
  @MaxLength(10_000)
  cursor?: string;

  /** How many at most; 25 where it is left out. */
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(100)
  limit?: number;

  /** Archived patients too. */
  @IsOmittable()
  @Transform(({ value }: { value: unknown }) => (value === 'true' ? true : value === 'false' ? false : value))
  @IsBoolean({ message: 'must be true or false' })
  archived?: boolean;
}

/** Whom somebody is about to register. */
export class FindPatientsAlike extends PickType(RegisterPatient, ['givenName', 'familyName', 'birthDate']) {}

export class ArchivePatient {
  /** Why the record is closed. */
  @IsIn(ARCHIVE_REASONS)
  reason: (typeof ARCHIVE_REASONS)[number];
}

export class PatientView {
  id: string;
  recordNumber: string;
  givenName: string;
  familyName: string;
  /** YYYY-MM-DD */
  birthDate: string;
  sex: (typeof SEXES)[number];
  phone: string | null;
  email: string | null;
  preferredLanguage: string | null;
  registeredAt: string;
  /** Nothing is added until somebody restores the record. Null: not archived. */
  archivedAt: string | null;
  archivedBy: string | null;
  archiveReason: (typeof ARCHIVE_REASONS)[number] | null;
  /** Counts corrections, archivings and restorations. The ETag is made of it. */
  version: number;
}

export class PatientRecordView extends PatientView {
  /**
   * The day from which an administrator may erase the record, once it is archived and no legal hold is in force: by the clinic's policy, and
   * later with each entry. Null for roles that may not see the entries.
   */
  erasableFrom: string | null;
}

export class PatientPage {
  items: PatientView[];
  /** Null on the last page. */
  nextCursor: string | null;
}

export class PatientsAlike {
  /** The most alike first, 20 at most. */
  items: PatientView[];
}

export function toPatient(patient: Patient): PatientView {
  return {
    id: patient.id,
    recordNumber: patient.recordNumber,
    givenName: patient.givenName,
    familyName: patient.familyName,
    birthDate: patient.birthDate,
    sex: patient.sex,
    phone: patient.phone,
    email: patient.email,
    preferredLanguage: patient.preferredLanguage,
    registeredAt: patient.registeredAt.toISOString(),
    archivedAt: patient.archivedAt?.toISOString() ?? null,
    archivedBy: patient.archivedBy,
    archiveReason: patient.archiveReason,
    version: patient.version,
  };
}
