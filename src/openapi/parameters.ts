import type { OpenAPIObject } from '@nestjs/swagger';

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;

/** What stands before an id in an address, where it isn't the record's plural. */
const RECORDS: Readonly<Record<string, string>> = {
  'api-keys': 'API key',
  'legal-holds': 'legal hold',
  proof: 'event',
  sso: 'clinic',
  staff: 'member of staff',
};

/** Says of each part of an address what it names. A query's parameter has its own comment, or the description can't be made. */
export function describeParameters(path: string, { operationId = '', parameters = [] }: Operation): void {
  for (const parameter of parameters) {
    if ('$ref' in parameter) continue;
    if (parameter.in === 'path') parameter.description ||= nameOf(path, parameter.name);
    if (!parameter.description) throw new Error(`${parameter.name} of ${operationId} has no description.`);
  }
}

function nameOf(path: string, parameter: string): string {
  const segments = path.split('/');
  const before = segments[segments.indexOf(`{${parameter}}`) - 1] ?? '';
  const isLogin = before === 'sessions' && parameter === 'sessionId';
  const record = isLogin ? 'login session' : (RECORDS[before] ?? before.replace(/s$/, ''));
  return parameter === 'code' ? `The code of the ${record}.` : `The id of the ${record}.`;
}
