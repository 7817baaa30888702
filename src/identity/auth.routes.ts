import { STATUS_CODES } from 'node:http';
import { IsString, MaxLength } from 'class-validator';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../common/errors.js';
import { CleanText } from '../common/input.js';
import { sendProblem } from '../common/problem.filter.js';
import { validationPipe } from '../common/validation.pipe.js';
import { type Auth, CLIENT_ADDRESS_HEADER } from './auth.js';

class Credentials {
  @IsString()
  @MaxLength(254)
  email: string;

  @IsString()
  @MaxLength(128)
  password: string;
}

/** The parts of better-auth that Assent offers, and the body they take, if any. What isn't listed isn't reachable. */
const ROUTES = { '/api/auth/sign-in/email': Credentials, '/api/auth/sign-out': undefined };
const cleanText = new CleanText();

export function mountAuth(fastify: FastifyInstance, auth: Auth, baseUrl: string): void {
  for (const [url, metatype] of Object.entries(ROUTES)) {
    fastify.post(url, async (request, reply) => {
      try {
        const argument = { type: 'body', metatype } as const;
        const body: unknown = metatype && (await validationPipe.transform(cleanText.transform(request.body, argument), argument));
        await forward(auth, { baseUrl, request, reply, body });
      } catch (error) {
        sendProblem(request, reply, error);
      }
      return reply;
    });
  }
}

interface Forwarding {
  readonly baseUrl: string;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly body: unknown;
}

async function forward(auth: Auth, { baseUrl, request, reply, body }: Forwarding): Promise<void> {
  const headers = new Headers({ 'content-type': 'application/json', [CLIENT_ADDRESS_HEADER]: request.ip });
  for (const name of ['cookie', 'user-agent'] as const) {
    const value = request.headers[name];
    if (value) headers.set(name, value);
  }
  const answer = await auth.handler(
    new Request(new URL(request.url, baseUrl), { method: 'POST', headers, body: JSON.stringify(body ?? {}) }),
  );
  const text = await answer.text();
  for (const cookie of answer.headers.getSetCookie()) void reply.header('set-cookie', cookie);
  if (answer.ok) {
    void reply.status(answer.status).header('content-type', 'application/json; charset=utf-8').send(text);
    return;
  }
  const retryAfter = answer.headers.get('x-retry-after');
  if (retryAfter) void reply.header('retry-after', retryAfter);
  throw toAppError(answer.status, text);
}

function toAppError(status: number, body: string): AppError {
  const { code, message } = (body.startsWith('{') ? JSON.parse(body) : {}) as { code?: string; message?: string };
  if (status >= 500) return new AppError('internal', 500, 'Something went wrong on our side.', { cause: body });
  const name = (code ?? STATUS_CODES[status] ?? 'refused').toLowerCase().replace(/[^a-z]+/g, '-');
  return new AppError(`auth.${name}`, status, message ?? STATUS_CODES[status] ?? 'Refused.');
}
