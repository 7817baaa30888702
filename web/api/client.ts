import createClient, { type Client } from 'openapi-fetch';
import { Problem } from './problem.ts';
import type { components, paths } from './schema.ts';

/** Schemas of the API by their names: `Api['PatientView']`. */
export type Api = components['schemas'];

interface Answer<T> {
  readonly data?: T;
  readonly error?: unknown;
  readonly response: Response;
}

/** Waits until the person has lifted a refusal by unlocking, signing in or confirming; false if nobody can. */
type ResolveRefusal = (problem: Problem) => Promise<boolean>;
let resolveRefusal: ResolveRefusal = async () => false;

/** Set by api/session.ts, which imports this module. */
export function onRefusal(resolve: ResolveRefusal): void {
  resolveRefusal = resolve;
}

/** Two in a row are possible: first unlock, then confirm. */
const MOST_REPEATS = 3;

/**
 * One call of the API: `ask((api) => api.GET('/api/me'))`. Throws a Problem. Where the person can lift the refusal (locked,
 * signed out, a fresh authentication is due) it waits for that and repeats the call, under the same Idempotency-Key. An act that is
 * tried again after a lost answer names the key of its first try, as useAct gives it.
 */
export async function ask<T>(call: (api: Client<paths>) => Promise<Answer<T>>, key: string = crypto.randomUUID()): Promise<T> {
  const api = createClient<paths>({ baseUrl: location.origin, fetch: (request) => send(request, key) });
  for (let repeats = 0; ; repeats += 1) {
    const { data, error, response } = await call(api);
    if (response.ok) return data as T;
    const problem = toProblem(error, response);
    if (repeats === MOST_REPEATS || !(await resolveRefusal(problem))) throw problem;
  }
}

async function send(request: Request, key: string): Promise<Response> {
  if (request.method === 'POST') request.headers.set('idempotency-key', `"${key}"`);
  try {
    return await fetch(request);
  } catch (error) {
    // Given up by the page itself.
    if (request.signal.aborted) throw error;
    throw Problem.network();
  }
}

function toProblem(error: unknown, { status, statusText }: Response): Problem {
  const details = typeof error === 'object' && error !== null ? (error as Partial<Api['Problem']>) : {};
  return new Problem({ title: statusText, ...details, code: details.code ?? 'internal', status });
}
