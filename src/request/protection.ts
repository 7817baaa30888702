import { randomUUID } from 'node:crypto';
import { Transform } from 'node:stream';
import { isUUID } from 'class-validator';
import type { FastifyReply, FastifyRequest, RequestPayload, RouteOptions } from 'fastify';
import { BODY_TEXT, type RequestWithCtx } from '../common/context.js';
import { AppError } from '../common/errors.js';
import { Places } from '../common/places.js';
import { sendProblem } from '../common/problem.js';

/** Larger than any signature; see the limits in the request classes. */
const BODY_LIMIT_BYTES = 512 * 1024;

/** What holds for a route before Nest sees the request, whatever the rest of the application does. */
export function protectRoute(route: RouteOptions): void {
  route.bodyLimit = BODY_LIMIT_BYTES;
  route.onRequest = [protectRequest, refuseOtherTypes, ...[route.onRequest ?? []].flat()];
  route.preParsing = [limitBodies, keepBodyText, ...[route.preParsing ?? []].flat()];
  route.errorHandler = (error, request, reply) => sendProblem(request, reply, error);
}

/** Sets the headers of every response, and refuses what another site's page sends. */
export function protectRequest(request: FastifyRequest, reply: FastifyReply, done: (error?: Error) => void): void {
  setHeaders(request, reply);
  done(isForged(request) ? new AppError('forged-origin', 403, 'The request comes from another website.') : undefined);
}

export function setHeaders(request: FastifyRequest, reply: FastifyReply): void {
  // The audit trail finds a request by its id: one that the application counts, or takes from a client, names several.
  if (!isUUID(request.id)) request.id = randomUUID();
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

/** JSON only: a form or a text, which another site's page could send, is refused even where the application reads those. */
function refuseOtherTypes({ headers }: FastifyRequest, _reply: FastifyReply, done: (error?: Error) => void): void {
  const isEmpty = headers['transfer-encoding'] === undefined && (headers['content-length'] ?? '0') === '0';
  // Clients that name the type of every request do so too where there is no body.
  if (isEmpty) delete headers['content-type'];
  else if (!/^application\/json *(;|$)/i.test(headers['content-type'] ?? '')) {
    return done(new AppError('unsupported-media-type', 415, 'Unsupported Media Type', { detail: 'Send the body as application/json.' }));
  }
  done();
}

/** How many bodies an address may be sending that take longer than their first packet. Their time is limited by the server. */
const slowBodies = new Places(100);

/** Without it, one address could hold any number of connections open, a byte a second. */
function limitBodies({ ip, raw }: FastifyRequest, reply: FastifyReply, _payload: RequestPayload, done: (error?: Error) => void): void {
  const { 'content-length': length, 'transfer-encoding': encoding } = raw.headers;
  if (length === undefined && encoding === undefined) return done();
  // By then the parser has seen what came together with the headers.
  setImmediate(() => {
    if (raw.complete || raw.destroyed) return done();
    const giveBack = slowBodies.take(ip);
    if (!giveBack) {
      void reply.header('connection', 'close');
      return done(new AppError('too-many-bodies', 429, 'Too many requests from this address are still being sent.', { retryAfter: 5 }));
    }
    raw.once('close', giveBack);
    done();
  });
}

/** The text of the body, for the fingerprint of a request that carries an Idempotency-Key; whichever parser reads it afterwards. */
function keepBodyText(
  request: RequestWithCtx,
  _reply: FastifyReply,
  payload: RequestPayload,
  done: (error: null, payload?: RequestPayload) => void,
): void {
  if (request.headers['idempotency-key'] === undefined) return done(null);
  const chunks: Buffer[] = [];
  const copy = new Transform({
    transform: (chunk: Buffer, _encoding, next) => {
      chunks.push(chunk);
      next(null, chunk);
    },
    flush: (next) => {
      request[BODY_TEXT] = Buffer.concat(chunks).toString();
      next();
    },
  });
  payload.once('error', (error) => copy.destroy(error));
  done(null, payload.pipe(copy));
}
