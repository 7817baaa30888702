import { randomBytes } from 'node:crypto';
import type { Browser, Page } from 'playwright-core';
import { addAuthenticator, type Authenticator } from '../support/authenticator.js';
import { launchBrowser, type Visit, visit as openPage } from '../support/browser.js';
import { makeClinic, type TestClinic } from '../support/make.js';
import { create, optionsOf, register, WAYS, withAuthenticatorData, withClientData, withId } from '../support/passkeys.js';
import { startServer, type TestServer } from '../support/server.js';
import { asSuperuser } from '../support/sql.js';
import { makeMember, makeStale, type Member, recorded, refused, visit } from '../support/visitor.js';

const REFUSED = refused(401, 'passkey.refused');

let server: TestServer;
let browser: Browser;
let clinic: TestClinic;
let gil: Member;
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
});
afterEach(() => opened.close());
afterAll(async () => {
  await browser.close();
  await server.stop();
});

const add = (response: unknown, label: unknown = 'Tablet', by = gil.visitor) => by.post(WAYS.register, { label, response });
const listed = async (by = gil.visitor) => (await by.get('/api/me/passkeys')).body.items;

describe('a new passkey', () => {
  it('is shown in the list, with its label, and ends other sessions', async () => {
    const other = await visit(server, gil);
    const passkey = await register(gil.visitor, page, 'Front desk tablet');
    expect(passkey).toEqual({
      id: expect.stringMatching(/^[\w-]{16,}$/),
      label: 'Front desk tablet',
      backedUp: false,
      createdAt: expect.stringMatching(/Z$/),
      lastUsedAt: null,
    });
    expect(await listed()).toEqual([passkey]);
    expect(await other.state()).toBe('not-signed-in');
    expect((await gil.visitor.get('/api/auth/session')).body).toMatchObject({
      state: 'full',
      methods: ['password', 'passkey'],
      factors: ['passkey'],
    });
    expect(await recorded(server, gil)).toEqual(['passkey.add success']);
  });

  it('is renamed by its owner only', async () => {
    const { id } = await register(gil.visitor, page, 'Tablet');
    const path = `/api/me/passkeys/${encodeURIComponent(id)}`;
    expect(await gil.visitor.call('PATCH', path, { label: ' Tablet two ' })).toMatchObject({
      status: 200,
      body: { id, label: 'Tablet two' },
    });
    expect(await (await makeMember(server, clinic)).visitor.call('PATCH', path, { label: 'Mine' })).toMatchObject(
      refused(404, 'not-found'),
    );
    for (const label of ['', ' ', 'x'.repeat(101), 7, null]) {
      expect(await gil.visitor.call('PATCH', path, { label })).toMatchObject(refused(400, 'malformed'));
    }
    expect(await listed()).toMatchObject([{ label: 'Tablet two' }]);
  });

  it('stays in the authenticator, under the person’s name', async () => {
    await register(gil.visitor, page);
    expect(await authenticator.passkeys()).toMatchObject([{ rpId: 'localhost', userName: gil.email, isResidentCredential: true }]);
  });

  it('is one that its owner alone sees and removes', async () => {
    const { id } = await register(gil.visitor, page);
    const { visitor } = await makeMember(server, clinic);
    expect(await listed(visitor)).toEqual([]);
    expect(await visitor.delete(`/api/me/passkeys/${id}`)).toMatchObject(refused(404, 'not-found'));
    expect(await listed()).toHaveLength(1);
  });

  it('isn’t made twice by one authenticator', async () => {
    const { id } = await register(gil.visitor, page);
    expect(await optionsOf(gil.visitor, 'register')).toMatchObject({ excludeCredentials: [{ id }] });
    await expect(create(gil.visitor, page)).rejects.toThrow('InvalidStateError');
    // A page that says nothing of the old one gets a new one in its place.
    await register(gil.visitor, page, 'Again', { excludeCredentials: [] });
    expect(await authenticator.passkeys()).toHaveLength(1);
    expect((await listed()).map(({ label }: { label: string }) => label)).toEqual(['Again', 'Tablet']);
  });

  it('isn’t added twice, by nobody', async () => {
    const { id } = await register(gil.visitor, page);
    const other = await makeMember(server, clinic);
    await authenticator.remove();
    authenticator = await addAuthenticator(page);
    for (const by of [gil.visitor, other.visitor]) {
      const copy = withId(await create(by, page), Buffer.from(id, 'base64url'));
      expect(await add(copy, 'Copy', by)).toMatchObject(refused(409, 'passkey.already-added'));
    }
    expect([await listed(), await listed(other.visitor)]).toEqual([[expect.objectContaining({ id })], []]);
  });

  it('is the second factor that an administrator must set up', async () => {
    const ada = await makeMember(server, clinic, { role: 'administrator' });
    expect(await ada.visitor.state()).toBe('second_factor');
    await register(ada.visitor, page);
    expect(await ada.visitor.state()).toBe('full');
  });

  it('isn’t set up by whoever knows no more than the password', async () => {
    await register(gil.visitor, page);
    const thief = await visit(server, gil);
    const needed = refused(403, 'second-factor-required');
    expect(await thief.post(`${WAYS.register}/options`)).toMatchObject(needed);
    expect(await add({}, 'Mine', thief)).toMatchObject(needed);
    expect(await thief.delete(`/api/me/passkeys/${(await listed())[0].id}`)).toMatchObject(needed);
  });

  it('needs an authentication of a short while ago', async () => {
    const response = await create(gil.visitor, page);
    await makeStale(server, gil);
    const stale = refused(403, 'reauthentication-required');
    expect(await gil.visitor.post(`${WAYS.register}/options`)).toMatchObject(stale);
    expect(await add(response)).toMatchObject(stale);
    expect(await gil.visitor.delete('/api/me/passkeys/x')).toMatchObject(stale);
    expect(await listed()).toEqual([]);
  });
});

describe('a removed passkey', () => {
  it('is gone, with the person’s other sessions', async () => {
    const { id } = await register(gil.visitor, page);
    const other = await visit(server, gil, 'passkey');
    expect((await gil.visitor.delete(`/api/me/passkeys/${id}`)).status).toBe(204);
    expect(await listed()).toEqual([]);
    expect(await other.state()).toBe('not-signed-in');
    expect(await gil.visitor.delete(`/api/me/passkeys/${id}`)).toMatchObject(refused(404, 'not-found'));
    expect(await recorded(server, gil)).toEqual(['passkey.add success', 'passkey.remove success']);
  });

  it.each(['x', '%00', "'", '..%2F..', 'x'.repeat(150)])('isn’t %s', async (id) => {
    const { status } = await gil.visitor.delete(`/api/me/passkeys/${id}`);
    expect([400, 404]).toContain(status);
  });
});

describe('a label', () => {
  it.each(['x', 'Étagère à l’entrée 📱', 'x'.repeat(100)])('is %s', async (label) => {
    expect(await register(gil.visitor, page, label)).toMatchObject({ label });
  });

  it.each([undefined, null, 7, '', ' ', 'x'.repeat(101), 'two\nlines', 'NUL\0', ['x']])('isn’t %j', async (label) => {
    const response = await create(gil.visitor, page);
    const answer = await gil.visitor.post(WAYS.register, { label, response });
    expect(answer).toMatchObject({ status: 400, body: { code: 'malformed', errors: [{ field: 'label' }] } });
    expect((await add(response)).status).toBe(201);
  });
});

describe('a registration is refused', () => {
  it('a second time', async () => {
    const response = await create(gil.visitor, page);
    expect((await add(response)).status).toBe(201);
    expect(await add(response)).toMatchObject(REFUSED);
  });

  it('all but one of several times at once', async () => {
    const response = await create(gil.visitor, page);
    const visitors = await Promise.all([1, 2, 3].map(() => visit(server, gil)));
    const answers = await Promise.all([gil.visitor, ...visitors].map((by) => add(response, 'Tablet', by)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => ![201, 401].includes(status))).toEqual([]);
    expect(await asSuperuser(server, 'SELECT label FROM auth.passkey WHERE user_id = $1', [gil.userId])).toHaveLength(1);
  });

  it('after five minutes', async () => {
    const response = await create(gil.visitor, page);
    await asSuperuser(server, `UPDATE auth.verification SET "expiresAt" = "expiresAt" - interval '5 minutes'`);
    expect(await add(response)).toMatchObject(REFUSED);
  });

  it('for another person', async () => {
    const other = await makeMember(server, clinic);
    const response = await create(gil.visitor, page);
    expect(await add(response, 'Tablet', other.visitor)).toMatchObject(REFUSED);
    expect(await listed(other.visitor)).toEqual([]);
  });

  it('by a challenge of another purpose, or of nobody', async () => {
    for (const challenge of [
      (await optionsOf(gil.visitor, 'signIn')).challenge,
      (await optionsOf(gil.visitor, 'verify')).challenge,
      randomBytes(32).toString('base64url'),
    ]) {
      expect(await add(await create(gil.visitor, page, { challenge }))).toMatchObject(REFUSED);
    }
  });

  it.each([
    ['another origin', { origin: 'https://evil.example' }],
    ['another port', { origin: 'http://localhost:1' }],
    ['no origin', { origin: undefined }],
    ['a sign-in', { type: 'webauthn.get' }],
    ['no type', { type: undefined }],
    ['a challenge that is a number', { challenge: 7 }],
    ['a challenge that is an object', { challenge: { toString: 'x' } }],
    ['a challenge of 5,000 characters', { challenge: 'x'.repeat(5_000) }],
    ['a challenge with NUL', { challenge: 'a\0b' }],
  ])('from %s', async (_, clientData) => {
    expect(await add(withClientData(await create(gil.visitor, page), clientData))).toMatchObject(REFUSED);
    expect(await listed()).toEqual([]);
  });

  it('by a browser without a finger or PIN, and by the server without', async () => {
    await authenticator.verifyUser(false);
    await expect(create(gil.visitor, page)).rejects.toThrow('NotAllowedError');
    await authenticator.remove();
    authenticator = await addAuthenticator(page, { hasUserVerification: false });
    const authenticatorSelection = { residentKey: 'required', userVerification: 'discouraged' } as const;
    expect(await add(await create(gil.visitor, page, { authenticatorSelection }))).toMatchObject(REFUSED);
  });

  it.each([
    ['another host', (data: Buffer) => Buffer.concat([Buffer.alloc(32), data.subarray(32)])],
    ['nobody there', (data: Buffer) => Buffer.concat([data.subarray(0, 32), Buffer.from([0x44]), data.subarray(33)])],
    ['nothing', () => Buffer.alloc(0)],
    ['half of it', (data: Buffer) => data.subarray(0, 60)],
    ['too much', (data: Buffer) => Buffer.concat([data, Buffer.alloc(100)])],
    ['a key that is noise', (data: Buffer) => Buffer.concat([data.subarray(0, 100), randomBytes(77)])],
  ])('with an authenticator that says: %s', async (_, change) => {
    expect(await add(withAuthenticatorData(await create(gil.visitor, page), change))).toMatchObject(REFUSED);
  });

  it('with an id longer than WebAuthn allows', async () => {
    expect(await add(withId(await create(gil.visitor, page), randomBytes(1_024)))).toMatchObject(REFUSED);
    expect(await add(withId(await create(gil.visitor, page), randomBytes(6_000)))).toMatchObject(REFUSED);
    expect((await add(withId(await create(gil.visitor, page), randomBytes(1_023)))).status).toBe(201);
  });

  it('never by a fault of ours, whatever its parts are', async () => {
    const made = await create(gil.visitor, page);
    for (const part of ['id', 'rawId', 'type', 'response', 'response.clientDataJSON', 'response.attestationObject']) {
      for (const value of [undefined, null, 7, '', 'x', 'ü', {}, [], ['x'], true, 'x'.repeat(9_000), { x: 'x' }]) {
        const [outer = '', inner] = part.split('.');
        const response = inner ? { ...made, response: { ...made.response, [inner]: value } } : { ...made, [outer]: value };
        expect(await add(response)).toMatchObject(REFUSED);
      }
    }
    for (const response of [undefined, null, 7, 'x', []]) expect(await add(response)).toMatchObject(refused(400, 'malformed'));
    expect(await listed()).toEqual([]);
  });

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['a text', 'usb'],
    ['a number', 7],
    ['an object', {}],
    ['a list of other things', [7, null, ['usb'], {}, '', 'x"y,{}\\', 'x'.repeat(5_000)]],
    ['a hundred', Array.from({ length: 100 }, () => 'usb')],
    ['usb and internal', ['usb', 'internal']],
  ])('never by its transports: of %s it keeps what can be', async (_, transports) => {
    const made = await create(gil.visitor, page);
    expect(await add({ ...made, response: { ...made.response, transports } })).toMatchObject({ status: 201 });
    const [row] = await asSuperuser(server, 'SELECT array_to_json(transports)::text AS kept FROM auth.passkey WHERE user_id = $1', [
      gil.userId,
    ]);
    expect(row?.['kept']).toMatch(/^\[("usb",?){0,10}("internal")?\]$/);
    expect((await gil.visitor.post(`${WAYS.verify}/options`)).status).toBe(200);
  });
});
