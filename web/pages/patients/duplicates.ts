import { type Api, ask } from '../../api/client.ts';
import type { PatientValues } from './patient-values.ts';

/** Who may be the same person, the most alike first. Archived patients too. */
export async function findDuplicates({ givenName, familyName, birthDate }: PatientValues): Promise<readonly Api['PatientView'][]> {
  const { items } = await ask((api) => api.GET('/api/patients/alike', { params: { query: { givenName, familyName, birthDate } } }));
  return items;
}
