import { STATUS_CODES } from 'node:http';
import { HttpException, Logger } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from './errors.js';
import type { RuleBook } from './rules.js';

/** RFC 9457, with Assent's extensions. Members without a value are left out. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  code: string;
  detail?: string;
  errors?: AppError['errors'];
  blockers?: AppError['blockers'];
  missing?: AppError['missing'];
  requestId: string;
}

const logger = new Logger('Problem');

/** When a database, or another server, may be back. */
const RETRY_AFTER_SECONDS = 5;

/** Without rules, an error of the database is a defect. */
export function sendProblem(request: FastifyRequest, reply: FastifyReply, error: unknown, rules?: RuleBook): void {
  const known = toAppError(error, rules);
  if (known.status >= 500) logger.error(`${request.method} ${request.routeOptions.url ?? ''} ${request.id}`, stackOf(error));
  const problem: Problem = {
    type: `urn:assent:problem:${known.code}`,
    title: known.message,
    status: known.status,
    code: known.code,
    detail: known.detail,
    errors: known.errors,
    blockers: known.blockers,
    missing: known.missing,
    requestId: request.id,
  };
  const retryAfter = known.retryAfter ?? (known.status === 503 ? RETRY_AFTER_SECONDS : undefined);
  if (retryAfter !== undefined) void reply.header('retry-after', retryAfter);
  void reply.status(known.status).header('content-type', 'application/problem+json; charset=utf-8').send(JSON.stringify(problem));
}

/** Not all of the error: a failed query carries its parameters, and PostgreSQL quotes a value that it can't read. Those are about patients. */
function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const stack = (error.stack ?? '').replace(/(invalid (?:input|byte)[^\n]*?): "[^]*?"(?=\n\s+at )/, '$1');
  return `${stack}${error.cause === undefined ? '' : `\nbecause of ${stackOf(error.cause)}`}`;
}

function toAppError(error: unknown, rules: RuleBook | undefined): AppError {
  if (error instanceof AppError) return error;
  const explained = rules?.explain(error);
  if (explained) return explained;

  const status = error instanceof HttpException ? error.getStatus() : clientErrorOfFastify(error);
  if (status === undefined || status >= 500) {
    return new AppError('internal', 500, 'Something went wrong on our side.', {
      detail: 'Nothing was written. Tell your administrator the request id.',
      cause: error,
    });
  }
  const code = (STATUS_CODES[status] ?? 'error').toLowerCase().replaceAll(' ', '-');
  return new AppError(code === 'bad-request' ? 'malformed' : code, status, STATUS_CODES[status] ?? 'Error', {
    detail: (error as Error).message,
  });
}

/** Fastify's own refusals (malformed JSON, a body that is too large or of another type) carry a status. */
function clientErrorOfFastify(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('statusCode' in error)) return undefined;
  return typeof error.statusCode === 'number' ? error.statusCode : undefined;
}
