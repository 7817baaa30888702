import { createHmac, hkdfSync } from 'node:crypto';
import type { FastifyReply } from 'fastify';
import { BODY_TEXT, type RequestWithCtx } from '../common/context.js';
import { type AppError, type ErrorDetails, KeptRefusal, malformed, NotRepeated } from '../common/errors.js';

/** A request that is safe to repeat: its key, and a digest of what is asked with it. */
export interface Claim {
  readonly key: string;
  readonly fingerprint: string;
}

/** What a repetition of a request gets. */
export interface StoredResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON. Null: no body. */
  readonly body: string | null;
}

/** A row of app.claim_request. */
export type ClaimResult = { readonly verdict: 'claimed' } | Replay;
/** Of a request that was sent before. */
type Replay = { readonly verdict: Unanswered } | ({ readonly verdict: 'kept' } & StoredResponse);
type Unanswered = 'in_flight' | 'other_request' | 'not_kept';

/** The headers that belong to the response. The rest are the same for all responses, or belong to the moment. */
const STORED_HEADERS = ['etag', 'location'];

/** The draft's quotes may be left out, as many clients do; the key is the same. */
const KEY = /^("?)([\w.~:+/=-]{16,128})\1$/;

/** A key that can't be tried: the digest is of bodies, and some of those hold a password. */
export function fingerprintKey(secret: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', 'assent requests', 32));
}

/** Undefined where the caller sends no key. */
export function readClaim(request: RequestWithCtx, fingerprintKey: Buffer): Claim | undefined {
  const header = request.headers['idempotency-key'];
  if (header === undefined || request.method === 'GET' || request.method === 'HEAD') return undefined;
  const key = KEY.exec(String(header))?.[2];
  if (key === undefined) {
    throw malformed([
      { field: 'Idempotency-Key', message: 'must be one key of 16 to 128 letters, digits or . _ ~ : + / = -, such as a new UUID' },
    ]);
  }
  // The text as received: a repetition is the same text, so equal meanings in different texts needn't be recognised.
  const asked = [request.method, request.url, request.headers['if-match'] ?? '', request[BODY_TEXT] ?? ''];
  return { key, fingerprint: `\\x${createHmac('sha256', fingerprintKey).update(asked.join('\n')).digest('hex')}` };
}

/** Gives the stored response again, or throws: the stored refusal, or that there is nothing to give. */
export function replay(stored: Replay, reply: FastifyReply): unknown {
  if (stored.verdict !== 'kept') throw REFUSALS[stored.verdict]();
  void reply.headers({ ...stored.headers, 'idempotent-replayed': 'true' });
  if (stored.status >= 400) {
    const { code, title, ...details } = JSON.parse(stored.body ?? '{}') as StoredRefusal;
    throw new NotRepeated(code, stored.status, title, details);
  }
  void reply.status(stored.status);
  return stored.body === null ? undefined : JSON.parse(stored.body);
}

const REFUSALS: Readonly<Record<Unanswered, () => NotRepeated>> = {
  in_flight: () =>
    new NotRepeated('idempotency.in-flight', 409, 'The same request is still being processed.', {
      detail: 'Wait, then send it again unchanged.',
      retryAfter: 1,
    }),
  other_request: () =>
    new NotRepeated('idempotency.other-request', 422, 'This Idempotency-Key was used for another request.', {
      detail: 'Nothing was written. Send a new key with each new request, and the same one only to repeat it unchanged.',
    }),
  not_kept: () =>
    new NotRepeated('idempotency.shown-once', 409, 'This was done before. Its answer contained a secret, which is shown only once.', {
      detail: 'If it didn’t arrive, create a new one with a new Idempotency-Key. What was created is in its list.',
    }),
};

/** What a repetition is told of a refusal. */
type StoredRefusal = Pick<AppError, 'code'> & { readonly title: string } & Pick<ErrorDetails, 'detail' | 'blockers'>;

/** The handler's response as it is about to leave, or its refusal. */
export function responseToStore(reply: FastifyReply, view: unknown): StoredResponse {
  if (view instanceof KeptRefusal) {
    const { code, status, message: title, detail, blockers } = view;
    return { status, headers: {}, body: JSON.stringify({ code, title, detail, blockers } satisfies StoredRefusal) };
  }
  const headers = STORED_HEADERS.flatMap((name) => (reply.hasHeader(name) ? [[name, String(reply.getHeader(name))] as const] : []));
  return { status: reply.statusCode, headers: Object.fromEntries(headers), body: JSON.stringify(view) ?? null };
}
