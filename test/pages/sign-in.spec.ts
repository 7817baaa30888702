import type { Page } from 'playwright-core';
import { addAuthenticator, type Authenticator, type HeldPasskey } from '../support/authenticator.js';
import { makeClinic, PASSWORD, type TestClinic } from '../support/make.js';
import { expectToSee, faultsOf, usePages } from '../support/pages.js';
import { asSuperuser } from '../support/sql.js';
import { codeOf, enrol, makeMember, type Member, renewCodes } from '../support/visitor.js';

const pages = usePages();
let clinic: TestClinic;
let page: Page;
beforeAll(async () => {
  clinic = await makeClinic(pages.server);
});
beforeEach(async () => {
  await open('/account');
});

async function open(path: string): Promise<void> {
  page = await pages.open(path);
}

/** In place of the page that is open: with a device that makes and keeps passkeys. */
async function openWithAuthenticator(): Promise<Authenticator> {
  await pages.close();
  let device: Authenticator | undefined;
  page = await pages.open('/account', { prepare: async (page) => (device = await addAuthenticator(page)) });
  return device as Authenticator;
}

async function enterPassword({ email }: Member, password = PASSWORD): Promise<void> {
  await page.getByLabel('Email address', { exact: true }).fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

const heading = (name: string | RegExp) => page.getByRole('heading', { name, level: 1 });
const isIn = () => heading('My account').waitFor();
const press = (name: string) => page.getByRole('button', { name, exact: true }).click();

describe('the sign-in', () => {
  it('asks for nothing that is refused to a visitor', async () => {
    await heading('Sign in').waitFor();
    await page.waitForLoadState('networkidle');
    expect(pages.problems()).toEqual([]);
  });

  it('lets in with a password, at the address that was opened', async () => {
    await enterPassword(await makeMember(pages.server, clinic));
    await isIn();
    expect(new URL(page.url()).pathname).toBe('/account');
    expect(await page.title()).toBe('My account · Assent');
  });

  it('says what is wrong with a password, and lets in with the right one then', async () => {
    const member = await makeMember(pages.server, clinic);
    await enterPassword(member, 'not the password at all');
    const alert = page.getByRole('alert');
    await alert.waitFor();
    expect(await alert.innerText()).toMatch(/The email address or the password is wrong\.\s+Try again/);
    expect(await faultsOf(page, 'sign-in-refused')).toEqual([]);
    await enterPassword(member);
    await isIn();
  });

  it('needs no mouse', async () => {
    const { email } = await makeMember(pages.server, clinic);
    await page.locator('input[type=email]:focus').waitFor();
    await page.keyboard.type(email);
    await page.keyboard.press('Tab');
    await page.keyboard.type(PASSWORD);
    await page.keyboard.press('Enter');
    await isIn();
    await page.keyboard.press('Tab');
    await page.locator(':focus', { hasText: 'Skip to content' }).waitFor();
    await page.keyboard.press('Enter');
    await expectToSee(page.locator('main:focus'));
  });

  it('asks for the second factor: a code of the app, or a recovery code', async () => {
    const member = await makeMember(pages.server, clinic);
    const { secret, recoveryCodes } = await enrol(member);
    await renewCodes(pages.server, member);
    await enterPassword(member);
    await heading('Second factor').waitFor();
    await page.getByLabel('Code of your authenticator app').fill('000000');
    await press('Continue');
    await page.getByRole('alert').waitFor();
    expect(await faultsOf(page, 'second-factor')).toEqual([]);
    await press('Use a recovery code');
    await page.getByLabel('Recovery code').fill(recoveryCodes[0] ?? '');
    await press('Continue');
    await isIn();

    await pages.close();
    await open('/account');
    await enterPassword(member);
    await page.getByLabel('Code of your authenticator app').fill(codeOf(secret).replace(/(...)/, '$1 '));
    await press('Continue');
    await isIn();
  });

  it('has a person set up the first second factor where their role needs one, and shows the recovery codes once', async () => {
    const strict = await makeClinic(pages.server);
    const member = await makeMember(pages.server, strict);
    await asSuperuser(pages.server, `UPDATE app.clinics SET mfa_roles = '{administrator,receptionist}' WHERE id = $1`, [strict.id]);
    await enterPassword(member);
    await heading('Protect your account').waitFor();
    expect(await faultsOf(page, 'first-factor')).toEqual([]);
    await press('With an authenticator app');
    await page.getByRole('img', { name: 'Scan this picture with the app' }).waitFor();
    expect(await faultsOf(page, 'first-totp')).toEqual([]);
    const secret = (await page.locator('pre', { hasText: /\w{4} \w{4}/ }).innerText()).replaceAll(/\s/g, '');
    await page.getByLabel('Code that the app shows').fill(codeOf(secret));
    await press('Confirm the code');
    await heading('Recovery codes').waitFor();
    expect(await page.getByRole('listitem').count()).toBeGreaterThan(5);
    expect(await faultsOf(page, 'recovery-codes')).toEqual([]);
    await press('I have saved them');
    await isIn();
  });

  it('has a person choose where they work', async () => {
    const other = await makeClinic(pages.server);
    const member = await makeMember(pages.server, clinic);
    await makeMember(pages.server, other, { email: member.email });
    await enterPassword(member);
    await heading('Where are you working now?').waitFor();
    expect(await faultsOf(page, 'choose-clinic')).toEqual([]);
    const { name } = (await other.administrator.api.get('/api/me')).body.clinic as { name: string };
    await page.getByRole('button', { name }).click();
    await isIn();
    await page.getByRole('banner').getByText(name).waitFor();
  });

  it('has no fault that a machine finds', async () => {
    await heading('Sign in').waitFor();
    expect(await faultsOf(page, 'sign-in')).toEqual([]);
  });
});

describe('a passkey', () => {
  it('is added in the account, and is the whole sign-in', async () => {
    const member = await makeMember(pages.server, clinic);
    const device = await openWithAuthenticator();
    await enterPassword(member);
    await isIn();
    await press('Add a passkey');
    await page.getByLabel('Name of the passkey').fill('Front desk tablet');
    await press('Continue');
    await page.getByText('Front desk tablet').waitFor();

    await press('Gil Member: account and settings');
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    // The browser suggests it at the field for the address, and this device takes what is suggested.
    await heading('Hello, Gil Member').waitFor();

    const copy = await device.passkeys();
    const elsewhere = await openWithAuthenticator();
    // A browser that suggests none, before there is one that it would take by itself.
    await page.addInitScript('PublicKeyCredential.isConditionalMediationAvailable = async () => false');
    await page.reload();
    await elsewhere.put(copy[0] as HeldPasskey);
    await press('Sign in with a passkey');
    await expectToSee(heading('My account'));
  });

  it('that isn’t there is said so', async () => {
    await openWithAuthenticator();
    await press('Sign in with a passkey');
    await expectToSee(page.getByText('No passkey was used.'));
  });
});
