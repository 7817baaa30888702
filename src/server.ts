import { randomUUID } from 'node:crypto';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AssentModule } from './assent.module.js';
import { AppError } from './common/errors.js';
import { CleanText } from './common/input.js';
import { sendProblem } from './common/problem.filter.js';
import { validationPipe } from './common/validation.pipe.js';
import type { DatabaseUrls } from './config.js';
import { createAuth } from './identity/auth.js';
import { mountAuth } from './identity/auth.routes.js';
import { mountDocs } from './openapi.js';

/** Larger than any signature; see the limits in the request classes. */
const BODY_LIMIT_BYTES = 512 * 1024;

export interface ServerOptions {
  readonly database: DatabaseUrls;
  readonly poolSize: number;
  readonly authSecret: string;
  readonly baseUrl: string;
  readonly trustProxy: boolean;
}

/** The whole application, ready to listen. */
export async function createServer({
  database,
  poolSize,
  authSecret,
  baseUrl,
  trustProxy,
}: ServerOptions): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({
    bodyLimit: BODY_LIMIT_BYTES,
    trustProxy,
    requestTimeout: 30_000,
    genReqId: () => randomUUID(),
    routerOptions: { maxParamLength: 200 },
    // Addresses that can't be decoded or are too long: refused before any hook.
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) => {
      setHeaders(request, reply);
      sendProblem(request, reply, error);
    },
  });
  const app = await NestFactory.create<NestFastifyApplication>(AssentModule.register({ databaseUrl: database.app, poolSize }), adapter, {
    logger: ['error', 'warn'],
    bodyParser: false,
    forceCloseConnections: true,
  });
  app.setGlobalPrefix('api', { exclude: ['health/live', 'health/ready'] });
  app.useGlobalPipes(new CleanText(), validationPipe);

  const fastify = adapter.getInstance();
  // JSON only: a form or a text/plain body, which another site's page could send, is refused with 415.
  fastify.removeContentTypeParser(['text/plain', 'application/json']);
  const parseJson = fastify.getDefaultJsonParser('error', 'error');
  // Clients that name the type of every request do so too where there is no body.
  fastify.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body: string, done) => {
    if (body === '') done(null);
    else void parseJson(request, body, done);
  });
  fastify.addHook('onRequest', (request, reply, done) => {
    setHeaders(request, reply);
    done(isForged(request) ? new AppError('forged-origin', 403, 'The request comes from another site.') : undefined);
  });

  const auth = createAuth({ identityUrl: database.identity, secret: authSecret, baseUrl });
  fastify.addHook('onClose', () => auth.close());
  mountAuth(fastify, auth, baseUrl);
  mountDocs(app);
  await app.init();
  return app;
}

function setHeaders(request: FastifyRequest, reply: FastifyReply): void {
  void reply.headers({
    'x-request-id': request.id,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
    'content-security-policy':
      "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'",
  });
}

/**
 * Cross-site request forgery: a browser says where a state change comes from, by Sec-Fetch-Site or, on plain http, by Origin.
 * Clients that aren't browsers say neither and carry no other site's cookies.
 */
function isForged(request: FastifyRequest): boolean {
  if (['GET', 'HEAD', 'OPTIONS'].includes(request.method)) return false;
  const site = request.headers['sec-fetch-site'];
  if (site !== undefined) return site !== 'same-origin' && site !== 'none';
  const { origin } = request.headers;
  if (origin === undefined) return false;
  return !URL.canParse(origin) || new URL(origin).host !== request.host;
}
