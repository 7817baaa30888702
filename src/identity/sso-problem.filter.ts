import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../common/errors.js';
import { sendProblem } from '../common/problem.js';

/** Single sign-on is visited by browsers: its refusals are shown by the page of sign-in, which has words for their codes. */
@Catch(AppError)
export class SsoProblemFilter implements ExceptionFilter {
  catch(error: AppError, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    if (error.status >= 500 || !(request.headers.accept ?? '').includes('text/html')) sendProblem(request, reply, error);
    else void reply.redirect(`/sign-in?problem=${encodeURIComponent(error.code)}`, 302);
  }
}
