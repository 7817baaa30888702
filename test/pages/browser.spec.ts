import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
  type WebAuthnCredential,
} from '@simplewebauthn/server';
import type { Browser } from 'playwright-core';
import { addAuthenticator, type Authenticator, createPasskey, usePasskey } from '../support/authenticator.js';
import { launchBrowser, type Visit, visit } from '../support/browser.js';
import { startServer, type TestServer } from '../support/server.js';

let server: TestServer;
let browser: Browser;
let docs: Visit;
beforeAll(async () => {
  browser = await launchBrowser();
  server = await startServer();
});
afterAll(async () => {
  await browser.close();
  await server.stop();
});

describe('the API’s page', () => {
  beforeEach(async () => {
    docs = await visit(browser, `${server.url}/api/docs`);
  });
  afterEach(() => docs.close());

  it('works under its policy and asks no other origin', async () => {
    const operation = docs.page.locator('#operations-sign-in-signOut');
    await operation.getByRole('button').first().click();
    await operation.getByRole('button', { name: 'Try it out' }).click();
    await operation.getByRole('button', { name: 'Execute' }).click();
    expect(await operation.locator('.live-responses-table .response-col_status').last().innerText()).toMatch(/^204/);
    expect(docs.problems).toEqual([]);
  });

  it.each([
    ['a script in it', 'console', 'document.body.append(Object.assign(document.createElement("script"), { text: "0" }))', /script-src/],
    ['a script made of text', 'console', 'document.body.setAttribute("onclick", "0"); document.body.click()', /script-src/],
    ['an image from elsewhere', 'console', 'new Image().src = "http://127.0.0.1:1/"', /img-src/],
    ['a call elsewhere', 'console', 'fetch("http://127.0.0.1:1/").catch(() => 0)', /connect-src/],
    ['what isn’t there', 'console', 'fetch("/nowhere.js")', /404/],
    ['an error', 'weberror', 'setTimeout(() => { throw new Error("mine") })', /^error: mine$/],
    ['a way out', 'request', 'location.assign("http://127.0.0.1:1/")', /^request: http:\/\/127\.0\.0\.1:1\/$/],
  ] as const)('is caught at %s', async (_, event, script, problem) => {
    // The typed overloads of waitForEvent take one event each.
    const caught = docs.page.context().waitForEvent(event as 'console');
    await docs.page.evaluate(script);
    await caught;
    expect(docs.problems).toContainEqual(expect.stringMatching(problem));
  });
});

describe('a passkey', () => {
  let opened: Visit;
  let authenticator: Authenticator;
  beforeEach(async () => {
    opened = await visit(browser, `${server.url}/health/live`);
    authenticator = await addAuthenticator(opened.page);
  });
  afterEach(() => opened.close());

  it('signs in whom it registered', async () => {
    const credential = await register(opened);
    const { verified, authenticationInfo } = await signIn(opened, credential);
    expect(verified).toBe(true);
    expect(authenticationInfo).toMatchObject({ credentialID: credential.id, userVerified: true, origin: server.url, rpID: 'localhost' });
    expect(authenticationInfo.newCounter).toBeGreaterThan(credential.counter);
  });

  it('signs in on the device that it was copied to', async () => {
    const credential = await register(opened);
    const elsewhere = await visit(browser, `${server.url}/health/live`);
    const copy = await addAuthenticator(elsewhere.page, { transport: 'usb' });
    await expect(signIn(elsewhere, credential)).rejects.toThrow('NotAllowedError');
    const [passkey] = await authenticator.passkeys();
    expect(passkey).toMatchObject({ rpId: 'localhost', userName: 'ada@clinic.example', privateKey: expect.any(String) });
    if (passkey) await copy.put(passkey);
    expect(await signIn(elsewhere, credential)).toMatchObject({ verified: true });
    await elsewhere.close();
  });

  it('is neither made nor used without the user’s finger or PIN', async () => {
    const credential = await register(opened);
    await authenticator.verifyUser(false);
    await expect(register(opened)).rejects.toThrow('NotAllowedError');
    await expect(signIn(opened, credential)).rejects.toThrow('NotAllowedError');
    expect(await authenticator.passkeys()).toHaveLength(1);
    await authenticator.verifyUser(true);
    expect(await signIn(opened, credential)).toMatchObject({ verified: true });
  });

  it('made or used without them is refused by the server', async () => {
    const credential = await register(opened);
    const [passkey] = await authenticator.passkeys();
    await authenticator.remove();
    authenticator = await addAuthenticator(opened.page, { hasUserVerification: false });
    await expect(register(opened, 'discouraged')).rejects.toThrow('user could not be verified');
    if (passkey) await authenticator.put(passkey);
    await expect(signIn(opened, credential, 'discouraged')).rejects.toThrow('user could not be verified');
  });

  it('is gone with its device', async () => {
    const credential = await register(opened);
    await authenticator.remove();
    authenticator = await addAuthenticator(opened.page);
    await expect(signIn(opened, credential)).rejects.toThrow('NotAllowedError');
  });
});

type Asked = 'required' | 'discouraged';

/** The page asks for a finger or PIN, or not; the server requires it. */
async function register({ page }: Visit, userVerification: Asked = 'required'): Promise<WebAuthnCredential> {
  const options = await generateRegistrationOptions({
    rpName: 'Assent',
    rpID: 'localhost',
    userName: 'ada@clinic.example',
    authenticatorSelection: { residentKey: 'required', userVerification },
  });
  const { registrationInfo } = await verifyRegistrationResponse({
    response: await createPasskey(page, options),
    expectedChallenge: options.challenge,
    expectedOrigin: server.url,
    expectedRPID: 'localhost',
    requireUserVerification: true,
  });
  if (!registrationInfo) throw new Error('The registration isn’t genuine.');
  return registrationInfo.credential;
}

async function signIn({ page }: Visit, credential: WebAuthnCredential, userVerification: Asked = 'required') {
  // A passkey that isn't asked for by its name doesn't answer without a finger or PIN.
  const allowCredentials = userVerification === 'required' ? [] : [{ id: credential.id }];
  const options = await generateAuthenticationOptions({ rpID: 'localhost', userVerification, allowCredentials });
  return verifyAuthenticationResponse({
    response: await usePasskey(page, options),
    expectedChallenge: options.challenge,
    expectedOrigin: server.url,
    expectedRPID: 'localhost',
    credential,
    requireUserVerification: true,
  });
}
