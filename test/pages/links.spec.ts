import type { Page } from 'playwright-core';
import { CHOSEN, expireInvitation, invite, newcomer, renew } from '../support/accounts.js';
import { makeClinic, PASSWORD, type TestClinic } from '../support/make.js';
import { expectToSee, faultsOf, usePages } from '../support/pages.js';
import { startServer, type TestServer } from '../support/server.js';
import { startSmtp } from '../support/smtp.js';
import { startSso, useProvider } from '../support/sso.js';
import { makeMember } from '../support/visitor.js';

/** Its server sends no mail, so that an invitation's link is shown to the administrator who invites. */
const pages = usePages();
let smtp: Awaited<ReturnType<typeof startSmtp>>;
/** Sends mail. */
let mailing: TestServer;
let clinic: TestClinic;
let page: Page;
beforeAll(async () => {
  smtp = await startSmtp();
  mailing = await startServer({ env: { SMTP_URL: `smtp://127.0.0.1:${smtp.port}`, MAIL_FROM: 'Assent <assent@clinic.example>' } });
  clinic = await makeClinic(pages.server);
});
afterAll(async () => {
  await mailing.stop();
  await smtp.stop();
});

async function open(path: string, at?: TestServer): Promise<void> {
  page = await pages.open(path, { at });
}

const heading = (name: string | RegExp) => page.getByRole('heading', { name, level: 1 });
const press = (name: string) => page.getByRole('button', { name, exact: true }).click();

async function setPassword(password: string): Promise<void> {
  await page.getByLabel('New password').fill(password);
  await press('Set the password');
}

describe('an invitation', () => {
  it('is accepted with a password, which is refused while it is too easy', async () => {
    const { token } = await invite(clinic);
    await open(`/invitation#${token}`);
    await heading(/^Join Clinic/).waitFor();
    expect(await faultsOf(page, 'invitation')).toEqual([]);
    await setPassword('short');
    await page.getByRole('alert').waitFor();
    await setPassword(CHOSEN);
    await heading('Hello, Nora Newcomer').waitFor();
  });

  it('is accepted by who has an account, signed in to it', async () => {
    const { email } = await makeMember(pages.server, await makeClinic(pages.server));
    const { token } = await invite(clinic, newcomer({ email }));
    await open(`/invitation#${token}`);
    await page.getByText('You already have an account').waitFor();
    expect(await page.getByLabel('Email address').inputValue()).toBe(email);
    expect(await faultsOf(page, 'invitation-account')).toEqual([]);
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await press('Sign in');
    await press('Accept the invitation');
    await heading(/^Hello/).waitFor();
    const { name } = (await clinic.administrator.api.get('/api/me')).body.clinic as { name: string };
    await page.getByRole('banner').getByText(name).waitFor();
  });

  it('is no use to somebody else', async () => {
    const member = await makeMember(pages.server, clinic);
    const invited = await makeMember(pages.server, await makeClinic(pages.server));
    const { token } = await invite(clinic, newcomer({ email: invited.email }));
    page = await pages.open(`/invitation#${token}`, { as: member });
    await page.getByText(`You are signed in as ${member.email}`).waitFor();
    expect(await page.getByRole('button', { name: 'Accept the invitation' }).count()).toBe(0);
  });

  it('renews a password', async () => {
    const { token, id } = await invite(clinic);
    await open(`/invitation#${token}`);
    await setPassword(CHOSEN);
    await heading(/^Hello/).waitFor();
    await pages.close();
    await open(`/invitation#${await renew(clinic, id)}`);
    await heading(/^A new password for/).waitFor();
    await setPassword('another quiet lighthouse');
    await expectToSee(heading(/^Hello/));
  });

  it('that is over says so, and what to do', async () => {
    const { token, id } = await invite(clinic);
    await expireInvitation(pages.server, id);
    await open(`/invitation#${token}`);
    await page.getByRole('alert').getByText('ask an administrator of your clinic for a new link').waitFor();
    await pages.close();
    await open('/invitation');
    await expectToSee(heading('This link is incomplete'));
  });
});

describe('a forgotten password', () => {
  it('is set anew by the link in the mail', async () => {
    const member = await makeMember(mailing, await makeClinic(mailing));
    await open('/', mailing);
    await page.getByRole('link', { name: 'Forgotten your password?' }).click();
    // The page before has a field of the same name.
    await heading('Forgotten password').waitFor();
    await page.getByLabel('Email address').fill(member.email);
    expect(await faultsOf(page, 'forgotten')).toEqual([]);
    await press('Send the link');
    await heading('Check your mailbox').waitFor();
    const { text } = await smtp.next(member.email);
    await page.goto(/http:\S+/.exec(text)?.[0] ?? '');
    await heading('Set a new password').waitFor();
    expect(await faultsOf(page, 'reset')).toEqual([]);
    await setPassword(CHOSEN);
    await heading('The new password is set').waitFor();
    await page.getByRole('link', { name: 'Go to sign-in' }).click();
    await heading('Sign in').waitFor();
    await page.getByLabel('Email address').fill(member.email);
    await page.getByLabel('Password', { exact: true }).fill(CHOSEN);
    await press('Sign in');
    await heading(/^Hello/).waitFor();
  });

  it('is the administrators’ business where no mail is sent', async () => {
    await open('/password');
    await page.getByLabel('Email address').fill('gil@clinic.example');
    await press('Send the link');
    await expectToSee(page.getByRole('alert').getByText('Ask an administrator of your clinic for a new link.'));
  });

  it('has a way on when the link is over', async () => {
    await open(`/password#${'x'.repeat(43)}`, mailing);
    await setPassword(CHOSEN);
    await page.getByText('This link was used or has expired.').waitFor();
    await page.getByRole('link', { name: 'Request another link' }).click();
    await expectToSee(heading('Forgotten password'));
  });
});

describe('single sign-on', () => {
  it('is offered where a clinic has it, and says in words why it failed', async () => {
    const { provider } = await startSso(pages.server);
    await useProvider(clinic, provider);
    await open('/account');
    const button = page.getByRole('link', { name: 'Work account' });
    await button.waitFor();
    expect(await button.getAttribute('href')).toBe(`/api/auth/sso/${clinic.id}`);
    // To the cookie of a login that has ended the page is that of any visitor: nothing that it asks is refused.
    await page.context().addCookies([{ name: 'assent', value: 'x'.repeat(43), url: pages.server.url }]);
    await page.goto(`${pages.server.url}/account`);
    await button.waitFor();
    expect(pages.problems()).toEqual([]);
    await page.goto(`${pages.server.url}/api/auth/sso/callback?code=x&state=x`);
    await page.getByRole('alert').getByText('Signing in with your provider failed.').waitFor();
    expect(new URL(page.url()).pathname).toBe('/sign-in');
    expect(await faultsOf(page, 'sso-failed')).toEqual([]);
    await provider.stop();
  });
});
