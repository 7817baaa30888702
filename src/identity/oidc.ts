import { isNativeError } from 'node:util/types';
import { Logger } from '@nestjs/common';
import * as client from 'openid-client';
import { AppError } from '../common/errors.js';
import { isSignInAddress } from './sign-in-address.js';

/** A clinic's own sign-in provider, as its administrator entered it. */
export interface OidcProvider {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** What the server keeps between the two steps: for one use, for a few minutes, and only for the browser that began. */
export interface Ceremony {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  /** For a fresh sign-in: the person must have authenticated since this second (Unix time). */
  readonly freshSince?: number;
}

/** The identity that a provider confirms. `issuer` and `subject` together identify the person permanently; an email address can change hands. */
export interface Identity {
  readonly issuer: string;
  readonly subject: string;
  readonly email: string;
  /** Always: an address that the provider doesn't confirm is refused. */
  readonly emailVerified: true;
  /** How the person authenticated, as the provider says it (amr, RFC 8176); often nothing. */
  readonly methods: readonly string[];
  readonly authenticatedAt?: Date;
}

interface OidcOptions {
  /** For development and tests: lets an issuer on this machine speak http. */
  readonly allowLocalHttp?: boolean;
  /** How long one answer of a provider may take, in milliseconds. */
  readonly timeout?: number;
  /** How long a provider's description is used before it is fetched again, in milliseconds. */
  readonly cacheFor?: number;
}

/** Descriptions and keys are a few kilobytes. */
const LARGEST_ANSWER = 256 * 1024;
const MOST_CACHED = 100;
/** How far a provider's clock may be from ours, in seconds. */
const CLOCK_TOLERANCE = 30;
const LOCAL = new Set(['localhost', '127.0.0.1', '[::1]']);
/** What OpenID Connect allows for a subject; it also keeps NUL from the database. */
const PLAIN_TEXT = /^[\x20-\x7e]{1,255}$/;

const logger = new Logger('Oidc');

/** What is wrong with a provider, in words for the administrator who set it up. */
class ProviderFault extends Error {}
/** It may work again later. */
class ProviderAway extends ProviderFault {}

/**
 * Single sign-on by OpenID Connect: authorization code, PKCE, a client secret, and an id_token whose signature is checked.
 *
 * An administrator names the provider, and the provider names addresses that this server then asks. Private addresses aren't
 * refused: a clinic's provider may well stand in its own network. Instead only https with a valid certificate is spoken, so
 * that a name which leads to another service inside fails at its certificate; no redirect is followed, an answer is bounded
 * in size and time, and nobody is shown more of it than its status and the issuer that it names.
 */
export class Oidc {
  readonly #allowLocalHttp: boolean;
  readonly #timeout: number;
  readonly #cacheFor: number;
  /** By everything that was entered, so that a changed secret isn't mixed up with the old one. */
  readonly #cache = new Map<string, { readonly config: client.Configuration; readonly until: number }>();

  constructor({ allowLocalHttp = false, timeout = 5_000, cacheFor = 600_000 }: OidcOptions = {}) {
    this.#allowLocalHttp = allowLocalHttp;
    this.#timeout = timeout;
    this.#cacheFor = cacheFor;
  }

  /**
   * The address to which the browser goes, and what `finish` needs when it comes back. `fresh` makes the provider ask for
   * the password again, even of somebody whom it still knows.
   */
  async begin(
    provider: OidcProvider,
    redirectUri: string,
    { fresh = false }: { readonly fresh?: boolean } = {},
  ): Promise<{ url: string; ceremony: Ceremony }> {
    try {
      const config = await this.#configuration(provider);
      const ceremony: Ceremony = {
        state: client.randomState(),
        nonce: client.randomNonce(),
        verifier: client.randomPKCECodeVerifier(),
        ...(fresh && { freshSince: unixTime() }),
      };
      const url = client.buildAuthorizationUrl(config, {
        redirect_uri: redirectUri,
        scope: 'openid email',
        state: ceremony.state,
        nonce: ceremony.nonce,
        code_challenge: await client.calculatePKCECodeChallenge(ceremony.verifier),
        code_challenge_method: 'S256',
        ...(fresh && { prompt: 'login', max_age: '0' }),
      });
      return { url: url.href, ceremony };
    } catch (error) {
      throw explained(provider, error);
    }
  }

  /**
   * Who came back. The callback's address without its query must be the redirect URI of `begin`. After a fresh sign-in, the
   * caller still compares the identity with the person who was to confirm it.
   */
  async finish(provider: OidcProvider, callbackUrl: URL, ceremony: Ceremony): Promise<Identity> {
    try {
      const config = await this.#configuration(provider);
      const tokens = await client.authorizationCodeGrant(config, callbackUrl, {
        expectedState: ceremony.state,
        expectedNonce: ceremony.nonce,
        pkceCodeVerifier: ceremony.verifier,
        // Since the ceremony began, not since now: after the password, people read a page about consent.
        maxAge: ceremony.freshSince === undefined ? undefined : unixTime() - ceremony.freshSince,
      });
      // It is there: with a nonce to check, the library insists.
      const claims = tokens.claims() as client.IDToken;
      if (!PLAIN_TEXT.test(claims.sub)) throw new ProviderFault('The subject isn’t 1 to 255 characters of ASCII.');
      return {
        issuer: claims.iss,
        subject: claims.sub,
        email: confirmedEmail(await emailClaims(config, tokens.access_token, claims)),
        emailVerified: true,
        methods: Array.isArray(claims['amr']) ? claims['amr'].filter(isPlainText) : [],
        ...(claims.auth_time !== undefined && { authenticatedAt: past(claims.auth_time) }),
      };
    } catch (error) {
      throw explained(provider, error);
    }
  }

  /** For an administrator who saves the settings: says what is wrong with them. Whether the secret is right shows at a sign-in. */
  async checkProvider(provider: OidcProvider): Promise<void> {
    let problems: string[];
    let cause: Error | undefined;
    try {
      problems = this.#shortcomings((await this.#discover(provider)).serverMetadata());
    } catch (error) {
      cause = new Error(reasons(error));
      problems = [faultIn(error)?.message ?? `Its description can’t be used: ${cause.message}.`];
    }
    if (problems.length === 0) return;
    throw new AppError('sso.provider-unusable', 422, 'This sign-in provider can’t be used.', { detail: problems.join(' '), cause });
  }

  #shortcomings(metadata: client.ServerMetadata & client.ServerMetadataHelpers): string[] {
    const problems: string[] = [];
    for (const name of ['authorization_endpoint', 'token_endpoint', 'jwks_uri'] as const) {
      if (!this.#isAllowed(metadata[name])) problems.push(`Its ${name} isn’t an https address.`);
    }
    if (!metadata.response_types_supported?.includes('code')) {
      problems.push('It doesn’t offer the authorization code flow: its response_types_supported lack "code".');
    }
    if (!metadata.supportsPKCE('S256')) {
      problems.push('It doesn’t offer PKCE: its code_challenge_methods_supported lack "S256".');
    }
    return problems;
  }

  async #configuration(provider: OidcProvider): Promise<client.Configuration> {
    const key = JSON.stringify([provider.issuer, provider.clientId, provider.clientSecret]);
    const cached = this.#cache.get(key);
    if (cached && cached.until > Date.now()) return cached.config;
    const config = await this.#discover(provider);
    this.#cache.set(key, { config, until: Date.now() + this.#cacheFor });
    for (const oldest of this.#cache.keys()) {
      if (this.#cache.size <= MOST_CACHED) break;
      this.#cache.delete(oldest);
    }
    return config;
  }

  async #discover({ issuer, clientId, clientSecret }: OidcProvider): Promise<client.Configuration> {
    if (!this.#isAllowed(issuer) || /[?#\s]/.test(issuer)) {
      throw new ProviderFault('The issuer must be an https address, without spaces, a user, a query or a fragment.');
    }
    if (issuer.includes('/.well-known/')) throw new ProviderFault('The issuer is the part of the address before /.well-known/.');

    const config = await client.discovery(
      new URL(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`),
      clientId,
      { [client.clockTolerance]: CLOCK_TOLERANCE },
      authentication(clientSecret),
      {
        timeout: this.#timeout / 1000,
        [client.customFetch]: (url, options) => this.#fetch(url, options),
        execute: [
          // Without it the library trusts TLS and checks an id_token's claims alone.
          client.enableNonRepudiationChecks,
          ...(new URL(issuer).protocol === 'http:' ? [client.allowInsecureRequests] : []),
        ],
      },
    );
    // Here and not in the library, which lets Microsoft's shared issuers differ. With those, anybody who runs a directory of
    // their own could vouch for anybody's address.
    const { issuer: named } = config.serverMetadata();
    if (!URL.canParse(named) || new URL(named).href !== new URL(issuer).href) {
      throw new ProviderFault(`It says that its issuer is ${JSON.stringify(named.slice(0, 200))}, not ${JSON.stringify(issuer)}.`);
    }
    return config;
  }

  /** Reads the answer to its end here, so that its size and time are bounded, and a failed transfer differs from a wrong answer. */
  async #fetch(url: string, options: client.CustomFetchOptions): Promise<Response> {
    if (!this.#isAllowed(url)) throw new ProviderFault('It refers to an address that isn’t https.');
    let response: Response;
    let body: Buffer | undefined;
    try {
      response = await fetch(url, options);
      body = await readAtMost(LARGEST_ANSWER, response);
    } catch (cause) {
      throw new ProviderAway(`${new URL(url).host} doesn’t answer.`, { cause });
    }
    const { status, headers } = response;
    if (!body) throw new ProviderFault(`${new URL(url).host} answers with more than ${LARGEST_ANSWER} bytes.`);
    if (status >= 500) throw new ProviderAway(`${new URL(url).host} answers with status ${status}.`);
    if (status >= 300 && status < 400) throw new ProviderFault(`${new URL(url).host} redirects; no redirect is followed.`);
    return new Response(body.length > 0 ? body : null, { status, headers });
  }

  #isAllowed(address: unknown): boolean {
    if (typeof address !== 'string' || !URL.canParse(address)) return false;
    const { protocol, hostname, username, password } = new URL(address);
    if (username || password) return false;
    return protocol === 'https:' || (this.#allowLocalHttp && protocol === 'http:' && LOCAL.has(hostname));
  }
}

function unixTime(): number {
  return Math.floor(Date.now() / 1000);
}

/** As the provider asks for it; where it says nothing, OpenID Connect means the header. */
function authentication(secret: string): client.ClientAuth {
  const basic = client.ClientSecretBasic(secret);
  const post = client.ClientSecretPost(secret);
  return (as, ...rest) => {
    const methods = as.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
    (methods.includes('client_secret_basic') ? basic : post)(as, ...rest);
  };
}

/** Undefined: there was more. Leaving the loop closes the connection. */
async function readAtMost(limit: number, response: Response): Promise<Buffer | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > limit) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

type Claims = client.IDToken | client.UserInfoResponse;

/** The address and its confirmation, both from one place: a confirmation of one address says nothing about another. */
async function emailClaims(config: client.Configuration, accessToken: string, claims: client.IDToken): Promise<Claims> {
  const complete = claims['email'] !== undefined && claims['email_verified'] !== undefined;
  if (complete || !config.serverMetadata().userinfo_endpoint) return claims;
  return client.fetchUserInfo(config, accessToken, claims.sub);
}

function confirmedEmail({ email, email_verified: verified }: Claims): string {
  // Not "true" either: who doesn't follow the specification here may mean something else by it.
  if (verified === true && typeof email === 'string' && isSignInAddress(email)) return email;
  throw new AppError('sso.email-not-verified', 403, 'Your clinic’s sign-in provider doesn’t confirm your email address.', {
    detail: 'Confirm the address there, or ask the people who run it. Then sign in again.',
  });
}

function isPlainText(value: unknown): value is string {
  return typeof value === 'string' && PLAIN_TEXT.test(value);
}

function past(seconds: number): Date {
  if (seconds > unixTime() + CLOCK_TOLERANCE) throw new ProviderFault('It says that the person will authenticate in the future.');
  return new Date(seconds * 1000);
}

/** The refusal that a person sees. Its reason is logged here; that of a 503 is logged where it is answered, as for every 503. */
function explained({ issuer }: OidcProvider, error: unknown): AppError {
  if (error instanceof AppError) return error;
  if (error instanceof client.AuthorizationResponseError && error.error === 'access_denied') {
    return new AppError('sso.refused', 401, 'The sign-in was cancelled, or your clinic’s sign-in provider refused it.', {
      detail: 'You can try again.',
    });
  }
  const cause = new Error(reasons(error));
  if (faultIn(error) instanceof ProviderAway) {
    return new AppError('sso.provider-unreachable', 503, 'Your clinic’s sign-in provider doesn’t respond.', {
      detail: 'Try again in a moment.',
      cause,
    });
  }
  logger.warn(`A sign-in by ${JSON.stringify(issuer)} failed: ${cause.message}`);
  return new AppError('sso.failed', 401, 'The sign-in by your clinic’s provider failed.', {
    detail: 'Start again. If it fails again, tell your administrator.',
    cause,
  });
}

/** An error and its causes. The library wraps what is thrown within it. */
function* chain(error: unknown): Generator<Error> {
  for (let at = error; isNativeError(at) || at instanceof DOMException; at = at.cause) yield at;
}

function faultIn(error: unknown): ProviderFault | undefined {
  return [...chain(error)].find((one) => one instanceof ProviderFault);
}

/** In words alone. The errors themselves carry codes, tokens and claims, and those belong in no log. */
function reasons(error: unknown): string {
  const words: string[] = [];
  // The library says no more about a fault than that something went wrong.
  for (const one of chain(faultIn(error) ?? error)) {
    // JSON.parse quotes what it couldn't read.
    if (one.name === 'SyntaxError') break;
    const { code, error: said, status } = one as { readonly code?: string; readonly error?: unknown; readonly status?: number };
    words.push(one.message.replace(/\.$/, '') || (code ?? one.name));
    if (isPlainText(said)) words.push(said);
    const answered = status ?? (one.cause instanceof Response ? one.cause.status : undefined);
    if (answered !== undefined) words.push(`status ${answered}`);
  }
  return words.join(': ');
}
