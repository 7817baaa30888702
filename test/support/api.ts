import { expectDescribed } from './described.js';

/** Whatever JSON the API answers; tests say what they expect of it. */
export interface Answer {
  readonly status: number;
  // oxlint-disable-next-line typescript/no-explicit-any -- a test reads answers as a caller does, without our types
  readonly body: any;
  readonly headers: Headers;
}

/** Whoever an answer signed in: their next requests carry its cookie. */
export function callerOf(url: string, { headers }: Answer): Caller {
  const cookie = headers.getSetCookie().find((set) => set.startsWith('assent='));
  return new Caller(url, /^assent=([\w-]+);/.exec(cookie ?? '')?.[1]);
}

/** Somebody who calls the API, signed in with a token or not. */
export class Caller {
  constructor(
    readonly url: string,
    readonly token?: string,
  ) {}

  get(path: string): Promise<Answer> {
    return this.call('GET', path);
  }

  post(path: string, body?: unknown): Promise<Answer> {
    return this.call('POST', path, body);
  }

  put(path: string, body?: unknown): Promise<Answer> {
    return this.call('PUT', path, body);
  }

  patch(path: string, body: unknown, ifMatch?: string): Promise<Answer> {
    return this.call('PATCH', path, body, ifMatch === undefined ? {} : { 'if-match': ifMatch });
  }

  delete(path: string): Promise<Answer> {
    return this.call('DELETE', path);
  }

  async call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    return this.send(method, path, body === undefined ? undefined : JSON.stringify(body), {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    });
  }

  /** The body as it is, for what isn't JSON. */
  async send(method: string, path: string, body: string | undefined, headers: Record<string, string>): Promise<Answer> {
    const answer = await fetch(new URL(path, this.url), {
      method,
      headers: { ...(this.token === undefined ? {} : { cookie: `assent=${this.token}` }), ...headers },
      body,
      redirect: 'manual',
    });
    const text = await answer.text();
    const isJson = /\bjson/.test(answer.headers.get('content-type') ?? '');
    const { status, headers: received } = answer;
    const parsed: unknown = isJson && text ? JSON.parse(text) : text;
    expectDescribed({ method, path, status, headers: received, body: parsed });
    return { status, body: parsed, headers: received };
  }
}
