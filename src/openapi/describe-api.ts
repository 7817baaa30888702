import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';

/** The API's description. `npm run openapi` writes it to openapi.json; the server offers it with pages to try it. */
export function describeApi(app: NestFastifyApplication): OpenAPIObject {
  const builder = new DocumentBuilder()
    .setTitle('Assent')
    .setDescription(
      [
        'Practice management for clinics that give spinal manipulation therapy. A session can’t start unless the patient was screened, every risk was discussed, and consent is in force: PostgreSQL refuses it.',
        'Sign in with `POST /api/auth/sign-in`; the cookie does the rest. Programs send an API key as `Authorization: Bearer …`. Instants are RFC 3339 in UTC, dates are those of the clinic’s time zone. Every error is `application/problem+json` with a stable `code`.',
        'A request that changes something is safe to repeat if it carries an `Idempotency-Key`: the repetition gets the first answer, marked `Idempotent-Replayed: true`, and changes nothing.',
      ].join('\n\n'),
    )
    .setVersion('0.1.0')
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addCookieAuth('assent', { type: 'apiKey', in: 'cookie', description: 'Over https its name is __Host-assent.' }, 'session')
    .addBearerAuth({ type: 'http', scheme: 'bearer', bearerFormat: 'assent_key_…' }, 'key')
    .addSecurityRequirements('session')
    .addSecurityRequirements('key')
    .build();
  const document = SwaggerModule.createDocument(app, builder, {
    operationIdFactory: (_controller, method) => method,
    autoTagControllers: false,
  });
  return addIdempotencyKey(addProblems(document));
}

export function mountDocs(app: NestFastifyApplication): void {
  SwaggerModule.setup('api/docs', app, () => describeApi(app), {
    jsonDocumentUrl: 'api/openapi.json',
    yamlDocumentUrl: 'api/openapi.yaml',
    customSiteTitle: 'Assent API',
    swaggerOptions: { persistAuthorization: false, displayRequestDuration: true, docExpansion: 'list' },
  });
}

const PROBLEM = 'application/problem+json';
const STATUSES: Readonly<Record<string, string>> = {
  '400': 'Malformed: `errors` names the fields.',
  '401': 'Not signed in, or locked.',
  '403': 'Not yours to do.',
  '404': 'No such row in your clinic.',
  '409':
    'The state doesn’t allow it. `blockers` says why a session can’t start. Or the same Idempotency-Key is in use (`Retry-After`), or its answer was shown once.',
  '422': 'A clinical rule forbids it. `missing` says what is missing. Or the Idempotency-Key was used for another request.',
};

/** Every operation may answer with problem details. */
function addProblems(document: OpenAPIObject): OpenAPIObject {
  const text = { type: 'string' };
  const entry = (...fields: string[]) => ({
    type: 'array',
    items: { type: 'object', properties: Object.fromEntries(fields.map((field) => [field, text])), required: fields },
  });
  document.components = {
    ...document.components,
    schemas: {
      ...document.components?.schemas,
      Problem: {
        type: 'object',
        description: 'RFC 9457 problem details.',
        required: ['type', 'title', 'status', 'code', 'requestId'],
        properties: {
          type: { ...text, example: 'urn:assent:problem:session.refused' },
          title: { ...text, description: 'What happened.' },
          status: { type: 'integer' },
          code: { ...text, description: 'Stable.', example: 'session.refused' },
          detail: { ...text, description: 'What to do about it.' },
          errors: { ...entry('field', 'message'), description: 'Which fields are malformed.' },
          blockers: { ...entry('code', 'message', 'remedy'), description: 'Why a session can’t start, and what to do about each reason.' },
          missing: { type: 'array', items: text, description: 'What is missing, as codes.' },
          requestId: text,
        },
      },
    },
  };
  const content = { [PROBLEM]: { schema: { $ref: '#/components/schemas/Problem' } } };
  document.components.responses = Object.fromEntries(
    Object.entries(STATUSES).map(([status, description]) => [`Problem${status}`, { description, content }]),
  );
  for (const [path, item] of Object.entries(document.paths)) {
    if (path.startsWith('/health')) continue;
    for (const operation of Object.values(item as Record<string, { responses: Record<string, unknown> }>)) {
      for (const status of Object.keys(STATUSES)) operation.responses[status] = { $ref: `#/components/responses/Problem${status}` };
    }
  }
  return document;
}

/** On every operation that changes something and isn't about the login session itself, which says so by a security of its own. */
function addIdempotencyKey(document: OpenAPIObject): OpenAPIObject {
  document.components = {
    ...document.components,
    parameters: {
      IdempotencyKey: {
        name: 'Idempotency-Key',
        in: 'header',
        required: false,
        description:
          'Makes the request safe to repeat for 24 hours (draft-ietf-httpapi-idempotency-key-header). A new UUID for each act, with or without quotes; the same one, with the same body, to repeat it.',
        schema: { type: 'string', minLength: 16, maxLength: 130, pattern: '^("?)[A-Za-z0-9._~:+/=-]{16,128}\\1$' },
        example: '"8e03978e-40d5-43e8-bc93-6894a57f9324"',
      },
    },
  };
  for (const item of Object.values(document.paths)) {
    for (const [method, operation] of Object.entries(item as Record<string, { security?: unknown; parameters?: unknown[] }>)) {
      if (method === 'get' || operation.security) continue;
      operation.parameters = [...(operation.parameters ?? []), { $ref: '#/components/parameters/IdempotencyKey' }];
    }
  }
  return document;
}
