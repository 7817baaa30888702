import type { Page } from 'playwright-core';
import { currentText, makeClearedPatient, makeClinic, makeDisclosure, type Person, type TestClinic } from '../support/make.js';
import { expectToSee, faultsOf, keptAfter, usePages } from '../support/pages.js';

const pages = usePages();
let clinic: TestClinic;
let page: Page;
beforeEach(async () => {
  clinic = await makeClinic(pages.server);
});

async function open(path: string, as: Person = clinic.administrator): Promise<void> {
  page = await pages.open(path, { as });
}

const press = (name: string) => page.getByRole('button', { name, exact: true }).click();
const publishing = () => page.getByRole('dialog', { name: 'Publish this text?' });
const field = (path: string) => page.locator(`[name="${path}"]`);
const view = (name: string) => page.getByRole('radiogroup', { name: 'View' }).getByText(name, { exact: true }).click();
const current = async (language = 'en') => (await clinic.practitioner.api.get(`/api/disclosures/current?language=${language}`)).body;

async function write(): Promise<void> {
  await open('/administration/texts');
  await page.getByRole('region', { name: 'Disclosures' }).getByRole('link', { name: 'Write the next version, English' }).click();
  await field('title').waitFor();
}

describe('the published texts', () => {
  it('are listed by language, with their earlier versions', async () => {
    await makeDisclosure(clinic.administrator, { title: 'Before you decide', requiresReconsent: true });
    await open('/administration/texts');
    const disclosures = page.getByRole('region', { name: 'Disclosures' });
    await expectToSee(disclosures.getByText('Version 2'));
    await expectToSee(disclosures.getByText('Required re-consent'));
    await disclosures.getByText('One earlier version').click();
    await expectToSee(disclosures.getByRole('link', { name: 'Read version 1, English' }));
    expect(await faultsOf(page, 'texts')).toEqual([]);
  });

  it('are compared word by word', async () => {
    const { uncertainty } = await currentText(clinic.administrator, 'disclosures');
    await makeDisclosure(clinic.administrator, { uncertainty: `Honestly: ${uncertainty}` });
    await open('/administration/texts');
    await page.getByRole('link', { name: 'Read version 2, English' }).click();
    await expectToSee(page.getByText(/^Honestly:/));
    expect(await faultsOf(page, 'texts-version')).toEqual([]);
    await page.getByRole('combobox', { name: 'Compare with' }).click();
    await page.getByRole('option', { name: 'Version 1' }).click();
    await expectToSee(page.getByText('One passage differs'));
    expect(await page.locator('ins').allInnerTexts()).toEqual(['Honestly: ']);
    expect(await page.locator('del').count()).toBe(0);
    expect(await faultsOf(page, 'texts-compare')).toEqual([]);
    await page.reload();
    await expectToSee(page.getByText('One passage differs'));
    await page.goBack();
    await expectToSee(page.getByText(/^Honestly:/));
  });

  it('aren’t offered to a practitioner', async () => {
    await open('/administration/texts', clinic.practitioner);
    await expectToSee(page.getByRole('heading', { name: 'For administrators only' }));
  });
});

describe('the next disclosure', () => {
  it('is written, looked at, and published without an end of consents', async () => {
    const { patientId } = await makeClearedPatient(clinic.practitioner);
    await write();
    expect(await page.getByRole('button', { name: 'Publish…' }).isDisabled()).toBe(true);
    expect(await faultsOf(page, 'texts-write')).toEqual([]);
    await field('introduction').fill('Take your time, and ask about anything.');
    await view('Preview');
    await expectToSee(page.getByRole('article').getByText('Take your time, and ask about anything.'));
    expect(await field('introduction').isVisible()).toBe(false);
    expect(await faultsOf(page, 'texts-preview')).toEqual([]);
    await view('Changes');
    await expectToSee(page.getByText('One passage differs'));
    await press('Publish…');
    await expectToSee(publishing().getByText('The one consent in force stays valid.'));
    expect(await faultsOf(page, 'texts-publish')).toEqual([]);
    await publishing().getByRole('button', { name: 'Publish', exact: true }).click();
    await expectToSee(page.getByText('Version 2 is published.'));
    expect(await current()).toMatchObject({ version: 2, introduction: 'Take your time, and ask about anything.' });
    expect((await clinic.practitioner.api.get(`/api/patients/${patientId}/clearance`)).body).toMatchObject({ allowed: true });
  });

  it('says how many consents it ends, and a practitioner sees that they ended', async () => {
    const { patientId } = await makeClearedPatient(clinic.practitioner);
    await makeClearedPatient(clinic.practitioner);
    await write();
    await field('title').fill('Know this before you decide');
    await press('Publish…');
    await publishing().getByLabel('Patients must consent again').check();
    await expectToSee(publishing().getByText(/^2 consents will end when this is published/));
    expect(await faultsOf(page, 'texts-publish-reconsent')).toEqual([]);
    await publishing().getByRole('button', { name: 'Cancel' }).click();
    expect((await current()).version).toBe(1);
    await press('Publish…');
    await publishing().getByLabel('Patients must consent again').check();
    await publishing().getByRole('button', { name: 'Publish, and end 2 consents' }).click();
    await expectToSee(page.getByText('Version 2 is published.'));
    const { body } = await clinic.practitioner.api.get(`/api/patients/${patientId}/clearance`);
    expect(body).toMatchObject({ allowed: false });
    expect((await current()).title).toBe('Know this before you decide');
  });

  it('is refused without a risk that the questionnaire adds, names it in words, and takes it back in', async () => {
    await write();
    const { risks } = await current();
    const index = (risks as { code: string }[]).findIndex(({ code }) => code === 'rib_fracture');
    const { title } = risks[index] as { title: string };
    await page.getByRole('group').locator('summary', { hasText: title }).click();
    await press(`Remove ${title}`);
    await press('Publish…');
    await publishing().getByRole('button', { name: 'Publish', exact: true }).click();
    await expectToSee(
      page.getByRole('alert').getByText('The disclosure in this language doesn’t describe every risk that must be discussed.'),
    );
    expect(await faultsOf(page, 'texts-risk-not-told')).toEqual([]);
    await press(`Add “${title}”`);
    await field('title').fill('With every risk');
    await press('Publish…');
    await publishing().getByRole('button', { name: 'Publish', exact: true }).click();
    await expectToSee(page.getByText('Version 2 is published.'));
  });

  it('is refused at the fields that are malformed, and keeps what was written', async () => {
    await write();
    const [{ title }, second] = (await current()).risks as [{ title: string }, { title: string }];
    await page.getByText(second.title, { exact: true }).click();
    await field('risks.1.wording').fill('');
    await field('uncertainty').fill('Nobody knows.');
    await view('Preview');
    await press('Publish…');
    await publishing().getByRole('button', { name: 'Publish', exact: true }).click();
    await expectToSee(page.getByText('One field must be corrected'));
    await expectToSee(page.getByText(/^This must/));
    await page.waitForFunction(`document.activeElement?.getAttribute('name') === 'risks.1.wording'`);
    expect(await field('uncertainty').inputValue()).toBe('Nobody knows.');
    expect(await faultsOf(page, 'texts-malformed')).toEqual([]);
    await page.getByText(title, { exact: true }).click();
    await press(`Remove ${title}`);
    expect(await field('risks.0.wording').getAttribute('aria-invalid')).toBe('true');
    expect(await field('risks.1.wording').getAttribute('aria-invalid')).not.toBe('true');
    await field('risks.0.wording').fill('It may hurt.');
    await page.getByText(/^This must/).waitFor({ state: 'detached' });
  });

  it('is still there after another page and a reload, until it is discarded', async () => {
    await write();
    const title = await field('title').inputValue();
    await keptAfter(page, () => field('title').fill('Half a thought'));
    await page.getByRole('link', { name: 'Staff' }).click();
    await page.getByRole('heading', { level: 1, name: 'Staff' }).waitFor();
    await page.goBack();
    await field('title').waitFor();
    expect(await field('title').inputValue()).toBe('Half a thought');
    // The browser asks, because whoever closes the tab would lose it.
    page.once('dialog', (dialog) => void dialog.accept());
    await page.reload();
    await field('title').waitFor();
    expect(await field('title').inputValue()).toBe('Half a thought');
    await press('Discard my changes');
    expect(await field('title').inputValue()).toBe(title);
    await keptAfter(page, () => press('Undo'));
    expect(await field('title').inputValue()).toBe('Half a thought');
    await press('Discard my changes');
    // What was written since isn't lost to an undo.
    await field('title').fill('Another thought');
    await page.getByRole('button', { name: 'Undo' }).waitFor({ state: 'detached' });
    await press('Discard my changes');
    await keptAfter(page, () => press('Undo'));
    await field('title').fill('Half a thought');
    page.once('dialog', (dialog) => void dialog.accept());
    await page.reload();
    await field('title').waitFor();
    expect(await field('title').inputValue()).toBe('Half a thought');
  });

  it('gets back what was removed of a list, at its place', async () => {
    await write();
    const { risks } = await current();
    const [, { title }] = risks as [object, { title: string }];
    const shown = page.getByRole('region', { name: 'Risks' }).locator('summary:visible');
    const names = () => shown.allInnerTexts();
    const before = await names();
    await page.getByText(title, { exact: true }).click();
    await press(`Remove ${title}`);
    await page.getByText(`Removed: ${title}.`).waitFor();
    expect(await names()).toEqual(before.toSpliced(1, 1));
    // Where what followed it stands now.
    expect(await page.locator('summary:focus').innerText()).toBe(before[2]);
    await press('Undo');
    expect(await names()).toEqual(before);
  });

  it('is still there after the screen was locked', async () => {
    await write();
    await field('title').fill('Half a thought');
    await press('Ada Admin: account and settings');
    await page.getByRole('menuitem', { name: /^Lock/ }).click();
    await page.getByLabel('Password', { exact: true }).waitFor();
    expect(await field('title').inputValue()).toBe('Half a thought');
  });

  it('begins in Spanish from the built-in text', async () => {
    await open('/administration/texts');
    await page.getByRole('link', { name: 'Start from the built-in text' }).click();
    await expectToSee(page.getByRole('heading', { name: 'Next disclosure, Spanish' }));
    await field('title').waitFor();
    await press('Publish…');
    await publishing().getByRole('button', { name: 'Publish', exact: true }).click();
    await expectToSee(page.getByText('Version 2 is published.'));
    expect(await current('es')).toMatchObject({ language: 'es', version: 2 });
    expect(await page.getByRole('article').getAttribute('lang')).toBe('es');
  });

  it('begins in another language from the English text', async () => {
    await open('/administration/texts');
    const disclosures = page.getByRole('region', { name: 'Disclosures' });
    await disclosures.getByRole('combobox', { name: 'Add another language' }).fill('pol');
    await page.getByRole('option', { name: 'Polish' }).click();
    await disclosures.getByRole('link', { name: 'Start', exact: true }).click();
    await expectToSee(page.getByRole('heading', { name: 'Next disclosure, Polish' }));
    expect(await field('title').inputValue()).toBe((await current()).title);
  });
});

describe('the next questionnaire', () => {
  it('is written and published, and a practitioner is given it', async () => {
    await open('/administration/texts');
    await page
      .getByRole('region', { name: 'Screening questionnaires' })
      .getByRole('link', { name: 'Write the next version, English' })
      .click();
    await press('Add a question');
    const { items } = (await clinic.practitioner.api.get('/api/questionnaires/current')).body as { items: object[] };
    const added = `items.${items.length}`;
    await field(`${added}.code`).fill('Not a code');
    await field(`${added}.prompt`).fill('Are you pregnant?');
    await field(`${added}.explanation`).fill('Some positions are uncomfortable.');
    await field(`${added}.source`).fill('The clinic’s own practice.');
    expect(await faultsOf(page, 'texts-questionnaire')).toEqual([]);
    await press('Publish…');
    await publishing().getByRole('button', { name: 'Publish', exact: true }).click();
    await expectToSee(page.getByText('This must be snake_case, 2 to 60 characters.'));
    await field(`${added}.code`).fill('pregnancy');
    await view('Preview');
    await expectToSee(page.getByRole('heading', { name: 'Are you pregnant?' }));
    await press('Publish…');
    await publishing().getByRole('button', { name: 'Publish', exact: true }).click();
    await expectToSee(page.getByText('Version 2 is published.'));
    const { body } = await clinic.practitioner.api.get('/api/questionnaires/current');
    expect(body.items.at(-1)).toMatchObject({ code: 'pregnancy', prompt: 'Are you pregnant?', urgentAction: null });
    expect(await faultsOf(page, 'texts-questionnaire-version')).toEqual([]);
  });
});
