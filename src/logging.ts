import { stderr, stdout } from 'node:process';
import type { LoggerService } from '@nestjs/common';
import { type FastifyBaseLogger, type FastifyInstance, type FastifyServerOptions, LogController } from 'fastify';

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

interface Line {
  readonly level: string;
  readonly time: string;
  readonly msg: string;
  readonly stack?: string;
  readonly [field: string]: unknown;
}

/**
 * Fastify's pino. A line is a JSON object, or text where a terminal reads it; warnings and errors go to standard error. A line has no personal
 * data: no address as it was asked (the route instead), no query, no body, no client.
 */
export function fastifyLogging(level: LogLevel): FastifyServerOptions {
  return {
    logger: {
      level,
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      stream: { write },
    },
    // Its own two lines a request have the address as it was asked.
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
  };
}

/** One line a request. */
export function logRequests(fastify: FastifyInstance): void {
  fastify.addHook('onResponse', (request, reply, done) => {
    const { method, routeOptions } = request;
    request.log.info({ method, route: routeOptions.url ?? null, status: reply.statusCode, ms: Math.round(reply.elapsedTime) }, 'request');
    done();
  });
}

/** Nest's Logger, by the same way. What Nest says of itself at its start is for debugging. */
export class NestLog implements LoggerService {
  constructor(private readonly pino: FastifyBaseLogger) {}

  fatal(message: unknown, ...rest: unknown[]): void {
    this.pino.fatal(...fields(message, rest));
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.pino.error(...fields(message, rest));
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.pino.warn(...fields(message, rest));
  }

  log(message: unknown, ...rest: unknown[]): void {
    this.pino.debug(...fields(message, rest));
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.pino.debug(...fields(message, rest));
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    this.pino.trace(...fields(message, rest));
  }
}

/** Nest gives the context last, and before it an error or its stack. */
function fields(message: unknown, rest: readonly unknown[]): [object, string] {
  const context = rest.at(-1);
  const [cause] = rest.slice(0, -1);
  const error = [message, cause].find((value) => value instanceof Error);
  return [
    { context, stack: error?.stack ?? (typeof cause === 'string' ? cause : undefined) },
    message instanceof Error ? message.message : String(message),
  ];
}

function write(line: string): void {
  const stream = /^\{"level":"(warn|error|fatal)"/.test(line) ? stderr : stdout;
  stream.write(stream.isTTY ? toText(line) : line);
}

function toText(line: string): string {
  const { level, time, msg, stack, ...rest } = JSON.parse(line) as Line;
  const values = Object.entries(rest).map(([name, value]) => `${name}=${String(value)}`);
  return [`${time.slice(11, 19)} ${level.toUpperCase().padEnd(5)} ${[msg, ...values].join(' ')}`, stack, '']
    .filter((text) => text !== undefined)
    .join('\n');
}
