import { readFileSync } from 'node:fs';
import addFormats from 'ajv-formats';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';

interface Reference {
  readonly $ref: string;
}
/** A response, or a header of one. */
interface Part {
  readonly headers?: Readonly<Record<string, Part | Reference>>;
  readonly content?: Readonly<Record<string, object>>;
  readonly required?: boolean;
  readonly schema?: { readonly type?: string };
}
interface Operation {
  readonly responses: Readonly<Record<string, Part | Reference>>;
}
type PathItem = Readonly<Record<string, Operation>>;
interface Description {
  readonly paths: Readonly<Record<string, PathItem>>;
}

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly headers: Headers;
  /** Parsed, where it is JSON. */
  readonly body: unknown;
}

/** Of HTTP itself, and those for security, which every answer has (test/request/http.spec.ts). */
const COMMON_HEADERS = new Set([
  'cache-control',
  'connection',
  'content-length',
  'content-security-policy',
  'content-type',
  'cross-origin-opener-policy',
  'cross-origin-resource-policy',
  'date',
  'keep-alive',
  'referrer-policy',
  'strict-transport-security',
  'transfer-encoding',
  'x-content-type-options',
]);

/** Node refuses these before there is a request. */
const BEFORE_ANY_REQUEST = 431;

/**
 * Fails where an answer of the API isn't as openapi.json describes it: status, headers, content type, and the body, with no other fields
 * than the described ones.
 */
export function expectDescribed(received: Received): void {
  const { method, path, status } = received;
  const { pathname } = new URL(path, 'http://localhost');
  if (!/^\/(api|health)\//.test(pathname) || /^\/api\/(docs|openapi)/.test(pathname) || status === BEFORE_ANY_REQUEST) return;
  const faults = faultsOf(received, pathname);
  if (faults.length === 0) return;
  throw new Error(`${method} ${pathname} answered ${status}, not as openapi.json describes it: ${faults.join('; ')}`);
}

function faultsOf(received: Received, pathname: string): string[] {
  const { method, status } = received;
  const template = templates().find(({ pattern }) => pattern.test(pathname))?.template;
  if (template === undefined) return problemFaults(received, status === 405 ? ['no such address is described'] : []);
  const item = description().paths[template] ?? {};
  const name = method === 'HEAD' ? 'get' : method.toLowerCase();
  const operation = item[name];
  if (!operation) return otherMethodFaults(received, item);
  if (!operation.responses[status]) return [`described are ${Object.keys(operation.responses).join(', ')}`];
  const { value: response, pointer } = follow(`/paths/${escapePointer(template)}/${name}/responses/${status}`);
  return [...headerFaults(received, response, pointer), ...contentFaults(received, response, pointer)];
}

/** Where there is no operation, there is no answer but a problem. */
function problemFaults({ method, status, headers, body }: Received, faults: string[]): string[] {
  const type = headers.get('content-type')?.split(';')[0];
  if (status < 400 || type !== 'application/problem+json') return [...faults, 'it should be a problem'];
  return [...faults, ...(method === 'HEAD' ? [] : schemaFaults('/components/schemas/Problem', body, 'body'))];
}

function otherMethodFaults(received: Received, item: PathItem): string[] {
  const { method, status, headers } = received;
  if (method !== 'OPTIONS' && status !== 405) return problemFaults(received, status === 404 ? ['it should be 405'] : []);
  const methods = Object.keys(item).map((name) => name.toUpperCase());
  const allow = [...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].sort().join(', ');
  const faults = headers.get('allow') === allow ? [] : [`Allow should be ${allow}`];
  if (method !== 'OPTIONS') return problemFaults(received, faults);
  return status === 204 ? faults : [...faults, 'it should be 204'];
}

function headerFaults({ headers }: Received, response: Part, pointer: string): string[] {
  const described = Object.keys(response.headers ?? {});
  const names = new Set(described.map((name) => name.toLowerCase()));
  const others = [...headers.keys()].filter((name) => !COMMON_HEADERS.has(name) && !names.has(name));
  return [
    ...others.map((name) => `the header ${name} isn’t described`),
    ...described.flatMap((name) => {
      const header = follow(`${pointer}/headers/${name}`);
      const value = headers.get(name);
      if (value === null) return header.value.required === true ? [`the header ${name} is missing`] : [];
      const typed = header.value.schema?.type === 'integer' ? Number(value) : value;
      return schemaFaults(`${header.pointer}/schema`, typed, `header ${name}`);
    }),
  ];
}

function contentFaults({ method, headers, body }: Received, { content }: Part, pointer: string): string[] {
  const type = headers.get('content-type')?.split(';')[0];
  if (!content) return body === '' ? [] : [`no body is described, it is ${type}`];
  if (type === undefined || !content[type]) return [`described is ${Object.keys(content).join(', ')}, it is ${type}`];
  return method === 'HEAD' ? [] : schemaFaults(`${pointer}/content/${escapePointer(type)}/schema`, body, 'body');
}

function schemaFaults(pointer: string, value: unknown, name: string): string[] {
  const validate = validatorOf(pointer);
  if (validate(value)) return [];
  return (validate.errors ?? []).map(({ instancePath, message, params }) => `${name}${instancePath} ${message} ${JSON.stringify(params)}`);
}

let loaded: Description | undefined;

/** Read when it is first wanted: not every test calls the API. */
function description(): Description {
  loaded ??= JSON.parse(readFileSync(new URL('../../openapi.json', import.meta.url), 'utf8'), closed) as Description;
  return loaded;
}

/** Objects with properties have no others. */
function closed(_key: string, value: unknown): unknown {
  const isObjectSchema = typeof value === 'object' && value !== null && 'properties' in value && 'type' in value && value.type === 'object';
  return isObjectSchema ? { additionalProperties: false, ...value } : value;
}

let patterns: { readonly template: string; readonly pattern: RegExp }[] | undefined;

/** Addresses without parameters first: /disclosures/current is no id. */
function templates(): { readonly template: string; readonly pattern: RegExp }[] {
  patterns ??= Object.keys(description().paths)
    .sort((one, other) => one.split('{').length - other.split('{').length)
    .map((template) => ({
      template,
      pattern: new RegExp(`^${template.replaceAll('.', String.raw`\.`).replaceAll(/\{\w+\}/g, '[^/]+')}$`),
    }));
  return patterns;
}

/** What is at a pointer, or where its reference leads. */
function follow(pointer: string): { readonly value: Part; readonly pointer: string } {
  let value: unknown = description();
  for (const part of pointer.split('/').slice(1)) value = (value as Record<string, unknown>)[part.replaceAll('~1', '/')];
  const found = value as Part | Reference;
  return '$ref' in found ? follow(found.$ref.slice(1)) : { value: found, pointer };
}

const escapePointer = (part: string): string => part.replaceAll('/', '~1');

const validators = new Map<string, ValidateFunction>();
let ajv: Ajv2020 | undefined;

function validatorOf(pointer: string): ValidateFunction {
  const known = validators.get(pointer);
  if (known) return known;
  if (!ajv) {
    ajv = new Ajv2020({ allowUnionTypes: true, validateSchema: false });
    addFormats.default(ajv);
    // Schemas are looked up in the document by their pointers; what else it has is no keyword of theirs.
    ajv.addVocabulary(Object.keys(description()));
    ajv.addSchema(description(), 'openapi.json');
  }
  const validate = ajv.compile({ $ref: `openapi.json#${pointer}` });
  validators.set(pointer, validate);
  return validate;
}
