import type { Browser } from 'playwright-core';
import { hashToken } from '../src/identity/tokens.js';
import { type Answer, Caller, callerOf } from './support/api.js';
import { addAuthenticator, type Authenticator, createPasskey, usePasskey } from './support/authenticator.js';
import { launchBrowser, type Visit, visit } from './support/browser.js';
import { withClient } from './support/database.js';
import { makeClinic, PASSWORD, type Person, signIn, type TestClinic } from './support/make.js';
import { startServer, type TestServer } from './support/server.js';

import.meta.jest.setTimeout(60_000);

let server: TestServer;
let browser: Browser;
let clinic: TestClinic;
let tab: Visit;
let device: Authenticator;
let anyone: Caller;
beforeAll(async () => {
  [server, browser] = await Promise.all([startServer(), launchBrowser()]);
  anyone = new Caller(server.url);
});
beforeEach(async () => {
  clinic = await makeClinic(server);
  tab = await visit(browser, `${server.url}/api/docs`);
  device = await addAuthenticator(tab.page);
});
afterEach(() => tab.close());
afterAll(async () => {
  await browser.close();
  await server.stop();
});

const outcome = ({ status, body }: Answer) => [status, body.code as string];
const sql = (text: string, values: unknown[] = []) => withClient(server.database.superuser, (client) => client.query(text, values));

/** Makes a passkey in the browser, and adds it to somebody's account. */
async function add(by: Caller, label = 'Front desk tablet'): Promise<Answer> {
  const options = await by.post('/api/me/passkeys/options');
  expect(options.status).toBe(200);
  return by.post('/api/me/passkeys', { label, response: await createPasskey(tab.page, options.body.publicKey) });
}

/** What the browser answers to options of ours. */
async function answerTo(by: Caller, path: string): Promise<object> {
  const { body } = await by.post(path);
  return usePasskey(tab.page, body.publicKey);
}

const enter = (response: unknown) => anyone.post('/api/auth/passkey', { response });
const prove = (by: Caller, response: unknown) => by.post('/api/auth/verify/passkey', { response });
const startEntry = '/api/auth/passkey/options';
const startProof = '/api/auth/verify/passkey/options';

describe('a passkey', () => {
  it('is added, listed with its name, and is the whole sign-in', async () => {
    const other = await signIn(server, clinic.administrator.id);
    const added = await add(clinic.administrator.api);
    expect(added).toMatchObject({ status: 201, body: { label: 'Front desk tablet', lastUsedAt: null, backedUp: expect.any(Boolean) } });
    // Adding one ends other sessions and renews this one.
    expect((await other.api.get('/api/me')).status).toBe(401);
    const own = callerOf(server.url, added);
    expect((await own.get('/api/me/passkeys')).body.items).toMatchObject([{ id: added.body.id, label: 'Front desk tablet' }]);

    const entered = await enter(await answerTo(anyone, startEntry));
    expect(entered.body).toMatchObject({ state: 'full', fresh: true, methods: ['passkey'], me: { id: clinic.administrator.id } });
    expect((await callerOf(server.url, entered).get('/api/staff')).status).toBe(200);
    expect((await own.get('/api/me/passkeys')).body.items).toMatchObject([{ lastUsedAt: expect.any(String) }]);
  });

  it('is the second factor after a password, ends a lock, and is a fresh authentication', async () => {
    await add(clinic.administrator.api);
    const { email } = (await sql('SELECT email FROM app.staff WHERE id = $1', [clinic.administrator.id])).rows[0] as { email: string };
    const signedIn = await anyone.post('/api/auth/sign-in', { email, password: PASSWORD });
    expect(signedIn.body).toMatchObject({ state: 'second_factor', factors: ['passkey'] });
    const partial = callerOf(server.url, signedIn);
    const full = await prove(partial, await answerTo(partial, startProof));
    expect(full.body).toMatchObject({ state: 'full', methods: ['password', 'passkey'] });

    const person = callerOf(server.url, full);
    await sql(
      `UPDATE auth.session SET last_seen_at = now() - interval '2 hours', authenticated_at = now() - interval '2 hours' WHERE token = $1`,
      [hashToken(person.token ?? '')],
    );
    expect(outcome(await person.get('/api/me'))).toEqual([401, 'session-locked']);
    const unlocked = await prove(person, await answerTo(person, startProof));
    expect(unlocked.body).toMatchObject({ state: 'full', fresh: true });
    expect((await callerOf(server.url, unlocked).patch('/api/clinic/policy', {})).status).toBe(200);
  });

  it('is the first second factor of somebody who owes one', async () => {
    const partial = await signIn(server, clinic.administrator.id, 'password');
    const added = await add(partial.api);
    expect((await callerOf(server.url, added).get('/api/auth/session')).body).toMatchObject({
      state: 'full',
      methods: ['password', 'passkey'],
    });
  });

  it('asks who uses it: without finger or PIN it is neither added nor used', async () => {
    await add(clinic.administrator.api);
    const { body } = await anyone.post(startEntry);
    await device.verifyUser(false);
    await expect(usePasskey(tab.page, body.publicKey)).rejects.toThrow('NotAllowedError');
    // Nor if a browser leaves the question out.
    const unverified = await usePasskey(tab.page, { ...body.publicKey, userVerification: 'discouraged' });
    expect(outcome(await enter(unverified))).toEqual([401, 'passkey.refused']);
  });

  it('answers a challenge once, and for its purpose only', async () => {
    const own = callerOf(server.url, await add(clinic.administrator.api));
    const entry = await answerTo(anyone, startEntry);
    // Made to come in, it is no proof within a session; and the other way round.
    expect(outcome(await prove(own, entry))).toEqual([401, 'passkey.refused']);
    expect(outcome(await enter(entry))).toEqual([401, 'passkey.refused']);
    const proof = await answerTo(own, startProof);
    expect(outcome(await enter(proof))).toEqual([401, 'passkey.refused']);

    const again = await answerTo(anyone, startEntry);
    expect((await enter(again)).status).toBe(200);
    expect(outcome(await enter(again))).toEqual([401, 'passkey.refused']);
    const twice = await answerTo(anyone, startEntry);
    const answers = await Promise.all([enter(twice), enter(twice)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401]);
  });

  it('answers no challenge that expired or that we never made', async () => {
    await add(clinic.administrator.api);
    const late = await answerTo(anyone, startEntry);
    await sql('UPDATE auth.verification SET "expiresAt" = now()');
    expect(outcome(await enter(late))).toEqual([401, 'passkey.refused']);
    const { body } = await anyone.post(startEntry);
    const invented = await usePasskey(tab.page, { ...body.publicKey, challenge: 'aW52ZW50ZWQtYnktc29tZWJvZHktZWxzZQ' });
    expect(outcome(await enter(invented))).toEqual([401, 'passkey.refused']);
  });

  it('proves nothing about anybody else', async () => {
    await add(clinic.administrator.api);
    const entry = await answerTo(clinic.practitioner.api, startProof).catch(() => undefined);
    expect(entry === undefined || outcome(await prove(clinic.practitioner.api, entry))[0] === 401).toBe(true);
    const theirs = await answerTo(anyone, startEntry);
    expect(outcome(await prove(clinic.practitioner.api, theirs))).toEqual([401, 'passkey.refused']);
    // A stranger can't add somebody else's either: the registration's challenge is its owner's.
    const options = await clinic.practitioner.api.post('/api/me/passkeys/options');
    const response = await createPasskey(tab.page, options.body.publicKey);
    expect(outcome(await clinic.colleague.api.post('/api/me/passkeys', { label: 'x', response }))).toEqual([401, 'passkey.refused']);
  });

  it('is worthless once it is removed, by its owner only', async () => {
    const added = await add(clinic.administrator.api);
    const own = callerOf(server.url, added);
    expect((await clinic.practitioner.api.delete(`/api/me/passkeys/${added.body.id}`)).status).toBe(404);
    const removed = await own.delete(`/api/me/passkeys/${added.body.id}`);
    expect(removed.status).toBe(204);
    expect(outcome(await enter(await answerTo(anyone, startEntry)))).toEqual([401, 'passkey.refused']);
  });

  it('is renamed by its owner only', async () => {
    const { id } = (await add(clinic.administrator.api)).body as { id: string };
    const administrator = await signIn(server, clinic.administrator.id);
    const rename = (by: Caller, label: unknown) => by.call('PATCH', `/api/me/passkeys/${encodeURIComponent(id)}`, { label });
    expect(await rename(administrator.api, ' Tablet two ')).toMatchObject({ status: 200, body: { id, label: 'Tablet two' } });
    expect(outcome(await rename(clinic.receptionist.api, 'Mine'))).toEqual([404, 'not-found']);
    for (const label of ['', ' ', 'x'.repeat(101), 7, null])
      expect(outcome(await rename(administrator.api, label))).toEqual([400, 'malformed']);
    expect((await administrator.api.get('/api/me/passkeys')).body.items).toMatchObject([{ label: 'Tablet two' }]);
  });

  it('of a device that has one already isn’t added again', async () => {
    const own = callerOf(server.url, await add(clinic.administrator.api));
    const { body } = await own.post('/api/me/passkeys/options');
    await expect(createPasskey(tab.page, body.publicKey)).rejects.toThrow('InvalidStateError');
  });

  it('of another origin isn’t taken', async () => {
    await add(clinic.administrator.api);
    const response = (await answerTo(anyone, startEntry)) as { response: { clientDataJSON: string } };
    const clientData = JSON.parse(Buffer.from(response.response.clientDataJSON, 'base64url').toString()) as object;
    const clientDataJSON = Buffer.from(JSON.stringify({ ...clientData, origin: 'https://elsewhere.example' })).toString('base64url');
    expect(outcome(await enter({ ...response, response: { ...response.response, clientDataJSON } }))).toEqual([401, 'passkey.refused']);
  });

  it.each([
    {},
    { id: 'x' },
    { id: 7, response: 'x' },
    { id: 'a'.repeat(5000), rawId: 'a', type: 'public-key', response: {} },
    { response: { clientDataJSON: '%' } },
  ])('has no answer like %j', async (response) => {
    expect([400, 401]).toContain((await enter(response)).status);
    expect([400, 401]).toContain((await prove(clinic.administrator.api, response)).status);
    expect([400, 401]).toContain((await clinic.administrator.api.post('/api/me/passkeys', { label: 'x', response })).status);
  });

  it('copied from its device is noticed by its counter', async () => {
    await add(clinic.administrator.api);
    await enter(await answerTo(anyone, startEntry));
    await sql('UPDATE auth.passkey SET counter = 1000');
    expect(outcome(await enter(await answerTo(anyone, startEntry)))).toEqual([401, 'passkey.refused']);
  });
});

describe('adding a passkey', () => {
  it('takes a fresh authentication', async () => {
    const stale: Person = await signIn(server, clinic.administrator.id);
    await sql(`UPDATE auth.session SET authenticated_at = now() - interval '1 hour' WHERE token = $1`, [hashToken(stale.token)]);
    expect(outcome(await stale.api.post('/api/me/passkeys/options'))).toEqual([403, 'reauthentication-required']);
  });

  it.each(['', ' ', 'x'.repeat(101), 7])('doesn’t take the name %j', async (label) => {
    const { status } = await clinic.administrator.api.post('/api/me/passkeys', { label, response: {} });
    expect(status).toBe(400);
  });
});
