import { randomUUID } from 'node:crypto';
import { Module } from '@nestjs/common';
import { APP_FILTER, NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AssentOptions } from './assent-options.js';
import { AssentModule } from './assent.module.js';
import { sendProblem } from './common/problem.js';
import { drainOnClose } from './draining.js';
import { HealthModule } from './health/health.module.js';
import { fastifyLogging, type LogLevel, logRequests, NestLog } from './logging.js';
import { mountDocs } from './openapi/describe-api.js';
import { mountPages } from './pages.js';
import { bindModule, isBound } from './request/bind.js';
import { Addresses } from './request/other-methods.js';
import { ProblemFilter } from './request/problem.filter.js';
import { protectRequest, setHeaders } from './request/protection.js';

export interface ServerOptions extends AssentOptions {
  /** Addresses of the proxies before the server, whose word about the client's address counts. */
  readonly trustProxy: readonly string[];
  /** The least that is written to standard output. */
  readonly logLevel: LogLevel;
}

/** The thinnest application around Assent: it adds the pages, the API's description and a look at its health. */
@Module({})
class Server {}

bindModule(HealthModule);

/** The whole application, ready to listen. */
export async function createServer({ trustProxy, logLevel, ...options }: ServerOptions): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({
    ...fastifyLogging(logLevel),
    trustProxy: trustProxy.length > 0 ? [...trustProxy] : false,
    requestTimeout: 20_000,
    http: { headersTimeout: 10_000, connectionsCheckingInterval: 1_000 },
    // While it closes, too: a request that still comes over an open connection is answered.
    return503OnClosing: false,
    genReqId: () => randomUUID(),
    routerOptions: { maxParamLength: 200 },
    // Addresses that can't be decoded or are too long: refused before any hook.
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) => {
      setHeaders(request, reply);
      sendProblem(request, reply, error);
    },
  });
  const module = {
    module: Server,
    imports: [AssentModule.forRoot(options), HealthModule],
    // Of addresses that aren't Assent's.
    providers: [{ provide: APP_FILTER, useClass: ProblemFilter }],
  };
  const fastify = adapter.getInstance();
  const logger = new NestLog(fastify.log);
  // A setting that can't be used is the caller's to report, not a reason to abort the process.
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    logger,
    abortOnError: false,
  });

  logRequests(fastify);
  drainOnClose(fastify);
  const secure = options.baseUrl.startsWith('https://');
  fastify.addHook('onRequest', (request, reply, done) => {
    if (secure) void reply.header('strict-transport-security', 'max-age=31536000; includeSubDomains');
    protectRequest(request, reply, done);
  });
  const addresses = new Addresses();
  fastify.addHook('onRoute', (route) => {
    if (!isBound(route)) addresses.add(route);
  });
  mountDocs(app);
  mountPages(app);
  await app.init();
  addresses.refuseOtherMethods(fastify);
  return app;
}
