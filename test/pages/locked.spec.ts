import type { Page } from 'playwright-core';
import { makeClinic, PASSWORD, type TestClinic } from '../support/make.js';
import { before, expectToSee, faultsOf, usePages } from '../support/pages.js';
import { asSuperuser } from '../support/sql.js';
import { makeIdle, makeMember, makeStale, type Member } from '../support/visitor.js';

const NEW = 'seven quiet lighthouses';
const CHANGE = '**/api/me/password';

const pages = usePages();
let clinic: TestClinic;
let member: Member;
let page: Page;
beforeAll(async () => {
  clinic = await makeClinic(pages.server);
});
beforeEach(async () => {
  member = await makeMember(pages.server, clinic);
  page = await pages.open('/account', { as: member });
  await page.getByText('This device').waitFor();
});

const newPassword = () => page.getByRole('region', { name: 'Password' }).getByLabel('New password');
const press = (name: string) => page.getByRole('button', { name, exact: true }).click();
const cover = () => page.getByRole('dialog');

/** Types into the form of the page, and leaves it unsent. */
async function type(): Promise<void> {
  await page.getByLabel('Current password').fill(PASSWORD);
  await newPassword().fill(NEW);
}

async function unlock(password = PASSWORD): Promise<void> {
  await cover().getByLabel('Password', { exact: true }).fill(password);
  await cover().getByRole('button', { name: 'Unlock' }).click();
}

async function chooseFromMenu(name: string): Promise<void> {
  await press('Gil Member: account and settings');
  await page.getByRole('menuitem', { name }).click();
}

describe('a locked session', () => {
  it('covers the page, and gives it back with what was typed', async () => {
    await type();
    await chooseFromMenu('Lock now');
    await cover().getByRole('heading', { name: 'Locked' }).waitFor();
    expect((await member.visitor.get('/api/me')).status).toBe(401);
    expect(await newPassword().isVisible()).toBe(false);
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    expect(await cover().isVisible()).toBe(true);
    expect(await faultsOf(page, 'locked')).toEqual([]);

    await unlock('not the password at all');
    await cover().getByRole('alert').waitFor();
    await unlock();
    await cover().waitFor({ state: 'detached' });
    expect(await newPassword().inputValue()).toBe(NEW);
  });

  it('lets go on what it stopped, once it is unlocked', async () => {
    await type();
    await before(page, CHANGE, () => makeIdle(pages.server, member));
    await press('Change the password');
    await unlock();
    await page.getByText('The password has been changed.').waitFor();
    expect((await member.visitor.post('/api/auth/sign-in', { email: member.email, password: NEW })).status).toBe(200);
  });

  it('is still locked after a reload, and then goes on at the same address', async () => {
    await chooseFromMenu('Lock now');
    await cover().waitFor();
    await page.reload();
    await page.getByRole('heading', { name: 'Locked' }).waitFor();
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await press('Unlock');
    await expectToSee(page.getByText('This device'));
  });

  it('locks in every tab', async () => {
    const other = await page.context().newPage();
    await other.goto(`${pages.server.url}/account`);
    await other.getByText('This device').waitFor();
    await chooseFromMenu('Lock now');
    await other.getByRole('dialog').getByRole('heading', { name: 'Locked' }).waitFor();
    await unlock();
    await expectToSee(other.getByText('This device'));
  });
});

describe('a session that has ended', () => {
  const end = () => asSuperuser(pages.server, 'DELETE FROM auth.session WHERE "userId" = $1', [member.userId]);

  async function signIn({ email }: Pick<Member, 'email'>): Promise<void> {
    await cover().getByRole('heading', { name: 'You have been signed out' }).waitFor();
    await cover().getByLabel('Email address', { exact: true }).fill(email);
    await cover().getByLabel('Password', { exact: true }).fill(PASSWORD);
    await cover().getByRole('button', { name: 'Sign in', exact: true }).click();
    await cover().waitFor({ state: 'detached' });
  }

  it('goes on for the same person with what was typed, and does what was asked', async () => {
    await type();
    await before(page, CHANGE, end);
    await press('Change the password');
    await signIn(member);
    await expectToSee(page.getByText('The password has been changed.'));
  });

  it('shows somebody else nothing of it', async () => {
    const other = await makeMember(pages.server, clinic);
    await asSuperuser(pages.server, `UPDATE app.staff SET name = 'Olga Other' WHERE id = $1`, [other.id]);
    await type();
    await before(page, CHANGE, end);
    await press('Change the password');
    await signIn(other);
    await page.getByRole('heading', { name: 'Hello, Olga Other' }).waitFor();
    await page.goto(`${pages.server.url}/account`);
    await page.getByText('This device').waitFor();
    expect(await newPassword().inputValue()).toBe('');
    expect((await other.visitor.post('/api/auth/sign-in', { email: other.email, password: NEW })).status).toBe(401);
  });
});

describe('an act that needs a fresh authentication', () => {
  beforeEach(async () => {
    await makeStale(pages.server, member);
    await type();
    await press('Change the password');
    await page.getByRole('dialog', { name: 'Confirm that it is you' }).waitFor();
  });

  it('asks for it, and is done then', async () => {
    expect(await faultsOf(page, 'confirm')).toEqual([]);
    await page.getByRole('dialog').getByLabel('Password', { exact: true }).fill(PASSWORD);
    await press('Confirm');
    await page.getByText('The password has been changed.').waitFor();
  });

  it('isn’t done when that is given up, and what was typed stays', async () => {
    await press('Close');
    await page.getByRole('alert').getByText('Nothing was changed').waitFor();
    expect(await newPassword().inputValue()).toBe(NEW);
    expect((await member.visitor.post('/api/auth/sign-in', { email: member.email, password: PASSWORD })).status).toBe(200);
  });
});
