import type { Page } from 'playwright-core';
import { makeClinic, PASSWORD, type Person, type TestClinic } from '../support/make.js';
import { expectToSee, faultsOf, usePages } from '../support/pages.js';
import { makeMember, Visitor } from '../support/visitor.js';

const pages = usePages();
let clinic: TestClinic;
let page: Page;
beforeEach(async () => {
  clinic = await makeClinic(pages.server);
});

async function open(as: Person = clinic.administrator): Promise<void> {
  page = await pages.open('/administration/settings', { as });
}

const part = (name: string) => page.getByRole('region', { name });
const press = (name: string) => page.getByRole('button', { name, exact: true }).click();
const dialog = (name: string) => page.getByRole('dialog', { name });
const policy = async () => (await clinic.administrator.api.get('/api/clinic/policy')).body;

describe('the settings', () => {
  it('have no fault that a machine finds', async () => {
    await open();
    await part('Clinic policy').getByLabel('Name of the clinic').waitFor();
    await part('Sign-ins').getByRole('checkbox').waitFor();
    await expectToSee(part('API keys').getByText(/^Each program that reads/));
    await expectToSee(part('Single sign-on').getByRole('button', { name: 'Set up single sign-on' }));
    expect(await faultsOf(page, 'settings')).toEqual([]);
  });

  it('aren’t offered to a practitioner', async () => {
    await open(clinic.practitioner);
    await expectToSee(page.getByRole('heading', { name: 'For administrators only' }));
    expect(await page.getByRole('link', { name: 'Settings' }).count()).toBe(0);
  });
});

describe('the policy', () => {
  it('is changed in what was changed', async () => {
    await open();
    const save = part('Clinic policy').getByRole('button', { name: 'Save' });
    await save.waitFor();
    expect(await save.isDisabled()).toBe(true);
    await page.getByLabel('Screenings are valid for (days)').fill('60');
    await page.getByLabel('Name of the clinic').fill('Clinic by the Harbour');
    await page.getByLabel('Practitioner', { exact: true }).check();
    await save.click();
    await expectToSee(page.getByText('The policy has been saved.'));
    expect(await policy()).toMatchObject({
      name: 'Clinic by the Harbour',
      screeningValidDays: 60,
      consentValidDays: 365,
      mfaRoles: expect.arrayContaining(['administrator', 'practitioner']),
    });
    expect(await save.isDisabled()).toBe(true);
  });

  it('is refused at the field that is out of its bounds, and keeps what was typed', async () => {
    await open();
    await page.getByLabel('Consents are valid for (days)').fill('5000');
    await page.getByLabel('Lock pages after (minutes)').fill('10');
    await part('Clinic policy').getByRole('button', { name: 'Save' }).click();
    await expectToSee(page.getByText('This must not be greater than 1096.'));
    expect((await part('Clinic policy').getByRole('alert').innerText()).split(/\n+/)).toEqual(['Check the highlighted fields.']);
    expect(await page.getByLabel('Lock pages after (minutes)').inputValue()).toBe('10');
    expect((await policy()).idleMinutes).not.toBe(10);
    expect(await faultsOf(page, 'settings-refused')).toEqual([]);
  });
});

describe('API keys', () => {
  it('are made and shown once, work, and are revoked', async () => {
    await open();
    await press('Create a key');
    await page.getByLabel('Purpose').fill('Billing export');
    expect(await faultsOf(page, 'settings-key')).toEqual([]);
    await dialog('Create a key').getByRole('button', { name: 'Create a key' }).click();
    const key = await page.getByLabel('API key', { exact: true }).inputValue();
    expect(await faultsOf(page, 'settings-key-made')).toEqual([]);
    const asProgram = async () => (await fetch(`${pages.server.url}/api/me`, { headers: { authorization: `Bearer ${key}` } })).status;
    expect(await asProgram()).toBe(200);
    await press('I have saved it');
    await expectToSee(part('API keys').getByText('Billing export'));
    expect(await page.content()).not.toContain(key);

    await press('Revoke Billing export');
    await dialog('Revoke “Billing export”?').getByRole('button', { name: 'Revoke' }).click();
    await expectToSee(part('API keys').getByText(/^Each program that reads/));
    expect(await asProgram()).toBe(401);
  });

  it('that last longer than a year are refused, with the reason', async () => {
    await open();
    await press('Create a key');
    await page.getByLabel('Purpose').fill('For ever');
    await dialog('Create a key').getByLabel('Last day').fill('2999-01-01');
    await dialog('Create a key').getByRole('button', { name: 'Create a key' }).click();
    await expectToSee(dialog('Create a key').getByRole('alert').getByText('A key must expire within a year from now.'));
    expect(await page.getByLabel('Purpose').inputValue()).toBe('For ever');
  });
});

describe('single sign-on', () => {
  it('with a provider that doesn’t answer is refused, and nothing is saved', async () => {
    await open();
    await press('Set up single sign-on');
    await page.getByLabel('Button text').fill('Sign in with the hospital');
    await page.getByLabel('Issuer').fill('http://127.0.0.1:9/');
    await page.getByLabel('Client ID').fill('assent');
    await page.getByLabel('Client secret', { exact: true }).fill('a secret of the provider');
    expect(await faultsOf(page, 'settings-sso')).toEqual([]);
    await dialog('Set up single sign-on').getByRole('button', { name: 'Save' }).click();
    await expectToSee(dialog('Set up single sign-on').getByRole('alert'));
    expect(await page.getByLabel('Client ID').inputValue()).toBe('assent');
    expect((await clinic.administrator.api.get('/api/clinic/sso')).status).toBe(404);
  });
});

describe('the sign-ins', () => {
  it('show who came in and who didn’t, and only the latter if asked for', async () => {
    const member = await makeMember(pages.server, clinic);
    for (const password of ['not the password at all', PASSWORD]) {
      await new Visitor(pages.server.url).post('/api/auth/sign-in', { email: member.email, password });
    }
    await open();
    await expectToSee(part('Sign-ins').getByText('Failed', { exact: true }));
    expect(await part('Sign-ins').getByText('Gil Member').count()).toBe(2);
    await page.getByLabel('Failed attempts only').check();
    await page.waitForURL(/failed=true/);
    await part('Sign-ins').getByText('Gil Member').nth(1).waitFor({ state: 'detached' });
    await expectToSee(part('Sign-ins').getByText('Gil Member'));
    expect(await part('Sign-ins').getByText('Gil Member').count()).toBe(1);
    expect(await faultsOf(page, 'settings-sign-ins')).toEqual([]);
  });
});
