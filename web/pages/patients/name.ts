import type { Api } from '../../api/client.ts';

type Named = Pick<Api['PatientView'], 'givenName' | 'familyName'>;

export function fullName({ givenName, familyName }: Named): string {
  return `${givenName} ${familyName}`;
}
