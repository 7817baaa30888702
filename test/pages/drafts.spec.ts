import type { Page } from 'playwright-core';
import { makeClearedPatient, makeClinic, makePatient, PASSWORD, signIn, type TestClinic } from '../support/make.js';
import { expectToSee, keptAfter, usePages } from '../support/pages.js';
import { makeMember, type Member } from '../support/visitor.js';

const pages = usePages();
let clinic: TestClinic;
let member: Member;
let page: Page;
beforeAll(async () => {
  clinic = await makeClinic(pages.server);
});
beforeEach(async () => {
  member = await makeMember(pages.server, clinic, { role: 'practitioner' });
});

async function open(path: string): Promise<void> {
  page = await pages.open(path, { as: member });
}

const press = (name: string) => page.getByRole('button', { name, exact: true }).click();
const familyName = () => page.getByLabel('Family name');
const kept = () => page.evaluate<string | null>(`sessionStorage.getItem('assent.drafts')`);

async function chooseFromMenu(name: string): Promise<void> {
  await press('Gil Member: account and settings');
  await page.getByRole('menuitem', { name }).click();
}

describe('what was typed and not sent', () => {
  it('is still there after a reload, and unreadable on the device', async () => {
    await open('/patients/new');
    await keptAfter(page, () => familyName().fill('Souza'));
    const everything = await page.evaluate<string>('JSON.stringify([{ ...sessionStorage }, { ...localStorage }])');
    expect(everything).toContain('assent.drafts');
    expect(everything).not.toContain('Souza');
    expect(everything).not.toContain(Buffer.from('Souza').toString('base64').slice(0, 6));
    await page.reload();
    await familyName().waitFor();
    expect(await familyName().inputValue()).toBe('Souza');
  });

  it('is still there when the locked page was loaded anew', async () => {
    const patientId = await makePatient(clinic.practitioner);
    await open(`/patients/${patientId}/screening`);
    const first = page.getByRole('radiogroup').first();
    await keptAfter(page, () => first.getByRole('radio', { name: 'Not sure' }).check({ force: true }));
    await chooseFromMenu('Lock now');
    await page.getByRole('heading', { name: 'Locked' }).waitFor();
    await page.reload();
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await press('Unlock');
    await expectToSee(page.getByText('1 of 12 answered'));
  });

  it('is still there on other pages that ask for much: a proposal, a question', async () => {
    const { patientId } = await makeClearedPatient(clinic.practitioner);
    await open(`/patients/${patientId}/discussion`);
    await page.getByLabel('Goal, in the patient’s words').fill('Turn the head further.');
    await keptAfter(page, () => press('Lumbar (lower back)'));
    await page.reload();
    await page.getByLabel('Goal, in the patient’s words').waitFor();
    expect(await page.getByLabel('Goal, in the patient’s words').inputValue()).toBe('Turn the head further.');
    await page.getByRole('checkbox', { name: 'Mobilisation' }).check({ force: true });
    await press('Start the discussion');

    const card = page.getByRole('article').first();
    await card.getByRole('button', { name: 'Add a question' }).click();
    await keptAfter(page, () => card.getByLabel('Patient’s question').fill('How long?'));
    await page.reload();
    await card.getByLabel('Patient’s question').waitFor();
    expect(await card.getByLabel('Patient’s question').inputValue()).toBe('How long?');
  });

  it('is gone once it is sent', async () => {
    await open('/patients/new');
    await page.getByLabel('Given name').fill('Ana');
    await familyName().fill('Souza');
    await page.getByLabel('Birth date').fill('1978-10-02');
    await keptAfter(page, () => press('Register'));
    await page.getByRole('heading', { level: 1, name: 'Ana Souza' }).waitFor();
    await page.goto(`${pages.server.url}/patients/new`);
    await familyName().waitFor();
    expect(await familyName().inputValue()).toBe('');
  });

  it('is gone from the device with a sign-out', async () => {
    await open('/patients/new');
    await keptAfter(page, () => familyName().fill('Souza'));
    await chooseFromMenu('Sign out');
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    expect(await kept()).toBeNull();
  });

  it('is nobody else’s who signs in in the same tab', async () => {
    await open('/patients/new');
    await keptAfter(page, () => familyName().fill('Souza'));
    const other = await makeMember(pages.server, clinic, { role: 'practitioner' });
    const { token } = await signIn(pages.server, other.id);
    await page.context().addCookies([{ name: 'assent', value: token, url: pages.server.url }]);
    await page.reload();
    await familyName().waitFor();
    expect(await familyName().inputValue()).toBe('');
    expect(await kept()).toBeNull();
  });
});

describe('the key of drafts', () => {
  it('is a person’s, at each sign-in, and given to a full session alone', async () => {
    const keyOf = async ({ visitor }: Member) => (await visitor.get('/api/me/draft-key')).body.draftKey as unknown;
    const first = await keyOf(member);
    expect(first).toMatch(/^[\w-]{43}$/);
    const again = await member.visitor.post('/api/auth/sign-in', { email: member.email, password: PASSWORD });
    expect(again.body).not.toHaveProperty('draftKey');
    expect(await keyOf(member)).toBe(first);
    expect(await keyOf(await makeMember(pages.server, clinic))).not.toBe(first);
    expect((await member.visitor.post('/api/auth/lock')).body).toMatchObject({ state: 'locked' });
    expect(await member.visitor.get('/api/me/draft-key')).toMatchObject({ status: 401, body: { code: 'login.locked' } });
  });
});
