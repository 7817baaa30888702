import type { HeadersObject, OpenAPIObject, OperationObject, ParameterObject, ResponseObject, SchemaObject } from '@nestjs/swagger';

const PROBLEMS = {
  400: 'Malformed: `errors` names the fields.',
  401: 'Not signed in, the login session is locked, or a proof of who one is was wrong.',
  403: 'Your role doesn’t permit it, it needs a recent authentication, or the request comes from another site.',
  404: 'No such row in your clinic.',
  409: 'The state doesn’t allow it. `blockers` says why a session can’t start. Or a request with the same Idempotency-Key is in progress, or its answer was shown once.',
  410: 'It existed, and is closed or erased.',
  412: 'Somebody else changed it since it was read.',
  413: 'The body has more than 512 KB.',
  414: 'A parameter of the address has more than 200 characters.',
  415: 'The body isn’t `application/json`.',
  422: 'A clinical rule or a policy forbids it. `missing` says what is missing. Or the Idempotency-Key was used for another request.',
  428: 'The request doesn’t say which version it changes: send `If-Match`.',
  429: 'Too many attempts, or too many requests of this address whose bodies are still being sent.',
  500: 'A defect of the server. Nothing was written.',
  503: 'The database or another server that is needed isn’t available, or the record is in use. Nothing was written, unless `code` says otherwise: `outcome-unknown` when the connection was lost during the commit (repeat the request unchanged with the same `Idempotency-Key`), `mail-not-sent` when what was recorded stays.',
} as const;
type ProblemStatus = keyof typeof PROBLEMS;
const STATUSES = Object.keys(PROBLEMS).map(Number) as ProblemStatus[];

/** Operations that have a problem which their method, address, parameters and security don't tell (see problemsOf). */
const MORE_PROBLEMS: { readonly [status in ProblemStatus]?: readonly string[] } = {
  401: ['signIn', 'signInWithPasskey', 'acceptInvitation', 'startSso', 'finishSso'],
  403: ['acceptInvitation', 'finishSso'],
  404: [
    'getSsoProvider',
    'getCurrentQuestionnaire',
    'getCurrentDisclosure',
    'getModelDisclosure',
    'getCheckpoint',
    'exportEvents',
    'chooseClinic',
    'finishSso',
    'removeTotp',
  ],
  409: ['forgetPassword', 'acceptInvitation', 'finishSso', 'enrolTotp', 'confirmTotp', 'addPasskey', 'getCheckpoint', 'getProof'],
  410: ['openInvitation', 'acceptInvitation', 'resetPassword'],
  422: ['acceptInvitation', 'resetPassword', 'confirmTotp'],
};

/** Operations that begin, renew or end a login session. */
const SETS_COOKIE: ReadonlySet<string> = new Set([
  'signIn',
  'signInWithPasskey',
  'lock',
  'verify',
  'verifyWithPasskey',
  'chooseClinic',
  'signOut',
  'acceptInvitation',
  'startSso',
  'finishSso',
  'changePassword',
  'confirmTotp',
  'removeTotp',
  'addPasskey',
  'removePasskey',
]);

/** Operations that clear a cookie, whether they succeed or not. */
const CLEARS_COOKIE: ReadonlySet<string> = new Set(['finishSso', 'signOut']);

/** Tags of what belongs to one patient's record, which may be erased. */
const RECORD: ReadonlySet<string> = new Set(['patients', 'screening', 'consent', 'sessions', 'retention']);

const SUCCESS: Readonly<Record<string, string>> = {
  200: 'Done.',
  201: 'Created.',
  202: 'Accepted: it is done in the background.',
  204: 'Done. There is nothing to say.',
};

export const IDEMPOTENCY_KEY: ParameterObject = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description:
    'Makes the request safe to repeat for 24 hours (draft-ietf-httpapi-idempotency-key-header). A new UUID for each act, with or without quotes; the same one, with the same body, to repeat it.',
  schema: { type: 'string', minLength: 16, maxLength: 130, pattern: '^("?)[A-Za-z0-9._~:+/=-]{16,128}\\1$' },
  example: '"8e03978e-40d5-43e8-bc93-6894a57f9324"',
};

const HEADERS: HeadersObject = {
  RequestId: {
    description: 'Names the request in the audit trail and in the server’s log.',
    required: true,
    schema: { type: 'string', format: 'uuid' },
  },
  IdempotentReplayed: {
    description: '`true` where this is the answer to an earlier request with the same Idempotency-Key. Absent otherwise.',
    schema: { type: 'string', enum: ['true'] },
  },
  ETag: {
    description: 'The version of the patient, for the `If-Match` of a correction.',
    required: true,
    schema: { type: 'string', pattern: '^"\\d+"$' },
  },
  SetCookie: { description: 'The login session’s new token, or its end.', schema: { type: 'string' } },
  ClearSiteData: { description: 'Lets the browser forget what it keeps of this site.', schema: { type: 'string' } },
  ContentDisposition: { description: 'The name of the file.', required: true, schema: { type: 'string' } },
  Location: { description: 'Where the browser goes on.', required: true, schema: { type: 'string', format: 'uri-reference' } },
  RetryAfter: { description: 'The seconds after which the same request may succeed.', schema: { type: 'integer', minimum: 1 } },
};

const text: SchemaObject = { type: 'string' };
const listOf = (...fields: string[]): SchemaObject => ({
  type: 'array',
  items: { type: 'object', properties: Object.fromEntries(fields.map((field) => [field, text])), required: fields },
});

const PROBLEM: SchemaObject = {
  type: 'object',
  description: 'RFC 9457 problem details.',
  required: ['type', 'title', 'status', 'code', 'requestId'],
  properties: {
    type: { ...text, examples: ['urn:assent:problem:session.refused'] },
    title: { ...text, description: 'What happened.' },
    status: { type: 'integer' },
    code: { ...text, description: 'Stable.', examples: ['session.refused'] },
    detail: { ...text, description: 'What to do about it.' },
    errors: { ...listOf('field', 'message'), description: 'Which fields are malformed.' },
    blockers: { ...listOf('code', 'message', 'remedy'), description: 'Why a session can’t start, and what to do about each reason.' },
    missing: { type: 'array', items: text, description: 'What is missing, as codes.' },
    requestId: { ...text, format: 'uuid' },
  },
};

type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

/** An operation that changes something and isn't about the login session itself, which says so by a security of its own. */
export function isSafeToRepeat(method: Method, { security }: OperationObject): boolean {
  return method !== 'get' && security === undefined;
}

/** Fails where an operation that is named here was renamed or removed. */
export function refuseUnknownNames({ paths }: OpenAPIObject): void {
  const known = new Set(
    Object.values(paths).flatMap(({ get, post, put, patch, delete: remove }) =>
      [get, post, put, patch, remove].map((operation) => operation?.operationId),
    ),
  );
  const unknown = [...SETS_COOKIE, ...Object.values(MORE_PROBLEMS).flat()].filter((name) => !known.has(name));
  if (unknown.length > 0) throw new Error(`The API has no operation ${unknown.join(', ')}.`);
}

/** Completes an operation's responses: problems and headers. */
export function describeResponses(document: OpenAPIObject, path: string, method: Method, operation: OperationObject): void {
  const components = (document.components ??= {});
  components.headers ??= HEADERS;
  components.schemas = { ...components.schemas, Problem: PROBLEM };
  components.responses ??= {};
  for (const [status, response] of Object.entries(operation.responses)) {
    if (!response || '$ref' in response) continue;
    response.description ||= SUCCESS[status] ?? '';
    response.headers = headersOf(method, operation, status, response);
  }
  for (const status of problemsOf(path, method, operation)) {
    const problem = problemResponse(status);
    components.responses[`Problem${status}`] ??= problem;
    const more = {
      ...(CLEARS_COOKIE.has(operation.operationId ?? '') ? cookieHeaders(operation) : {}),
      ...(status === KEPT_REFUSALS[operation.operationId ?? ''] ? REPLAYED : {}),
    };
    operation.responses[status] =
      Object.keys(more).length > 0
        ? { ...problem, headers: { ...problem.headers, ...more } }
        : { $ref: `#/components/responses/Problem${status}` };
  }
}

function cookieHeaders({ operationId = '' }: OperationObject): HeadersObject {
  return {
    ...(SETS_COOKIE.has(operationId) ? { 'Set-Cookie': { $ref: '#/components/headers/SetCookie' } } : {}),
    ...(operationId === 'signOut' ? { 'Clear-Site-Data': { $ref: '#/components/headers/ClearSiteData' } } : {}),
  };
}

const REPLAYED: HeadersObject = { 'Idempotent-Replayed': { $ref: '#/components/headers/IdempotentReplayed' } };
/** Refusals with which something is recorded: a repetition gets them again. */
const KEPT_REFUSALS: { readonly [operationId: string]: ProblemStatus } = { startSession: 409 };
const RETRIED: ReadonlySet<ProblemStatus> = new Set([409, 429, 503]);

function problemResponse(status: ProblemStatus): ResponseObject {
  return {
    description: PROBLEMS[status],
    headers: {
      'X-Request-Id': { $ref: '#/components/headers/RequestId' },
      ...(RETRIED.has(status) ? { 'Retry-After': { $ref: '#/components/headers/RetryAfter' } } : {}),
    },
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
  };
}

function problemsOf(path: string, method: Method, operation: OperationObject): ProblemStatus[] {
  const { operationId = '', parameters = [], security, tags = [] } = operation;
  const found = new Set(STATUSES.filter((status) => MORE_PROBLEMS[status]?.includes(operationId)));
  const add = (...statuses: ProblemStatus[]) => {
    for (const status of statuses) found.add(status);
  };
  if (path !== '/health/live') add(500, 503);
  if (method !== 'get') add(400, 403, 413, 415, 429);
  if (parameters.length > 0) add(400);
  if (parameters.some((parameter) => 'name' in parameter && parameter.name === 'If-Match')) add(412, 428);
  if (path.includes('{')) add(404, 414);
  // Any signed-in person (a security scheme of its own), or holders of a permission.
  if (security?.some((requirement) => Object.keys(requirement).length === 0) !== true) add(401, 403);
  if (isSafeToRepeat(method, operation)) add(409, 422);
  if (path.startsWith('/api/patients/{id}') || (method !== 'get' && path.includes('{') && tags.some((tag) => RECORD.has(tag)))) add(410);
  return [...found].sort();
}

function headersOf(method: Method, operation: OperationObject, status: string, { content = {} }: ResponseObject): HeadersObject {
  const schema = content['application/json']?.schema;
  return {
    'X-Request-Id': { $ref: '#/components/headers/RequestId' },
    ...(isSafeToRepeat(method, operation) ? REPLAYED : {}),
    ...(schema && '$ref' in schema && schema.$ref.endsWith('/PatientRecordView') ? { ETag: { $ref: '#/components/headers/ETag' } } : {}),
    ...cookieHeaders(operation),
    ...('text/csv' in content || 'application/x-ndjson' in content
      ? { 'Content-Disposition': { $ref: '#/components/headers/ContentDisposition' } }
      : {}),
    ...(status === '302' ? { Location: { $ref: '#/components/headers/Location' } } : {}),
  };
}
