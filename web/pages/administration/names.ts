import { t } from '../../messages/index.ts';

interface Named {
  readonly recordNumber: string;
  readonly givenName: string;
  readonly familyName: string;
}

/** Rosa García · 000012 */
export function nameOf(patient: Named): string {
  const name = `${patient.givenName} ${patient.familyName}`.trim();
  return `${name || t('administration.erasedPatient')} · ${patient.recordNumber}`;
}
