import type { Page } from 'playwright-core';
import { addAuthenticator, type Authenticator } from '../support/authenticator.js';
import { makeClinic, PASSWORD, type TestClinic } from '../support/make.js';
import { expectToSee, faultsOf, SIZES, usePages } from '../support/pages.js';
import { codeOf, makeMember, type Member, renewCodes, visit as visitAs } from '../support/visitor.js';

const pages = usePages();
let clinic: TestClinic;
let member: Member;
let page: Page;
beforeAll(async () => {
  clinic = await makeClinic(pages.server);
});
beforeEach(async () => {
  member = await makeMember(pages.server, clinic);
  await open('/account');
});

async function open(path: string, size?: (typeof SIZES)[number]): Promise<void> {
  page = await pages.open(path, { as: member, size });
}

/** With a device that makes and keeps passkeys. */
async function openWithAuthenticator(): Promise<Authenticator> {
  let device: Authenticator | undefined;
  page = await pages.open('/account', { as: member, prepare: async (page) => (device = await addAuthenticator(page)) });
  return device as Authenticator;
}

const press = (name: string) => page.getByRole('button', { name, exact: true }).click();
const dialog = (name: string) => page.getByRole('dialog', { name });

/** By the password alone; the pages' own session stays as it is. */
async function signInWith(password: string): Promise<number> {
  return (await (await visitAs(pages.server, member)).post('/api/auth/sign-in', { email: member.email, password })).status;
}

describe('the account', () => {
  it('has no fault that a machine finds', async () => {
    await page.getByText('This device').waitFor();
    expect(await faultsOf(page, 'account')).toEqual([]);
  });

  it('changes the password', async () => {
    await page.getByLabel('Current password').fill('not the password at all');
    await page.getByLabel('New password').fill('seven quiet lighthouses');
    await press('Change the password');
    await page.getByRole('alert').getByText('The current password is wrong.').waitFor();
    await page.getByLabel('Current password', { exact: true }).fill(PASSWORD);
    await press('Change the password');
    await page.getByText('The password has been changed.').waitFor();
    expect(await signInWith('seven quiet lighthouses')).toBe(200);
  });

  it('sets up an authenticator app, shows recovery codes once, and removes it', async () => {
    await press('Set up an authenticator app');
    const secret = (await page.locator('pre', { hasText: /\w{4} \w{4}/ }).innerText()).replaceAll(/\s/g, '');
    expect(await faultsOf(page, 'account-totp')).toEqual([]);
    await page.getByLabel('Code that the app shows').fill(codeOf(secret));
    await press('Confirm the code');
    const codes = dialog('Recovery codes');
    const first = await codes.getByRole('listitem').first().innerText();
    await page.keyboard.press('Escape');
    expect(await codes.isVisible()).toBe(true);
    await press('I have saved them');
    await page.getByText('Set up', { exact: true }).waitFor();
    expect(await page.getByText(first).count()).toBe(0);

    await press('Create new recovery codes');
    await dialog('Create new recovery codes?').getByRole('button', { name: 'Create new recovery codes' }).click();
    expect(await codes.getByRole('listitem').first().innerText()).not.toBe(first);
    await press('I have saved them');

    await renewCodes(pages.server, member);
    await press('Remove');
    expect(await faultsOf(page, 'account-remove-totp')).toEqual([]);
    await dialog('Remove the authenticator app?').getByRole('button', { name: 'Remove' }).click();
    await page.getByText('The authenticator app is removed.').waitFor();
    await page.getByText('Not set up').waitFor();
  });

  it('adds, renames and removes passkeys', async () => {
    await pages.close();
    const device = await openWithAuthenticator();
    await press('Add a passkey');
    await page.getByLabel('Name of the passkey').fill('Tablet');
    await device.verifyUser(false);
    await press('Continue');
    await page.getByRole('alert').getByText('No passkey was created.').waitFor();
    await device.verifyUser(true);
    await press('Continue');
    await page.getByText('The passkey is added.').waitFor();

    await press('Rename Tablet');
    await page.getByLabel('Name of the passkey').fill('Front desk');
    await press('Save');
    await page.getByText('Front desk', { exact: true }).waitFor();
    expect(await page.getByText('Tablet', { exact: true }).count()).toBe(0);

    await press('Remove Front desk');
    await dialog('Remove “Front desk”?').getByRole('button', { name: 'Remove' }).click();
    await page.getByText('None yet.', { exact: true }).waitFor();
  });

  it('shows where one is signed in, and ends it', async () => {
    const [one, two] = [await visitAs(pages.server, member), await visitAs(pages.server, member)];
    for (const { cookies } of [one, two]) expect(cookies.get('assent')).toBeTruthy();
    await page.reload();
    await page.getByRole('button', { name: 'Sign out everywhere else' }).waitFor();
    expect(await faultsOf(page, 'account-sessions')).toEqual([]);
    await page
      .getByRole('button', { name: /^Sign out on / })
      .first()
      .click();
    await page
      .getByRole('button', { name: /^Sign out on / })
      .nth(1)
      .waitFor({ state: 'detached' });
    expect([await one.state(), await two.state()].sort()).toEqual(['full', 'not-signed-in']);
    await press('Sign out everywhere else');
    await page.getByText('You were signed out in one other place.').waitFor();
    expect([await one.state(), await two.state()]).toEqual(['not-signed-in', 'not-signed-in']);
  });
});

describe('the shell', () => {
  it('shows the start page, without a fault that a machine finds', async () => {
    await pages.close();
    await open('/');
    await page.getByRole('link', { name: 'Today' }).waitFor();
    expect(await faultsOf(page, 'today')).toEqual([]);
  });

  it('is light or dark as the person chooses, and remembers it', async () => {
    const button = page.getByRole('button', { name: 'Gil Member: account and settings' });
    const closed = await button.boundingBox();
    await button.click();
    await page.getByRole('menu').waitFor();
    // What was loaded for the tap stands where the tap was.
    expect(await button.boundingBox()).toEqual(closed);
    expect(await faultsOf(page, 'menu')).toEqual([]);
    await page.getByRole('menuitemradio', { name: 'Dark' }).click();
    await page.locator('html[data-mantine-color-scheme=dark]').waitFor();
    await page.reload();
    await page.locator('html[data-mantine-color-scheme=dark]').waitFor();
  });

  it('signs out, and leaves nothing to go back to', async () => {
    await press('Gil Member: account and settings');
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await page.goBack();
    await expectToSee(page.getByRole('heading', { name: 'Sign in' }));
  });

  it('says that a page doesn’t exist', async () => {
    await pages.close();
    await open('/nowhere/at/all');
    await page.getByRole('heading', { name: 'This page doesn’t exist' }).waitFor();
    expect(await faultsOf(page, 'not-found')).toEqual([]);
    await page.getByRole('link', { name: 'Go to the start page' }).click();
    await page.getByRole('heading', { name: 'Hello, Gil Member' }).waitFor();
  });

  it('has targets for fingers', async () => {
    for (const size of SIZES.slice(2)) {
      await pages.close();
      await open('/account', size);
      await page.getByText('This device').waitFor();
      const small = await page.evaluate<string[]>(`
        [...document.querySelectorAll('button, nav a, header a')]
          .filter((target) => target.checkVisibility())
          .map((target) => [target.textContent || target.ariaLabel, target.getBoundingClientRect()])
          .filter(([, { height, bottom }]) => bottom > 0 && height < 44)
          .map(([name, { width, height }]) => name + ' ' + width + 'x' + height)`);
      expect(small).toEqual([]);
    }
  });

  it('says in words that the server can’t be reached, and tries again', async () => {
    await page.getByText('This device').waitFor();
    await page.context().setOffline(true);
    await press('Set up an authenticator app');
    await expectToSee(page.getByRole('alert').getByText('The server can’t be reached.'));
    await page.context().setOffline(false);
  });
});
