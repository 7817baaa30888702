import type { Api } from '../../../api/client.ts';

export const CARE = ['screeningValidDays', 'consentValidDays', 'adultAgeYears', 'retentionYears'] as const;
export const SECURITY = ['idleMinutes', 'sessionHours', 'stepUpMinutes'] as const;
export type NumberField = (typeof CARE)[number] | (typeof SECURITY)[number];

export const CHANGEABLE = ['name', ...CARE, ...SECURITY, 'mfaRoles'] as const;

/** What differs, as the API takes it. */
export function changesOf(before: Api['PolicyView'], after: Api['PolicyView']): Api['ChangePolicy'] {
  const differs = (field: (typeof CHANGEABLE)[number]) => textOf(before[field]) !== textOf(after[field]);
  return Object.fromEntries(CHANGEABLE.filter(differs).map((field) => [field, after[field]]));
}

function textOf(value: unknown): string {
  return JSON.stringify(Array.isArray(value) ? [...(value as string[])].sort() : value);
}
