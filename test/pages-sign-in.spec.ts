import type { Browser } from 'playwright-core';
import { launchBrowser, type Visit } from './support/browser.js';
import { makeClinic, PASSWORD, type TestClinic } from './support/make.js';
import { defects, faultsOf, openPage } from './support/pages.js';
import { startServer, type TestServer } from './support/server.js';
import { makeMember, type Member } from './support/visitor.js';

let server: TestServer;
let browser: Browser;
let clinic: TestClinic;
let member: Member;
let visit: Visit;
beforeAll(async () => {
  browser = await launchBrowser();
  server = await startServer();
  clinic = await makeClinic(server);
  member = await makeMember(server, clinic);
});
afterEach(() => visit.close());
afterAll(async () => {
  await browser.close();
  await server.stop();
});

describe('the sign-in', () => {
  it('lets in with a password, and goes on at the address that was opened', async () => {
    visit = await openPage(browser, server, '/account');
    const { page } = visit;
    await page.getByLabel('Email address').fill(member.email);
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByRole('heading', { name: 'My account', level: 1 }).waitFor();
    expect(new URL(page.url()).pathname).toBe('/account');
    expect(defects(visit)).toEqual([]);
  });

  it('has no fault that a machine finds', async () => {
    visit = await openPage(browser, server, '/');
    await visit.page.getByRole('heading', { name: 'Sign in' }).waitFor();
    expect(await faultsOf(visit.page, 'sign-in')).toEqual([]);
    expect(defects(visit)).toEqual([]);
  });
});

describe('the start page and the account', () => {
  it('have no fault that a machine finds', async () => {
    visit = await openPage(browser, server, '/', { as: clinic.practitioner });
    await visit.page.getByRole('heading', { level: 1 }).waitFor();
    expect(await faultsOf(visit.page, 'today')).toEqual([]);
    expect(defects(visit)).toEqual([]);
  });
  it('account', async () => {
    visit = await openPage(browser, server, '/account', { as: clinic.practitioner });
    await visit.page.getByText('This device').waitFor();
    expect(await faultsOf(visit.page, 'account')).toEqual([]);
    expect(defects(visit)).toEqual([]);
  });
});
