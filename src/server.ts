import { randomUUID } from 'node:crypto';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AssentModule } from './assent.module.js';
import { BODY_TEXT, type RequestWithCtx } from './common/context.js';
import { AppError } from './common/errors.js';
import { CleanText } from './common/input.js';
import { sendProblem } from './common/problem.js';
import type { DatabaseUrls, MailSettings } from './config.js';
import { readAnchors } from './log/anchors.js';
import type { LogKeys } from './log/log-keys.js';
import { fastifyLogging, type LogLevel, logRequests, NestLog } from './logging.js';
import { createMailer } from './mail/mailer.js';
import { mountDocs } from './openapi/describe-api.js';
import { refuseOtherMethods } from './other-methods.js';
import { mountPages } from './pages.js';
import { validationPipe } from './request/validation.pipe.js';

/** Larger than any signature; see the limits in the request classes. */
const BODY_LIMIT_BYTES = 512 * 1024;

export interface LogSettings {
  readonly keys: LogKeys;
  readonly rereadKeys: () => Promise<LogKeys>;
  /** Addresses, with spaces between them. */
  readonly anchors: string;
}

export interface ServerOptions {
  readonly database: DatabaseUrls;
  readonly poolSize: number;
  readonly authSecret: string;
  readonly baseUrl: string;
  /** Addresses of the proxies before the server, whose word about the client's address counts. */
  readonly trustProxy: readonly string[];
  readonly mail: MailSettings | undefined;
  /** The least that is written to standard output. */
  readonly logLevel: LogLevel;
  /** Undefined: nothing is sealed here. */
  readonly log?: LogSettings | undefined;
}

/** The whole application, ready to listen. */
export async function createServer({
  database,
  poolSize,
  authSecret,
  baseUrl,
  trustProxy,
  mail,
  logLevel,
  log,
}: ServerOptions): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({
    ...fastifyLogging(logLevel),
    bodyLimit: BODY_LIMIT_BYTES,
    trustProxy: trustProxy.length > 0 ? [...trustProxy] : false,
    requestTimeout: 30_000,
    genReqId: () => randomUUID(),
    routerOptions: { maxParamLength: 200 },
    // Addresses that can't be decoded or are too long: refused before any hook.
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) => {
      setHeaders(request, reply);
      sendProblem(request, reply, error);
    },
  });
  const mailer = mail && createMailer(mail);
  const module = AssentModule.register({
    databaseUrl: database.app,
    poolSize,
    identity: { databaseUrl: database.identity, secret: authSecret, baseUrl, mailer },
    log: log && {
      databaseUrl: database.sealer,
      ownerUrl: database.owner,
      keys: log.keys,
      rereadKeys: log.rereadKeys,
      anchors: readAnchors(log.anchors),
    },
  });
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    logger: new NestLog(adapter.getInstance().log),
    bodyParser: false,
    forceCloseConnections: true,
  });
  app.setGlobalPrefix('api', { exclude: ['health/live', 'health/ready'] });
  app.useGlobalPipes(new CleanText(), validationPipe);

  const fastify = adapter.getInstance();
  logRequests(fastify);
  // JSON only: a form or a text/plain body, which another site's page could send, is refused with 415.
  fastify.removeContentTypeParser(['text/plain', 'application/json']);
  const parseJson = fastify.getDefaultJsonParser('error', 'error');
  // Clients that name the type of every request do so too where there is no body.
  fastify.addContentTypeParser('application/json', { parseAs: 'string' }, (request: RequestWithCtx, body: string, done) => {
    if (request.headers['idempotency-key'] !== undefined) request[BODY_TEXT] = body;
    if (body === '') done(null);
    else void parseJson(request, body, done);
  });
  const secure = baseUrl.startsWith('https://');
  fastify.addHook('onRequest', (request, reply, done) => {
    setHeaders(request, reply);
    if (secure) void reply.header('strict-transport-security', 'max-age=31536000; includeSubDomains');
    done(isForged(request) ? new AppError('forged-origin', 403, 'The request comes from another site.') : undefined);
  });

  const refuseOthers = refuseOtherMethods(fastify);
  mountDocs(app);
  mountPages(app);
  await app.init();
  refuseOthers();
  return app;
}

function setHeaders(request: FastifyRequest, reply: FastifyReply): void {
  void reply.headers({
    'x-request-id': request.id,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
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
