import { STATUS_CODES } from 'node:http';
import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Logger } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { explain } from '../common/constraints.js';
import { AppError } from '../common/errors.js';

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

/** Turns whatever was thrown into problem details. The unknown is a defect: 500, logged once with its cause. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    sendProblem(http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>(), error);
  }
}

export function sendProblem(request: FastifyRequest, reply: FastifyReply, error: unknown): void {
  const known = toAppError(error);
  if (known.status >= 500) logger.error(`${request.method} ${request.url.split('?', 1)[0]} ${request.id}`, stackOf(error));
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
  if (known.retryAfter !== undefined) void reply.header('retry-after', known.retryAfter);
  void reply.status(known.status).header('content-type', 'application/problem+json; charset=utf-8').send(JSON.stringify(problem));
}

/** Not all of the error: a failed query carries its parameters, and those are about patients. */
function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return `${error.stack}${error.cause === undefined ? '' : `\nbecause of ${stackOf(error.cause)}`}`;
}

function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const explained = explain(error);
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
