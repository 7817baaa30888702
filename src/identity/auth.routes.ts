import { STATUS_CODES } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../common/errors.js';
import { sendProblem } from '../common/problem.filter.js';
import { type Auth, CLIENT_ADDRESS_HEADER } from './auth.js';

/** The parts of better-auth that Assent offers. What isn't listed isn't reachable. */
const ROUTES = ['/api/auth/sign-in/email', '/api/auth/sign-out'];

export function mountAuth(fastify: FastifyInstance, auth: Auth, baseUrl: string): void {
  for (const url of ROUTES) {
    fastify.post(url, async (request, reply) => {
      try {
        await forward(auth, baseUrl, request, reply);
      } catch (error) {
        sendProblem(request, reply, error);
      }
      return reply;
    });
  }
}

async function forward(auth: Auth, baseUrl: string, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const headers = new Headers({ 'content-type': 'application/json', [CLIENT_ADDRESS_HEADER]: request.ip });
  for (const name of ['cookie', 'user-agent'] as const) {
    const value = request.headers[name];
    if (value) headers.set(name, value);
  }
  const answer = await auth.handler(
    new Request(new URL(request.url, baseUrl), { method: 'POST', headers, body: JSON.stringify(request.body ?? {}) }),
  );
  const body = await answer.text();
  for (const cookie of answer.headers.getSetCookie()) void reply.header('set-cookie', cookie);
  if (answer.ok) {
    void reply.status(answer.status).header('content-type', 'application/json; charset=utf-8').send(body);
    return;
  }
  const retryAfter = answer.headers.get('x-retry-after');
  if (retryAfter) void reply.header('retry-after', retryAfter);
  throw toAppError(answer.status, body);
}

function toAppError(status: number, body: string): AppError {
  const { code, message } = (body.startsWith('{') ? JSON.parse(body) : {}) as { code?: string; message?: string };
  if (status >= 500) return new AppError('internal', 500, 'Something went wrong on our side.', { cause: body });
  const name = (code ?? STATUS_CODES[status] ?? 'refused').toLowerCase().replace(/[^a-z]+/g, '-');
  return new AppError(`auth.${name}`, status, message ?? STATUS_CODES[status] ?? 'Refused.');
}
