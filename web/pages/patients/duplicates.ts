import { type Api, ask } from '../../api/client.ts';
import type { PatientValues } from './patient-values.ts';

type Patient = Api['PatientView'];

const MOST = 100;

/** Who was born on that day and has a name in common, also where given and family name are swapped. Archived patients too. */
export async function findDuplicates(values: PatientValues): Promise<readonly Patient[]> {
  const { items } = await ask((api) =>
    api.GET('/api/patients', { params: { query: { query: values.birthDate, archived: true, limit: MOST } } }),
  );
  const names = new Set([values.givenName, values.familyName].map(fold));
  return items.filter(
    ({ birthDate, givenName, familyName }) =>
      birthDate === values.birthDate && [givenName, familyName].some((name) => names.has(fold(name))),
  );
}

function fold(name: string): string {
  return name.trim().normalize('NFKD').replaceAll(/\p{M}/gu, '').toLocaleLowerCase('en');
}
