import type { OpenAPIObject, ParameterObject, ReferenceObject, SchemaObject } from '@nestjs/swagger';

type Schema = SchemaObject | ReferenceObject;

/** What the names of fields say and their TypeScript types don't. */
const BY_NAME: readonly (readonly [RegExp, SchemaObject])[] = [
  [/^(birthDate|erasableFrom|week)$/, { format: 'date' }],
  [/^(at|since|until)$|(At|From|Until)$/, { format: 'date-time' }],
  [/^id$|(?<!^(client|passkey|rp|subject))Id$|(?<!^(published|screened))By$/, { format: 'uuid' }],
  [/Sha256$/, { pattern: '^[0-9a-f]{64}$' }],
];

/** Completes what the compiler plugin derives from the classes. */
export function describeSchemas(document: OpenAPIObject): void {
  const schemas = document.components?.schemas ?? {};
  for (const schema of Object.values(schemas)) describeFields(schema);
  for (const parameter of parametersOf(document)) {
    if (!parameter.schema || '$ref' in parameter.schema) continue;
    describeField(parameter.name, parameter.schema);
    // Longer ones are refused by the router (see server.ts).
    if (parameter.in === 'path' && !parameter.schema.format) parameter.schema.maxLength = 200;
  }
  // Unknown fields of requests are refused (see validationPipe).
  for (const name of takenBy(document)) {
    const schema = schemas[name];
    if (schema && 'properties' in schema) schema.additionalProperties = false;
  }
}

function parametersOf({ paths }: OpenAPIObject): ParameterObject[] {
  const operations = Object.values(paths).flatMap(({ get, post, put, patch, delete: remove }) => [get, post, put, patch, remove]);
  return operations.flatMap((operation) => operation?.parameters ?? []).filter((parameter) => 'name' in parameter);
}

function describeFields(schema: Schema): void {
  if (!('properties' in schema)) return;
  for (const [name, field] of Object.entries(schema.properties ?? {})) {
    if ('$ref' in field) continue;
    describeField(name, field);
  }
}

function describeField(name: string, field: SchemaObject): void {
  const types = [field.type].flat();
  if (types.includes('string') && !field.format && !field.pattern && !field.enum) {
    Object.assign(field, BY_NAME.find(([pattern]) => pattern.test(name))?.[1]);
  }
  // Counts and durations. What may be a fraction carries a format.
  if (types.includes('number') && !field.format) field.type = types.length > 1 ? ['integer', 'null'] : 'integer';
  if (types.includes('object') && !field.properties) field.additionalProperties ??= true;
  if ('example' in field) {
    // The plugin reads the digits of a text as a number.
    field.examples = [types.includes('string') ? String(field.example) : field.example];
    delete field.example;
  }
}

/** The schemas that requests refer to, however indirectly. */
function takenBy({ paths, components }: OpenAPIObject): Set<string> {
  const found = new Set<string>();
  const follow = (node: unknown): void => {
    for (const [, name = ''] of JSON.stringify(node ?? null).matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
      if (found.has(name)) continue;
      found.add(name);
      follow(components?.schemas?.[name]);
    }
  };
  for (const item of Object.values(paths)) {
    for (const operation of [item.post, item.put, item.patch]) follow(operation?.requestBody);
  }
  return found;
}
