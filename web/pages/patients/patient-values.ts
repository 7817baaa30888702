import { isNotEmpty } from '@mantine/form';
import type { Api } from '../../api/client.ts';
import { t } from '../../messages/index.ts';

/** What the form holds: text in every field, empty where nothing is known. */
export interface PatientValues {
  readonly givenName: string;
  readonly familyName: string;
  readonly birthDate: string;
  readonly sex: Api['PatientView']['sex'];
  readonly phone: string;
  readonly email: string;
  readonly preferredLanguage: string;
  readonly recordNumber: string;
}

export const NOBODY: PatientValues = {
  givenName: '',
  familyName: '',
  birthDate: '',
  sex: 'unknown',
  phone: '',
  email: '',
  preferredLanguage: '',
  recordNumber: '',
};

export function valuesOf(patient: Api['PatientView']): PatientValues {
  const { givenName, familyName, birthDate, sex, phone, email, preferredLanguage, recordNumber } = patient;
  return {
    givenName,
    familyName,
    birthDate,
    sex,
    phone: phone ?? '',
    email: email ?? '',
    preferredLanguage: preferredLanguage ?? '',
    recordNumber,
  };
}

/** As the API takes a new patient: what is empty is left out. */
export function toRegistration(values: PatientValues): Api['RegisterPatient'] {
  const { givenName, familyName, birthDate, ...rest } = trimmed(values);
  const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== ''));
  return { givenName, familyName, birthDate, ...given };
}

/** What differs from before. Null clears what may be unknown. */
export function toCorrection(before: PatientValues, values: PatientValues): Api['CorrectPatient'] {
  const now = trimmed(values);
  const changed = Object.entries(now).filter(([key, value]) => value !== before[key as keyof PatientValues]);
  return Object.fromEntries(changed.map(([key, value]) => [key, value === '' ? null : value]));
}

const required = isNotEmpty(t('common.required'));
/** What can't be left empty. */
export const REQUIRED = { givenName: required, familyName: required, birthDate: required };

function trimmed(values: PatientValues): PatientValues {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, (value as string).trim()])) as unknown as PatientValues;
}
