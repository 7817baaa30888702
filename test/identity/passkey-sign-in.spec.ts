import { randomBytes } from 'node:crypto';
import type { Browser, Page } from 'playwright-core';
import { addAuthenticator, type Authenticator } from '../support/authenticator.js';
import { launchBrowser, type Visit, visit as openPage } from '../support/browser.js';
import { makeClinic, PASSWORD, type TestClinic } from '../support/make.js';
import { create, optionsOf, register, use, WAYS, withClientData } from '../support/passkeys.js';
import { startServer, type TestServer } from '../support/server.js';
import { asSuperuser } from '../support/sql.js';
import { makeIdle, makeMember, makeStale, type Member, recorded, refused, visit, Visitor } from '../support/visitor.js';

const REFUSED = refused(401, 'passkey.refused');
const BOTH = ['signIn', 'verify'] as const;

let server: TestServer;
let browser: Browser;
let clinic: TestClinic;
let gil: Member;
let id: string;
let visitor: Visitor;
let opened: Visit;
let page: Page;
let authenticator: Authenticator;
beforeAll(async () => {
  browser = await launchBrowser();
  server = await startServer();
  clinic = await makeClinic(server);
});
beforeEach(async () => {
  gil = await makeMember(server, clinic);
  opened = await openPage(browser, `${server.url}/health/live`);
  ({ page } = opened);
  authenticator = await addAuthenticator(page);
  ({ id } = await register(gil.visitor, page));
  visitor = new Visitor(server.url);
});
afterEach(() => opened.close());
afterAll(async () => {
  await browser.close();
  await server.stop();
});

type Way = (typeof BOTH)[number];
const show = (way: Way, response: unknown, by = visitor) => by.post(WAYS[way], { response });

/** Somebody who may go this way: anybody, or Gil after the password. */
const goer = async (way: Way): Promise<Visitor> => (way === 'signIn' ? new Visitor(server.url) : visit(server, gil));

/** One more page with an authenticator. */
async function onAnotherPage<T>(work: (page: Page, authenticator: Authenticator) => Promise<T>): Promise<T> {
  const other = await openPage(browser, `${server.url}/health/live`);
  try {
    return await work(other.page, await addAuthenticator(other.page));
  } finally {
    await other.close();
  }
}

describe('a passkey', () => {
  it('is a whole sign-in', async () => {
    const answer = await show('signIn', await use('signIn', visitor, page));
    expect(answer).toMatchObject({
      status: 200,
      body: { state: 'full', fresh: true, methods: ['passkey'], factors: ['passkey'], me: { email: gil.email } },
    });
    expect((await visitor.get('/api/me')).body).toMatchObject({ id: gil.id });
    const [passkey] = (await visitor.get('/api/me/passkeys')).body.items;
    expect(passkey).toMatchObject({ id, lastUsedAt: expect.stringMatching(/Z$/) });
    expect(await recorded(server, gil)).toEqual(['passkey.add success', 'sign-in success']);
  });

  it('is a whole sign-in for an administrator', async () => {
    const ada = await makeMember(server, clinic, { role: 'administrator' });
    await onAnotherPage(async (page) => {
      await register(ada.visitor, page);
      expect(await show('signIn', await use('signIn', visitor, page))).toMatchObject({ status: 200, body: { state: 'full' } });
    });
    expect((await visitor.get('/api/staff')).status).toBe(200);
  });

  it('is the second factor after a password', async () => {
    await visitor.post('/api/auth/sign-in', { email: gil.email, password: PASSWORD });
    expect((await visitor.get('/api/auth/session')).body).toMatchObject({ state: 'second_factor', factors: ['passkey'] });
    expect(await optionsOf(visitor, 'verify')).toMatchObject({ allowCredentials: [{ id }], userVerification: 'required' });
    const before = new Visitor(server.url, visitor.cookies.get('assent'));
    expect(await show('verify', await use('verify', visitor, page))).toMatchObject({
      status: 200,
      body: { state: 'full', methods: ['password', 'passkey'] },
    });
    expect([await visitor.state(), await before.state()]).toEqual(['full', 'not-signed-in']);
  });

  it('unlocks an idle session, which goes on', async () => {
    await show('signIn', await use('signIn', visitor, page));
    await makeIdle(server, gil);
    expect(await visitor.state()).toBe('locked');
    expect(await visitor.get('/api/me')).toMatchObject(refused(401, 'login.locked'));
    expect(await show('verify', await use('verify', visitor, page))).toMatchObject({
      status: 200,
      body: { state: 'full', methods: ['passkey'] },
    });
    expect((await visitor.get('/api/me')).status).toBe(200);
  });

  it('is a fresh authentication', async () => {
    await makeStale(server, gil);
    expect(await gil.visitor.post('/api/me/totp')).toMatchObject(refused(403, 'reauthentication-required'));
    expect(await show('verify', await use('verify', gil.visitor, page), gil.visitor)).toMatchObject({ status: 200, body: { fresh: true } });
    expect((await gil.visitor.post('/api/me/totp')).status).toBe(201);
    expect(await recorded(server, gil)).toContain('verification success');
  });

  it('tells nobody who has one', async () => {
    const options = await optionsOf(visitor, 'signIn');
    expect(options['allowCredentials'] ?? []).toEqual([]);
    expect(options).toMatchObject({ rpId: 'localhost', userVerification: 'required', challenge: expect.stringMatching(/^[\w-]{43,}$/) });
    expect(await visitor.post(`${WAYS.verify}/options`)).toMatchObject(refused(401, 'not-signed-in'));
    expect(await show('verify', {})).toMatchObject(refused(401, 'not-signed-in'));
  });
});

describe.each(BOTH)('a passkey is refused (%s)', (way) => {
  beforeEach(async () => {
    visitor = await goer(way);
  });

  it('a second time with the same answer', async () => {
    const response = await use(way, visitor, page);
    expect((await show(way, response)).status).toBe(200);
    expect(await show(way, response, await goer(way))).toMatchObject(REFUSED);
    expect(await show(way, response)).toMatchObject(REFUSED);
  });

  it('all but one of many times at once', async () => {
    const response = await use(way, visitor, page);
    const visitors = [visitor, ...(await Promise.all(Array.from({ length: 9 }, () => goer(way))))];
    const answers = await Promise.all(visitors.map((by) => show(way, response, by)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array<number>(9).fill(401)]);
  });

  it('after five minutes', async () => {
    const response = await use(way, visitor, page);
    await asSuperuser(server, `UPDATE auth.verification SET "expiresAt" = "expiresAt" - interval '5 minutes'`);
    expect(await show(way, response)).toMatchObject(REFUSED);
  });

  it('by a challenge of another purpose, of another person, or of nobody', async () => {
    const other = await makeMember(server, clinic);
    const wrong = {
      register: (await optionsOf(gil.visitor, 'register')).challenge,
      otherWay: (await optionsOf(await goer('verify'), way === 'signIn' ? 'verify' : 'signIn')).challenge,
      otherPerson: (await optionsOf(other.visitor, 'verify')).challenge,
      nobody: randomBytes(32).toString('base64url'),
    };
    for (const challenge of Object.values(wrong)) {
      expect(await show(way, await use(way, visitor, page, { challenge }))).toMatchObject(REFUSED);
    }
    expect(await visitor.state()).toBe(way === 'signIn' ? 'not-signed-in' : 'second_factor');
  });

  it('once it is removed', async () => {
    const response = await use(way, visitor, page);
    await asSuperuser(server, 'DELETE FROM auth.passkey WHERE id = $1', [id]);
    expect(await show(way, response)).toMatchObject(REFUSED);
  });

  it('without the finger or PIN', async () => {
    await authenticator.verifyUser(false);
    await expect(use(way, visitor, page)).rejects.toThrow('NotAllowedError');
    const [passkey] = await authenticator.passkeys();
    await authenticator.remove();
    authenticator = await addAuthenticator(page, { hasUserVerification: false });
    if (passkey) await authenticator.put(passkey);
    const allowCredentials = [{ id, type: 'public-key' as const }];
    expect(await show(way, await use(way, visitor, page, { userVerification: 'discouraged', allowCredentials }))).toMatchObject(REFUSED);
  });

  it.each([
    ['another origin', { origin: 'https://evil.example' }],
    ['another port', { origin: 'http://localhost:1' }],
    ['a registration', { type: 'webauthn.create' }],
    ['an invented frame', { crossOrigin: true, topOrigin: 'https://evil.example' }],
    ['the right place, said once more', { more: 1 }],
    ['a challenge that is a number', { challenge: 7 }],
    ['a challenge that is an object', { challenge: {} }],
    ['a challenge with NUL', { challenge: 'a\0b' }],
  ])('from %s', async (_, clientData) => {
    expect(await show(way, withClientData(await use(way, visitor, page), clientData))).toMatchObject(REFUSED);
  });

  it('with another signature', async () => {
    const response = await use(way, visitor, page);
    const signature = (await use(way, visitor, page)).response.signature;
    expect(await show(way, { ...response, response: { ...response.response, signature } })).toMatchObject(REFUSED);
  });

  it('where a copy of it was used since', async () => {
    const [copy] = await authenticator.passkeys();
    for (let time = 1; time <= 2; time += 1) {
      expect(await goer(way).then(async (by) => show(way, await use(way, by, page), by))).toMatchObject({ status: 200 });
    }
    await onAnotherPage(async (page, theirs) => {
      if (copy) await theirs.put(copy);
      expect(await show(way, await use(way, visitor, page))).toMatchObject(REFUSED);
    });
  });

  it('never by a fault of ours, whatever its parts are', async () => {
    const made = await use(way, visitor, page);
    let signedIn = 0;
    const inner = ['clientDataJSON', 'authenticatorData', 'signature', 'userHandle'];
    for (const part of ['id', 'rawId', 'type', 'response', ...inner]) {
      for (const value of [undefined, null, 7, '', 'x', 'ü', '{}', '{', {}, [], [id], ['x'], true, 'x'.repeat(9_000), { x: 'x' }]) {
        const response = inner.includes(part) ? { ...made, response: { ...made.response, [part]: value } } : { ...made, [part]: value };
        const answer = await show(way, response, new Visitor(server.url, visitor.cookies.get('assent')));
        expect([200, 401]).toContain(answer.status);
        signedIn += answer.status === 200 ? 1 : 0;
      }
    }
    // Who it is follows from the passkey, and not from what the answer says besides.
    expect(signedIn).toBeLessThanOrEqual(1);
    for (const response of [undefined, null, 7, 'x', []]) expect(await show(way, response)).toMatchObject(refused(400, 'malformed'));
  });

  it('and recorded', async () => {
    const before = await asSuperuser(server, 'SELECT FROM audit.events');
    expect(await show(way, {})).toMatchObject(REFUSED);
    const after = await asSuperuser(server, 'SELECT action, outcome FROM audit.events ORDER BY id');
    expect(after.slice(before.length)).toMatchObject([{ action: way === 'signIn' ? 'sign-in' : 'verification', outcome: 'failure' }]);
  });
});

it('somebody else’s passkey is no proof, though it is genuine', async () => {
  const other = await makeMember(server, clinic);
  const thief = await visit(server, gil);
  await onAnotherPage(async (page) => {
    const theirs = await register(other.visitor, page);
    const response = await use('verify', thief, page, { allowCredentials: [{ id: theirs.id, type: 'public-key' }] });
    expect(await show('verify', response, thief)).toMatchObject(REFUSED);
  });
  expect(await thief.state()).toBe('second_factor');
});

it('an answer of a registration signs nobody in', async () => {
  const made = await onAnotherPage((page) => create(gil.visitor, page));
  expect(await show('signIn', made)).toMatchObject(REFUSED);
});
