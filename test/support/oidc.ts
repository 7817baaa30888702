import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Configuration, Provider } from 'oidc-provider';
import type { OidcProvider } from '../../src/identity/oidc.js';

/** Somebody whom the provider knows, by what it says about them. Claims that are left out aren't sent. */
export interface Account {
  readonly email?: string;
  readonly email_verified?: boolean;
  readonly amr?: string[];
  readonly acr?: string;
  /** When they authenticated, in Unix time, whatever the clock says. */
  readonly auth_time?: number;
}

interface TestProviderOptions {
  readonly redirectUri: string;
  /** By subject. */
  readonly accounts: Readonly<Record<string, Account>>;
  readonly emailIn?: 'id_token' | 'userinfo';
}

/** As the settings of a clinic have it, and started. */
export interface TestProvider extends OidcProvider {
  /** What it was asked, as `GET /path`. */
  readonly requests: string[];
  readonly stop: () => Promise<void>;
}

/** Instead of an account: the person doesn't want to. */
export const CANCEL = 'cancel';

const KEY = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' });

/** A real provider on this machine, with one client. Its sign-in page is a list of its accounts; it takes consent as given. */
export async function startProvider({ redirectUri, accounts, emailIn = 'id_token' }: TestProviderOptions): Promise<TestProvider> {
  const requests: string[] = [];
  const server = await listen((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    if (request.url?.startsWith('/interaction/')) void interact(provider, accounts, request, response);
    else void answer(request, response);
  });
  const client = { clientId: 'assent', clientSecret: randomBytes(24).toString('base64url') };
  const provider = await quietly(server.url, {
    clients: [
      {
        client_id: client.clientId,
        client_secret: client.clientSecret,
        redirect_uris: [redirectUri],
        require_auth_time: true,
      },
    ],
    jwks: { keys: [{ ...KEY, kid: 'key', use: 'sig', alg: 'RS256' }] },
    cookies: { keys: [randomBytes(16).toString('hex')] },
    claims: { openid: ['sub', 'amr', 'acr'], email: ['email', 'email_verified'] },
    conformIdTokenClaims: emailIn === 'userinfo',
    pkce: { required: () => true },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_, { uid }) => `/interaction/${uid}` },
    ttl: { AccessToken: 60, Grant: 600, IdToken: 600, Interaction: 600, Session: 600 },
    findAccount: (_, subject) => {
      const { email, email_verified } = accounts[subject] ?? {};
      return { accountId: subject, claims: () => ({ sub: subject, email, email_verified }) };
    },
  });
  const answer = provider.callback();
  return { issuer: server.url, ...client, requests, stop: server.stop };
}

/** It warns that it is for development, and that it would rather have a newer Node. */
async function quietly(issuer: string, configuration: Configuration): Promise<Provider> {
  const { warn } = console;
  console.warn = () => undefined;
  try {
    const { Provider } = await import('oidc-provider');
    return new Provider(issuer, configuration);
  } finally {
    console.warn = warn;
  }
}

/** The page of a sign-in: `?as=` is a press of one of its links. */
async function interact(
  provider: Provider,
  accounts: TestProviderOptions['accounts'],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { prompt, params, session } = await provider.interactionDetails(request, response);
  if (prompt.name === 'consent') {
    const grant = new provider.Grant({ accountId: session?.accountId, clientId: String(params['client_id']) });
    grant.addOIDCScope('openid email');
    await provider.interactionFinished(request, response, { consent: { grantId: await grant.save() } }, { mergeWithLastSubmission: true });
    return;
  }
  const subject = new URL(request.url ?? '', provider.issuer).searchParams.get('as');
  const account = accounts[subject ?? ''];
  if (subject === CANCEL) {
    await provider.interactionFinished(request, response, { error: 'access_denied' });
  } else if (subject && account) {
    const { amr, acr, auth_time: ts } = account;
    await provider.interactionFinished(request, response, { login: { accountId: subject, amr, acr, ts } });
  } else {
    const links = [...Object.keys(accounts), CANCEL].map((name) => `<li><a href="?as=${name}">${name}</a></li>`);
    response.setHeader('content-type', 'text/html; charset=utf-8').end(`<title>Sign in</title><ul>${links.join('')}</ul>`);
  }
}

/** Goes through a provider's pages by plain HTTP. It keeps cookies, so that a provider knows somebody again. */
export class OidcBrowser {
  readonly #cookies = new Map<string, string>();

  /** From the address of `begin` to that of the callback, which it doesn't ask for. `as` is an account's subject, or CANCEL. */
  async visit(url: string, as: string): Promise<URL> {
    const { origin } = new URL(url);
    let at = new URL(url);
    while (at.origin === origin) {
      if (at.pathname.startsWith('/interaction/')) at.searchParams.set('as', as);
      const cookie = [...this.#cookies].map((pair) => pair.join('=')).join('; ');
      const response = await fetch(at, { redirect: 'manual', headers: { cookie } });
      this.#keep(response.headers.getSetCookie());
      const location = response.headers.get('location');
      if (!location) throw new Error(`${at.pathname} answers ${response.status}: ${await response.text()}`);
      at = new URL(location, at);
    }
    return at;
  }

  /** Paths don't matter: one interaction follows the other. */
  #keep(cookies: string[]): void {
    for (const cookie of cookies) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      if (value) this.#cookies.set(name, value);
      else this.#cookies.delete(name);
    }
  }
}

/** A server on a free port of this machine. */
export async function listen(listener: RequestListener): Promise<{ readonly url: string; readonly stop: () => Promise<void> }> {
  const server = createServer(listener).listen(0, 'localhost');
  await once(server, 'listening');
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    stop: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
