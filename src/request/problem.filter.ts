import { type ArgumentsHost, Catch, type ExceptionFilter, Inject } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { sendProblem } from '../common/problem.js';
import { RuleBook } from '../common/rules.js';

/** Turns whatever was thrown into problem details. The unknown is a defect: 500, logged once with its cause. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(@Inject(RuleBook) private readonly rules: RuleBook) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    sendProblem(http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>(), error, this.rules);
  }
}
