import type { FastifyRequest } from 'fastify';

/** Where a request comes from, for the audit trail. */
export interface Origin {
  readonly address: string;
  readonly userAgent: string;
  readonly requestId: string;
}

/** Who asks, as far as the request says it by itself: from where, and what the browser kept of earlier ones. */
export interface Client extends Origin {
  /** Of the login that this browser has, or an API key. */
  readonly token: string | undefined;
  /** What makes it a known device: see attempts.ts. */
  readonly device: string | undefined;
}

export function originOf(request: FastifyRequest): Origin {
  return { address: request.ip, userAgent: request.headers['user-agent']?.slice(0, 400) ?? '', requestId: request.id };
}
