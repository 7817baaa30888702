import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { describeParameters } from './parameters.js';
import { describeResponses, IDEMPOTENCY_KEY, isSafeToRepeat, refuseUnknownNames } from './responses.js';
import { describeSchemas } from './schemas.js';

const TAGS: Readonly<Record<string, string>> = {
  'sign-in': 'Sign in and out, prove once more who one is, choose a clinic, accept an invitation, set a forgotten password.',
  account: 'One’s own account: password, authenticator app, recovery codes, passkeys, login sessions.',
  patients: 'Patients and their representatives.',
  screening: 'Screenings for contraindications.',
  consent: 'Discussions of risks, decisions, withdrawals.',
  sessions: 'Whether a session may start, sessions, manipulations.',
  'published texts': 'Questionnaires and disclosures.',
  today: 'Work in progress.',
  retention: 'Legal holds and erasure.',
  reports: 'Which sessions there were, on which consent, after which risks; refused starts.',
  audit: 'The audit trail, and the signed log of it.',
  staff: 'Staff, invitations, licences.',
  clinic: 'The clinic’s policies and its provider for single sign-on.',
  'API keys': 'Keys for other programs.',
  health: 'For a supervisor or a load balancer.',
};

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

/** The API's description in OpenAPI 3.1. `npm run openapi` writes it to openapi.json; the server offers it with pages to try it. */
export function describeApi(app: NestFastifyApplication): OpenAPIObject {
  const builder = new DocumentBuilder()
    .setOpenAPIVersion('3.1.1')
    .setTitle('Assent')
    .setDescription(
      [
        'Practice management for clinics that give spinal manipulation therapy. A session can’t start unless the patient was screened, every risk was discussed, and consent is in force: PostgreSQL refuses it.',
        'Sign in with `POST /api/auth/sign-in`; the cookie does the rest. Programs send an API key as `Authorization: Bearer …`. Instants are RFC 3339 in UTC, dates are those of the clinic’s time zone.',
        'Every error is `application/problem+json` with a stable `code`, also where no operation is reached: 404 at an unknown address, 405 with `Allow` at one that doesn’t have the method. `OPTIONS` answers 204 with `Allow`. Headers of more than 16 KB are refused with 431 and no body; a request that takes more than 20 seconds to arrive is cut off with 408.',
        'A request that changes something is safe to repeat if it carries an `Idempotency-Key`: the repetition gets the first answer, marked `Idempotent-Replayed: true`, and changes nothing.',
        'Ignore fields that you don’t know: answers may get more of them. A request with an unknown field is refused.',
      ].join('\n\n'),
    )
    .setVersion('0.1.0')
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addServer('/', 'The server that sent this description.')
    .addCookieAuth('assent', { type: 'apiKey', in: 'cookie', description: 'Over https its name is __Host-assent.' }, 'session')
    .addBearerAuth({ type: 'http', scheme: 'bearer', bearerFormat: 'assent_key_…' }, 'key')
    .addSecurityRequirements('session')
    .addSecurityRequirements('key');
  for (const [name, description] of Object.entries(TAGS)) builder.addTag(name, description);
  const document = SwaggerModule.createDocument(app, builder.build(), {
    operationIdFactory: (_controller, method) => method,
    autoTagControllers: false,
  });
  describeSchemas(document);
  document.components = { ...document.components, parameters: { IdempotencyKey: IDEMPOTENCY_KEY } };
  for (const [path, item] of Object.entries(document.paths)) {
    for (const method of METHODS) {
      const operation = item[method];
      if (!operation) continue;
      // The compiler plugin gives the whole comment as the summary.
      operation.description = operation.summary?.replace(/\s+/g, ' ') ?? '';
      operation.summary = beginningOf(operation.description);
      if (isSafeToRepeat(method, operation)) {
        operation.parameters = [...(operation.parameters ?? []), { $ref: '#/components/parameters/IdempotencyKey' }];
      }
      describeParameters(path, operation);
      describeResponses(document, path, method, operation);
    }
  }
  refuseUnknownNames(document);
  return document;
}

export function mountDocs(app: NestFastifyApplication): void {
  SwaggerModule.setup('api/docs', app, () => describeApi(app), {
    jsonDocumentUrl: 'api/openapi.json',
    yamlDocumentUrl: 'api/openapi.yaml',
    customSiteTitle: 'Assent API',
    swaggerOptions: { persistAuthorization: false, displayRequestDuration: true, docExpansion: 'list' },
  });
}

/** Up to the first full stop, colon or semicolon. */
function beginningOf(text: string): string {
  return /^.*?(?=[.:;] |\.?$)/.exec(text)?.[0] ?? text;
}
