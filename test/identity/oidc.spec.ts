import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { inspect } from 'node:util';
import { Logger } from '@nestjs/common';
import { type AppError } from '../../src/common/errors.js';
import { type Ceremony, type Identity, Oidc, type OidcProvider } from '../../src/identity/oidc.js';
import { type Account, CANCEL, listen, OidcBrowser, startProvider, type TestProvider } from '../support/oidc.js';

const REDIRECT_URI = 'http://localhost:1/api/auth/sso/callback';
const NOW = Math.floor(Date.now() / 1000);
const AN_HOUR_AGO = NOW - 3600;
const ACCOUNTS: Record<string, Account> = {
  ada: { email: 'ada@clinic.example', email_verified: true, amr: ['pwd', 'otp'], acr: 'urn:two-factors' },
  unverified: { email: 'ada@clinic.example', email_verified: false },
  unsaid: { email: 'ada@clinic.example' },
  nameless: {},
  unusable: { email: 'ada\u0000@clinic.example', email_verified: true },
  earlier: { email: 'ada@clinic.example', email_verified: true, auth_time: AN_HOUR_AGO },
};

const warnings: string[] = [];
let idp: TestProvider;
let oidc: Oidc;

beforeAll(async () => {
  Logger.overrideLogger({ log: () => undefined, error: () => undefined, warn: (message: string) => warnings.push(message) });
  idp = await startProvider({ redirectUri: REDIRECT_URI, accounts: ACCOUNTS });
});

afterAll(async () => {
  await idp.stop();
});

beforeEach(() => {
  warnings.length = 0;
  oidc = new Oidc({ allowLocalHttp: true });
});

interface BeginOptions {
  readonly fresh?: boolean;
  readonly browser?: OidcBrowser;
}

async function toCallback(provider: OidcProvider, as: string, { fresh, browser = new OidcBrowser() }: BeginOptions = {}) {
  const { url, ceremony } = await oidc.begin(provider, REDIRECT_URI, { fresh });
  return { callback: await browser.visit(url, as), ceremony };
}

async function signIn(provider: OidcProvider, as: string, options?: BeginOptions): Promise<Identity> {
  const { callback, ceremony } = await toCallback(provider, as, options);
  return oidc.finish(provider, callback, ceremony);
}

/** The code and status that a caller is told, and the reason that only the log has. */
async function refusal(attempt: Promise<unknown>): Promise<[code: string, status: number, reason: string]> {
  try {
    await attempt;
  } catch (error) {
    const { code, status, cause } = error as AppError;
    return [code, status, (cause as Error | undefined)?.message ?? ''];
  }
  throw new Error('Nothing was refused.');
}

const failed = (reason: string) => ['sso.failed', 401, expect.stringContaining(reason)];
const unreachable = ['sso.provider-unreachable', 503, expect.stringMatching(/^localhost:\d+ (doesn’t answer|answers with status 5)/)];

describe('a sign-in', () => {
  it('says who somebody is, how and when they authenticated', async () => {
    const { authenticatedAt, ...identity } = await signIn(idp, 'ada');
    expect(identity).toEqual({
      issuer: idp.issuer,
      subject: 'ada',
      email: 'ada@clinic.example',
      emailVerified: true,
      methods: ['pwd', 'otp'],
    });
    expect(Math.abs(Number(authenticatedAt) / 1000 - Date.now() / 1000)).toBeLessThan(10);
  });

  it('takes the authentication of an earlier visit to the provider', async () => {
    const browser = new OidcBrowser();
    await signIn(idp, 'earlier', { browser });
    expect((await signIn(idp, 'ada', { browser })).authenticatedAt).toEqual(new Date(AN_HOUR_AGO * 1000));
  });

  it('sends a state, a nonce and an S256 challenge that are new each time, and no secret', async () => {
    const urls = await Promise.all([1, 2].map(async () => new URL((await oidc.begin(idp, REDIRECT_URI)).url)));
    const [one, other] = urls.map(({ searchParams }) => Object.fromEntries(searchParams)) as [
      Record<string, string>,
      Record<string, string>,
    ];
    expect(one).toEqual({
      client_id: idp.clientId,
      redirect_uri: REDIRECT_URI,
      response_type: 'code',
      scope: 'openid email',
      state: expect.stringMatching(/^[\w-]{43}$/),
      nonce: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: 'S256',
    });
    for (const name of ['state', 'nonce', 'code_challenge']) expect(one[name]).not.toBe(other[name]);
  });

  it('takes the address from UserInfo where the id_token has none', async () => {
    const other = await startProvider({ redirectUri: REDIRECT_URI, accounts: ACCOUNTS, emailIn: 'userinfo' });
    try {
      expect(await signIn(other, 'ada')).toMatchObject({ email: 'ada@clinic.example', methods: ['pwd', 'otp'] });
      expect(other.requests).toContain('GET /me');
      expect(await refusal(signIn(other, 'unverified'))).toEqual(['sso.email-not-verified', 403, '']);
    } finally {
      await other.stop();
    }
  });

  it('doesn’t ask UserInfo where the id_token says it all', async () => {
    idp.requests.length = 0;
    await signIn(idp, 'ada');
    expect(idp.requests).not.toContain('GET /me');
  });

  it.each(['unverified', 'unsaid', 'nameless', 'unusable'])('is refused without a confirmed address: %s', async (account) => {
    expect(await refusal(signIn(idp, account))).toEqual(['sso.email-not-verified', 403, '']);
  });

  it('is refused when the person cancels', async () => {
    expect(await refusal(signIn(idp, CANCEL))).toEqual(['sso.refused', 401, '']);
    expect(warnings).toEqual([]);
  });

  it('is refused with a wrong client secret', async () => {
    const { callback, ceremony } = await toCallback(idp, 'ada');
    const attempt = oidc.finish({ ...idp, clientSecret: 'wrong' }, callback, ceremony);
    expect(await refusal(attempt)).toEqual(failed('status 401'));
  });

  it('is refused without a client secret', async () => {
    expect(await refusal(oidc.begin({ ...idp, clientSecret: '' }, REDIRECT_URI))).toEqual(failed('must not be empty'));
  });
});

describe('a callback', () => {
  it('is good once', async () => {
    const { callback, ceremony } = await toCallback(idp, 'ada');
    await oidc.finish(idp, callback, ceremony);
    expect(await refusal(oidc.finish(idp, callback, ceremony))).toEqual(failed('invalid_grant'));
  });

  it.each<[string, (ceremony: Ceremony, other: Ceremony) => Ceremony, string]>([
    ['state', (own, { state }) => ({ ...own, state }), '"state"'],
    ['nonce', (own, { nonce }) => ({ ...own, nonce }), '"nonce"'],
    ['PKCE verifier', (own, { verifier }) => ({ ...own, verifier }), 'invalid_grant'],
  ])('is refused with the %s of another ceremony', async (_, mix, reason) => {
    const { callback, ceremony } = await toCallback(idp, 'ada');
    const { ceremony: other } = await oidc.begin(idp, REDIRECT_URI);
    expect(await refusal(oidc.finish(idp, callback, mix(ceremony, other)))).toEqual(failed(reason));
  });

  it('is refused with the code of another ceremony', async () => {
    const { callback, ceremony } = await toCallback(idp, 'ada');
    const { callback: stolen } = await toCallback(idp, 'earlier');
    callback.searchParams.set('code', stolen.searchParams.get('code') ?? '');
    expect(await refusal(oidc.finish(idp, callback, ceremony))).toEqual(failed('invalid_grant'));
  });

  it.each<[string, (parameters: URLSearchParams) => void, string]>([
    ['without a state', (parameters) => parameters.delete('state'), '"state"'],
    ['with two states', (parameters) => parameters.append('state', 'x'), '"state"'],
    ['without the issuer that the provider promises to send', (parameters) => parameters.delete('iss'), '"iss"'],
    ['without a code', (parameters) => parameters.delete('code'), 'code'],
    ['with two codes', (parameters) => parameters.append('code', 'x'), '"code"'],
    ['with an id_token', (parameters) => parameters.set('id_token', 'x'), 'not supported'],
    ['with another error', (parameters) => parameters.set('error', 'server_error'), 'server_error'],
    ['with an error of control characters', (parameters) => parameters.set('error', 'x\nA sign-in'), 'is an error'],
    ['that cancels without the state', (parameters) => [parameters.set('error', 'access_denied'), parameters.delete('state')], '"state"'],
  ])('is refused %s, and no code is spent', async (_, change, reason) => {
    const { callback, ceremony } = await toCallback(idp, 'ada');
    idp.requests.length = 0;
    change(callback.searchParams);
    expect(await refusal(oidc.finish(idp, callback, ceremony))).toEqual(failed(reason));
    expect(idp.requests).toEqual([]);
    expect(warnings.join()).not.toContain('\n');
  });

  it('is refused at another address', async () => {
    const { callback, ceremony } = await toCallback(idp, 'ada');
    callback.pathname = '/elsewhere';
    expect(await refusal(oidc.finish(idp, callback, ceremony))).toEqual(failed('invalid_grant'));
  });

  it('is refused from another issuer, and neither is asked for tokens', async () => {
    const other = await startProvider({ redirectUri: REDIRECT_URI, accounts: ACCOUNTS });
    try {
      const { url, ceremony } = await oidc.begin(idp, REDIRECT_URI);
      const elsewhere = new URL(url);
      elsewhere.port = new URL(other.issuer).port;
      const callback = await new OidcBrowser().visit(elsewhere.href, 'ada');
      expect(Object.fromEntries(callback.searchParams)).toMatchObject({ iss: other.issuer, state: ceremony.state });
      idp.requests.length = 0;
      expect(await refusal(oidc.finish(idp, callback, ceremony))).toEqual(failed('"iss"'));
      expect([...idp.requests, ...other.requests]).not.toContain('POST /token');
    } finally {
      await other.stop();
    }
  });
});

describe('a fresh sign-in', () => {
  it('asks somebody again whom the provider still knows', async () => {
    const browser = new OidcBrowser();
    await signIn(idp, 'ada', { browser });
    const { url, ceremony } = await oidc.begin(idp, REDIRECT_URI, { fresh: true });
    expect(Object.fromEntries(new URL(url).searchParams)).toMatchObject({ prompt: 'login', max_age: '0' });
    idp.requests.length = 0;
    const callback = await browser.visit(url, 'ada');
    expect(idp.requests).toContainEqual(expect.stringMatching(/^GET \/interaction\//));
    const { authenticatedAt } = await oidc.finish(idp, callback, ceremony);
    expect(Number(authenticatedAt) / 1000).toBeGreaterThanOrEqual(ceremony.freshSince ?? Infinity);
  });

  it('is refused where the provider took an authentication of before', async () => {
    expect(await refusal(signIn(idp, 'earlier', { fresh: true }))).toEqual(failed('too much time has elapsed'));
  });

  it('may take a while after the authentication', async () => {
    const { callback, ceremony } = await toCallback(idp, 'earlier', { fresh: true });
    expect(ceremony.freshSince).toBeGreaterThanOrEqual(NOW);
    const begun = { ...ceremony, freshSince: AN_HOUR_AGO - 60 };
    expect(await oidc.finish(idp, callback, begun)).toMatchObject({ authenticatedAt: new Date(AN_HOUR_AGO * 1000) });
  });

  it('is refused where the browser left out what it asks for', async () => {
    const browser = new OidcBrowser();
    await signIn(idp, 'earlier', { browser });
    const { url, ceremony } = await oidc.begin(idp, REDIRECT_URI, { fresh: true });
    const weaker = new URL(url);
    weaker.searchParams.delete('prompt');
    weaker.searchParams.delete('max_age');
    const callback = await browser.visit(weaker.href, 'ada');
    expect(await refusal(oidc.finish(idp, callback, ceremony))).toEqual(failed('too much time has elapsed'));
  });
});

/** What a hostile provider does otherwise than an honest one. */
interface Tricks {
  readonly metadata?: Record<string, unknown>;
  readonly header?: Record<string, unknown>;
  readonly claims?: Record<string, unknown>;
  readonly key?: KeyObject;
  readonly tokens?: Record<string, unknown>;
  readonly userinfo?: Record<string, unknown>;
  /** Whole answers, by path. */
  readonly answers?: Readonly<Record<string, (response: ServerResponse) => void>>;
}

interface Hostile extends OidcProvider {
  readonly requests: string[];
  /** Of the Authorization headers with which it was asked for tokens. */
  readonly schemes: string[];
  readonly idTokens: string[];
  nonce: string;
}

const DISCOVERY = '/.well-known/openid-configuration';
const OWN = generateKeyPairSync('rsa', { modulusLength: 2048 });
const FOREIGN = generateKeyPairSync('rsa', { modulusLength: 2048 });
const CODE = 'the-code-of-the-callback';
const ACCESS_TOKEN = 'the-access-token';
const base64url = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

async function withHostile<T>(tricks: Tricks, use: (hostile: Hostile) => Promise<T>): Promise<T> {
  const hostile: Hostile = {
    issuer: '',
    clientId: 'assent',
    clientSecret: 'the-client-secret',
    requests: [],
    schemes: [],
    nonce: '',
    idTokens: [],
  };
  const server = await listen((request, response) => {
    const path = request.url ?? '';
    hostile.requests.push(path);
    if (path === '/token') hostile.schemes.push(request.headers.authorization?.split(' ')[0] ?? '');
    const whole = tricks.answers?.[path];
    if (whole) whole(response);
    else response.setHeader('content-type', 'application/json').end(JSON.stringify(answers[path]?.() ?? {}));
  });
  const answers: Record<string, () => unknown> = {
    [DISCOVERY]: () => ({
      issuer: server.url,
      authorization_endpoint: `${server.url}/authorize`,
      token_endpoint: `${server.url}/token`,
      jwks_uri: `${server.url}/jwks`,
      userinfo_endpoint: `${server.url}/userinfo`,
      response_types_supported: ['code'],
      code_challenge_methods_supported: ['S256'],
      ...tricks.metadata,
    }),
    '/jwks': () => ({ keys: [{ ...OWN.publicKey.export({ format: 'jwk' }), kid: 'key' }] }),
    '/token': () => {
      const claims = { iss: server.url, sub: 'ada', aud: hostile.clientId, iat: NOW, exp: NOW + 600, nonce: hostile.nonce };
      const email = { email: 'ada@clinic.example', email_verified: true };
      const header = { alg: 'RS256', kid: 'key', ...tricks.header };
      const idToken = signed(header, { ...claims, ...email, ...tricks.claims }, tricks.key ?? OWN.privateKey);
      hostile.idTokens.push(idToken);
      return { access_token: ACCESS_TOKEN, token_type: 'Bearer', id_token: idToken, ...tricks.tokens };
    },
    '/userinfo': () => ({ sub: 'ada', email: 'ada@clinic.example', email_verified: true, ...tricks.userinfo }),
  };
  Object.assign(hostile, { issuer: server.url });
  try {
    return await use(hostile);
  } finally {
    await server.stop();
  }
}

function signed(header: { alg: unknown }, claims: unknown, key: KeyObject): string {
  const content = `${base64url(header)}.${base64url(claims)}`;
  if (header.alg === 'none') return `${content}.`;
  const signature =
    header.alg === 'HS256' ? createHmac('sha256', 'the-client-secret').update(content).digest() : sign('sha256', Buffer.from(content), key);
  return `${content}.${signature.toString('base64url')}`;
}

/** Both steps with a provider that does these tricks. Whatever comes of it, no secret is left in what is logged. */
function attempt(tricks: Tricks, options?: BeginOptions): Promise<Identity> {
  return withHostile(tricks, (hostile) => signInAt(hostile, options));
}

async function signInAt(hostile: Hostile, { fresh }: BeginOptions = {}): Promise<Identity> {
  const { ceremony } = await oidc.begin(hostile, REDIRECT_URI, { fresh });
  hostile.nonce = ceremony.nonce;
  const callback = new URL(`${REDIRECT_URI}?${new URLSearchParams({ code: CODE, state: ceremony.state }).toString()}`);
  try {
    return await oidc.finish(hostile, callback, ceremony);
  } catch (error) {
    const { state, nonce, verifier } = ceremony;
    const told = inspect([error, warnings], { depth: Infinity, showHidden: true });
    const secrets = [hostile.clientSecret, CODE, ACCESS_TOKEN, state, nonce, verifier, ...hostile.idTokens];
    if (secrets.some((secret) => told.includes(secret))) throw new Error(`A secret is told: ${told}`, { cause: error });
    throw error;
  }
}

const redirect = (response: ServerResponse): void => void response.writeHead(302, { location: `${idp.issuer}${DISCOVERY}` }).end();
const text =
  (content: string) =>
  (response: ServerResponse): void =>
    void response.setHeader('content-type', 'application/json').end(content);
const endless = (response: ServerResponse): void => {
  const more = (): void => {
    while (response.write(' '.repeat(65_536)));
  };
  response.setHeader('content-type', 'application/json').on('drain', more);
  more();
};

describe('a provider that isn’t honest', () => {
  it('could be', async () => {
    expect(await attempt({})).toEqual({
      issuer: expect.stringMatching(/^http:\/\/localhost:\d+$/),
      subject: 'ada',
      email: 'ada@clinic.example',
      emailVerified: true,
      methods: [],
    });
    expect(await attempt({ claims: { auth_time: NOW } }, { fresh: true })).toMatchObject({ authenticatedAt: new Date(NOW * 1000) });
    expect(await attempt({ claims: { aud: ['assent'], email: undefined } })).toMatchObject({ email: 'ada@clinic.example' });
    const corrected = { email: 'ada@home.example' };
    expect(await attempt({ claims: { email_verified: undefined }, userinfo: corrected })).toMatchObject(corrected);
    expect(await attempt({ claims: { amr: 'pwd' } })).toMatchObject({ methods: [] });
    expect(await attempt({ claims: { amr: ['pwd', 7, null, 'x\u0000', 'mfa'] } })).toMatchObject({ methods: ['pwd', 'mfa'] });
  });

  it.each<[string, string[] | undefined, string]>([
    ['the header', undefined, 'Basic'],
    ['the header', ['private_key_jwt', 'client_secret_post', 'client_secret_basic'], 'Basic'],
    ['the body', ['client_secret_post'], ''],
  ])('gets the client secret in %s if it takes %j', async (_, methods, scheme) => {
    await withHostile({ metadata: { token_endpoint_auth_methods_supported: methods } }, async (hostile) => {
      await signInAt(hostile);
      expect(hostile.schemes).toEqual([scheme]);
    });
  });

  it.each<[string, Tricks, string]>([
    ['signed with another key', { key: FOREIGN.privateKey }, 'signature verification failed'],
    ['signed with a key that isn’t published', { header: { kid: 'other' } }, 'no applicable keys'],
    ['without a signature', { header: { alg: 'none' } }, '"alg"'],
    [
      'without a signature, which the provider says is its way',
      { header: { alg: 'none' }, metadata: { id_token_signing_alg_values_supported: ['none'] } },
      '"alg"',
    ],
    [
      'signed with the client secret',
      { header: { alg: 'HS256' }, metadata: { id_token_signing_alg_values_supported: ['HS256'] } },
      'unsupported JWS algorithm',
    ],
    ['for another client', { claims: { aud: 'another' } }, '"aud"'],
    ['for another client too', { claims: { aud: ['assent', 'another'] } }, '"aud"'],
    ['for nobody', { claims: { aud: undefined } }, '"aud"'],
    ['of another issuer', { claims: { iss: 'https://idp.example' } }, '"iss"'],
    ['that has expired', { claims: { exp: NOW - 60 } }, '"exp"'],
    ['that never expires', { claims: { exp: undefined } }, '"exp"'],
    ['of later', { claims: { nbf: NOW + 600 } }, '"nbf"'],
    ['with another nonce', { claims: { nonce: 'another' } }, '"nonce"'],
    ['without a nonce', { claims: { nonce: undefined } }, '"nonce"'],
    ['without a subject', { claims: { sub: undefined } }, '"sub"'],
    ['with an empty subject', { claims: { sub: '' } }, 'subject'],
    ['with a subject of control characters', { claims: { sub: 'a\u0000' } }, 'subject'],
    ['with a long subject', { claims: { sub: 'a'.repeat(256) } }, 'subject'],
    ['with a time that is no number', { claims: { auth_time: 'now' } }, 'auth_time'],
    ['of a person who authenticates tomorrow', { claims: { auth_time: NOW + 86_400 } }, 'future'],
    ['of a person who authenticates when no calendar reaches', { claims: { auth_time: 1e300 } }, 'future'],
    ['that isn’t there', { tokens: { id_token: undefined } }, '"id_token"'],
    ['that isn’t one', { tokens: { id_token: 'x' } }, 'Invalid JWT'],
    ['that is encrypted', { tokens: { id_token: 'a.b.c.d.e' } }, 'JWE'],
  ])('is refused with an id_token %s', async (_, tricks, reason) => {
    expect(await refusal(attempt(tricks))).toEqual(failed(reason));
    expect(warnings).toEqual([expect.stringMatching(/^A sign-in by "http:\/\/localhost:\d+" failed: .*\S$/)]);
  });

  it.each<[string, Tricks, string]>([
    ['without the time of the authentication', {}, '"auth_time"'],
    ['of an authentication before', { claims: { auth_time: AN_HOUR_AGO } }, 'too much time has elapsed'],
  ])('is refused with a fresh id_token %s', async (_, tricks, reason) => {
    expect(await refusal(attempt(tricks, { fresh: true }))).toEqual(failed(reason));
  });

  it.each<[string, Tricks, string]>([
    ['tokens that aren’t JSON', { answers: { '/token': text(ACCESS_TOKEN) } }, 'as JSON'],
    ['tokens that aren’t an object', { answers: { '/token': text('[]') } }, 'must be a top level object'],
    ['tokens elsewhere', { answers: { '/token': redirect } }, 'redirects'],
    ['tokens without end', { answers: { '/token': endless } }, 'more than 262144 bytes'],
    ['tokens by http', { metadata: { token_endpoint: 'http://169.254.169.254/' } }, 'isn’t https'],
    ['tokens from a file', { metadata: { token_endpoint: 'file:///etc/passwd' } }, 'only requests to HTTP or HTTPS'],
    ['keys elsewhere', { answers: { '/jwks': redirect } }, 'redirects'],
    ['keys without end', { answers: { '/jwks': endless } }, 'more than 262144 bytes'],
    ['keys by http', { metadata: { jwks_uri: 'http://127.0.0.2/' } }, 'isn’t https'],
    ['no keys', { answers: { '/jwks': text('{}') } }, '"keys"'],
    ['UserInfo elsewhere', { claims: { email: undefined }, answers: { '/userinfo': redirect } }, 'redirects'],
    ['UserInfo of somebody else', { claims: { email: undefined }, userinfo: { sub: 'ben' } }, 'JSON attribute'],
    ['UserInfo that isn’t there', { claims: { email: undefined }, metadata: { userinfo_endpoint: 'http://x/' } }, 'isn’t https'],
  ])('is refused with %s', async (_, tricks, reason) => {
    idp.requests.length = 0;
    expect(await refusal(attempt(tricks))).toEqual(failed(reason));
    expect(idp.requests).toEqual([]);
  });

  it.each<[string, Tricks]>([
    ['in the id_token', { claims: { email_verified: false } }],
    ['as a word', { claims: { email_verified: 'true' } }],
    ['in UserInfo', { claims: { email: undefined }, userinfo: { email_verified: false } }],
    ['of another address', { claims: { email_verified: undefined }, userinfo: { email_verified: undefined } }],
    ['of no address', { claims: { email: undefined }, userinfo: { email: undefined } }],
    ['of a list', { claims: { email: ['ada@clinic.example'] } }],
    ['of none, and has no UserInfo', { claims: { email: undefined }, metadata: { userinfo_endpoint: undefined } }],
  ])('is refused with the confirmation %s', async (_, tricks) => {
    expect(await refusal(attempt(tricks))).toEqual(['sso.email-not-verified', 403, '']);
  });

  it('is refused with an address to send people to that is a script', async () => {
    const tricks = { metadata: { authorization_endpoint: 'javascript:alert(1)' } };
    expect(await refusal(attempt(tricks))).toEqual(failed('only HTTP and HTTPS'));
  });
});

describe('a provider that doesn’t answer', () => {
  const silent = (): void => undefined;
  const stalling = (response: ServerResponse): void => void response.writeHead(200, { 'content-type': 'application/json' }).write('{');
  const broken = (response: ServerResponse): void => void response.writeHead(503).end();
  const cut = (response: ServerResponse): void => void response.destroy();

  it('is unreachable before the sign-in', async () => {
    const gone = await listen(silent);
    await gone.stop();
    expect(await refusal(oidc.begin({ ...idp, issuer: gone.url }, REDIRECT_URI))).toEqual(unreachable);
    expect(warnings).toEqual([]);
  });

  it('is unreachable during the sign-in', async () => {
    const other = await startProvider({ redirectUri: REDIRECT_URI, accounts: ACCOUNTS });
    const { callback, ceremony } = await toCallback(other, 'ada');
    await other.stop();
    expect(await refusal(oidc.finish(other, callback, ceremony))).toEqual(unreachable);
  });

  it.each<[string, Tricks]>([
    ['its description', { answers: { [DISCOVERY]: silent } }],
    ['the end of its description', { answers: { [DISCOVERY]: stalling } }],
    ['tokens', { answers: { '/token': silent } }],
    ['the end of its tokens', { answers: { '/token': stalling } }],
    ['keys', { answers: { '/jwks': silent } }],
    ['UserInfo', { claims: { email: undefined }, answers: { '/userinfo': silent } }],
  ])('is unreachable when it keeps us waiting for %s', async (_, tricks) => {
    oidc = new Oidc({ allowLocalHttp: true, timeout: 100 });
    expect(await refusal(attempt(tricks))).toEqual(unreachable);
  });

  it.each([
    ['status 503', broken],
    ['a cut connection', cut],
  ])('is unreachable with %s', async (_, answer) => {
    for (const path of [DISCOVERY, '/token', '/jwks']) {
      expect(await refusal(attempt({ answers: { [path]: answer } }))).toEqual(unreachable);
    }
  });

  it('is asked again the next time', async () => {
    let answer: ((response: ServerResponse) => void) | undefined = broken;
    const answers = {
      get [DISCOVERY]() {
        return answer as (response: ServerResponse) => void;
      },
    };
    await withHostile({ answers }, async (hostile) => {
      expect(await refusal(oidc.begin(hostile, REDIRECT_URI))).toEqual(unreachable);
      answer = undefined;
      await expect(oidc.begin(hostile, REDIRECT_URI)).resolves.toBeDefined();
    });
  });
});

describe('a provider’s description', () => {
  it('is fetched once, and again when it is old', () =>
    withHostile({}, async (hostile) => {
      for (let time = 0; time < 3; time += 1) await oidc.begin(hostile, REDIRECT_URI);
      expect(hostile.requests).toEqual([DISCOVERY]);
      oidc = new Oidc({ allowLocalHttp: true, cacheFor: 0 });
      for (let time = 0; time < 3; time += 1) await oidc.begin(hostile, REDIRECT_URI);
      expect(hostile.requests).toHaveLength(4);
    }));

  it('is fetched anew for another secret', () =>
    withHostile({}, async (hostile) => {
      for (const clientSecret of ['one', 'two', 'one', 'two']) await oidc.begin({ ...hostile, clientSecret }, REDIRECT_URI);
      expect(hostile.requests).toHaveLength(2);
    }));

  it('is forgotten after 100 others', () =>
    withHostile({}, async (hostile) => {
      const begin = (clientId: number): Promise<unknown> => oidc.begin({ ...hostile, clientId: `${clientId}` }, REDIRECT_URI);
      for (let clientId = 0; clientId <= 100; clientId += 1) await begin(clientId);
      expect(hostile.requests).toHaveLength(101);
      await begin(100);
      await begin(1);
      expect(hostile.requests).toHaveLength(101);
      await begin(0);
      expect(hostile.requests).toHaveLength(102);
    }));

  it('is fetched by https, unless this is development and the provider on this machine', async () => {
    idp.requests.length = 0;
    expect(await refusal(new Oidc().begin(idp, REDIRECT_URI))).toEqual(failed('https'));
    expect(idp.requests).toEqual([]);
  });
});

describe('checkProvider', () => {
  async function complaint(provider: OidcProvider): Promise<string> {
    try {
      await oidc.checkProvider(provider);
    } catch (error) {
      const { code, status, detail = '' } = error as AppError;
      return code === 'sso.provider-unusable' && status === 422 ? detail : `${status} ${code}`;
    }
    return 'none';
  }

  it('has nothing against one that works', async () => {
    expect(await complaint(idp)).toBe('none');
    expect(await complaint({ ...idp, issuer: `${idp.issuer}/` })).toBe('none');
  });

  it('looks anew each time', () =>
    withHostile({}, async (hostile) => {
      await oidc.begin(hostile, REDIRECT_URI);
      await oidc.checkProvider(hostile);
      await oidc.checkProvider(hostile);
      expect(hostile.requests).toHaveLength(3);
    }));

  it.each([
    '',
    'x',
    'idp.example',
    'http://idp.example',
    'http://localhost.idp.example',
    'ftp://localhost',
    'javascript:alert(1)',
    'https://user@idp.example',
    'https://:password@idp.example',
    'https://idp.example?x',
    'https://idp.example#x',
    'https://idp.example/a\nb',
    ' https://idp.example',
  ])('refuses the issuer %j', async (issuer) => {
    expect(await complaint({ ...idp, issuer })).toMatch(/^The issuer must be an https address/);
  });

  it('refuses the address of the description', async () => {
    const complained = await complaint({ ...idp, issuer: `${idp.issuer}${DISCOVERY}` });
    expect(complained).toBe('The issuer is the part of the address before /.well-known/.');
  });

  it.each<[string, Tricks, RegExp]>([
    [
      'that names another issuer',
      { metadata: { issuer: 'https://idp.example' } },
      /^It says that its issuer is "https:\/\/idp.example", not/,
    ],
    ['that names an issuer that is no address', { metadata: { issuer: 'x' } }, /^It says that its issuer is "x", not/],
    ['that names no issuer', { metadata: { issuer: undefined } }, /"issuer"/],
    ['that redirects', { answers: { [DISCOVERY]: redirect } }, /^localhost:\d+ redirects/],
    ['that never ends', { answers: { [DISCOVERY]: endless } }, /^localhost:\d+ answers with more than 262144 bytes/],
    ['that isn’t there', { answers: { [DISCOVERY]: (response) => response.writeHead(404).end() } }, /status 404/],
    ['that isn’t JSON', { answers: { [DISCOVERY]: text('<html>') } }, /as JSON\.$/],
    [
      'of a broken provider',
      { answers: { [DISCOVERY]: (response) => response.writeHead(500).end() } },
      /^localhost:\d+ answers with status 500/,
    ],
    ['without the code flow', { metadata: { response_types_supported: ['id_token'] } }, /authorization code flow.*"code"\.$/],
    ['that doesn’t say its flows', { metadata: { response_types_supported: undefined } }, /authorization code flow/],
    ['that is a muddle', { metadata: { response_types_supported: 7 } }, /./],
    ['without S256', { metadata: { code_challenge_methods_supported: ['plain'] } }, /PKCE.*"S256"\.$/],
    ['without PKCE', { metadata: { code_challenge_methods_supported: undefined } }, /PKCE/],
    ['with tokens by http', { metadata: { token_endpoint: 'http://idp.example' } }, /^Its token_endpoint isn’t an https address\.$/],
    ['without keys', { metadata: { jwks_uri: undefined } }, /^Its jwks_uri isn’t an https address\.$/],
    [
      'that lacks much',
      { metadata: { authorization_endpoint: 'x', code_challenge_methods_supported: [] } },
      /^Its authorization_endpoint isn’t .* It doesn’t offer PKCE/,
    ],
  ])('refuses a description %s', async (_, tricks, words) => {
    expect(await withHostile(tricks, complaint)).toMatch(words);
  });

  it('refuses one that doesn’t answer', async () => {
    const gone = await listen(() => undefined);
    await gone.stop();
    expect(await complaint({ ...idp, issuer: gone.url })).toMatch(/^localhost:\d+ doesn’t answer\.$/);
  });

  it('refuses the issuer that all directories of Microsoft share', async () => {
    const { fetch } = globalThis;
    globalThis.fetch = async () => Response.json({ issuer: 'https://login.microsoftonline.com/{tenantid}/v2.0' });
    try {
      const issuer = 'https://login.microsoftonline.com/common/v2.0';
      expect(await complaint({ ...idp, issuer })).toMatch(/^It says that its issuer is "https:\/\/login.microsoftonline.com\/{tenantid}/);
    } finally {
      globalThis.fetch = fetch;
    }
  });
});
