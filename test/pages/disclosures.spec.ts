import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { copySession, parseCsv } from '../support/csv.js';
import { sealed } from '../support/log.js';
import { CONFIRMED, makeClearedPatient, makeClinic, makePatient, makeSession, type Person, type TestClinic } from '../support/make.js';
import { expectToSee, faultsOf, usePages } from '../support/pages.js';
import { asSuperuser } from '../support/sql.js';

const pages = usePages();
let clinic: TestClinic;
let page: Page;
beforeEach(async () => {
  clinic = await makeClinic(pages.server);
});

async function open(path = '/administration/disclosures', as: Person = clinic.administrator): Promise<void> {
  page = await pages.open(path, { as });
}

const figure = (name: string) => page.locator('dl > div', { has: page.getByText(name, { exact: true }) }).getByRole('definition');
const choose = async (field: string, option: string): Promise<void> => {
  await page.getByRole('combobox', { name: field }).click();
  await page.getByRole('option', { name: option }).click();
};
const rows = () => page.getByRole('table').getByRole('row');

describe('the disclosure audit', () => {
  it('says what appears there, where there was no session', async () => {
    await open();
    await page.getByRole('heading', { name: 'No sessions in this period' }).waitFor();
    await page.getByText('There were no sessions to check.').waitFor();
    expect(await faultsOf(page, 'disclosures-empty')).toEqual([]);
    await page.getByRole('tab', { name: 'Starts refused' }).click();
    await page.getByRole('heading', { name: 'No starts were refused in this period' }).waitFor();
  });

  it('shows sessions with consent and risks, and that each was covered', async () => {
    const { patientId } = await makeClearedPatient(clinic.practitioner);
    await makeSession(clinic.practitioner, patientId);
    await open();
    await page.getByText(/^All sessions of this period were covered/).waitFor();
    expect(await figure('Sessions').innerText()).toBe('1');
    expect(await figure('Exceptions').innerText()).toMatch(/^0\s+No exceptions$/);
    const row = rows().nth(1);
    await row.getByText(/^Rosa García · \d{6}$/).waitFor();
    await row.getByRole('cell', { name: 'Ben Practitioner', exact: true }).waitFor();
    await row.getByText(/Cervical \(neck\), Lumbar \(lower back\) · in person, in English · Version 1/).waitFor();
    await row.getByText('5 risks').click();
    await row.getByText('Stroke, or damage to a blood vessel in the neck').waitFor();
    expect(await row.getByText(/^Ben Practitioner, .+: .+ before the start$/).count()).toBe(5);
    await page
      .getByRole('listitem')
      .filter({ hasText: /^Week from .+: 1 sessions, 1 covered$/ })
      .waitFor();
    expect(await faultsOf(page, 'disclosures')).toEqual([]);
  });

  it('is printed light, without links and filters, as a table, and says where, when and by whom', async () => {
    const { patientId } = await makeClearedPatient(clinic.practitioner);
    await makeSession(clinic.practitioner, patientId);
    await open();
    await rows().nth(1).waitFor();
    const inColours = (scheme: string) => page.locator(`html[data-mantine-color-scheme=${scheme}]`).waitFor({ state: 'attached' });
    // As wide as A4 between its margins.
    await page.setViewportSize({ width: 718, height: 1000 });
    await page.emulateMedia({ colorScheme: 'dark' });
    await inColours('dark');
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    await expectToSee(page.getByText(/^Clinic \w+\. Printed .+ by Ada Admin, from Assent\.$/));
    await inColours('light');
    for (const role of ['navigation', 'button'] as const) expect(await page.getByRole(role).count()).toBe(0);
    expect(await page.getByRole('search').getByRole('combobox').count()).toBe(1);
    expect(await page.getByRole('combobox', { name: 'Period' }).inputValue()).toBe('Last 90 days');
    expect(await rows().first().innerText()).toMatch(/^Started\s+Patient\s+Practitioner\s+Consent\s+Risks discussed$/);
    expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBe(718);
    await page.emulateMedia({ media: 'screen', colorScheme: 'dark' });
    await inColours('dark');
    expect(await page.getByText(/^Clinic .+ Printed/).count()).toBe(0);
  });

  it('keeps its filters in the address, and Back takes them away', async () => {
    const one = await makeClearedPatient(clinic.practitioner);
    await makeSession(clinic.practitioner, one.patientId);
    const other = await makeClearedPatient(clinic.colleague);
    await makeSession(clinic.colleague, other.patientId);
    await open();
    await expectToSee(page.getByText('2 in total'));
    await choose('Practitioner', 'Carla Colleague');
    await expectToSee(page.getByText('One in total'));
    expect(new URL(page.url()).searchParams.get('practitionerId')).toBe(clinic.colleague.id);
    expect(await figure('Sessions').innerText()).toBe('1');
    await choose('Region consented to', 'Sacral (base of the spine)');
    await page.getByRole('heading', { name: 'No sessions in this period' }).waitFor();
    await page.goBack();
    await expectToSee(page.getByText('One in total'));
    await page.goBack();
    await expectToSee(page.getByText('2 in total'));

    // An address that somebody sent.
    await page.goto(`${pages.server.url}/administration/disclosures?patientId=${one.patientId}&period=year&version=1&region=nonsense`);
    await expectToSee(page.getByText('One in total'));
    expect(await page.getByRole('combobox', { name: 'Patient' }).inputValue()).toMatch(/^Rosa García · \d{6}$/);
    expect(await page.getByRole('combobox', { name: 'Period' }).inputValue()).toBe('Last 365 days');
    await page.getByRole('button', { name: 'Clear the filters' }).click();
    await expectToSee(page.getByText('2 in total'));
    expect(new URL(page.url()).search).toBe('');
  });

  it('finds a patient by name, and takes days of one’s own', async () => {
    const { patientId } = await makeClearedPatient(clinic.practitioner);
    await makeSession(clinic.practitioner, patientId);
    await makeSession(clinic.colleague, (await makeClearedPatient(clinic.colleague)).patientId);
    await asSuperuser(pages.server, `UPDATE app.patients SET family_name = 'Zwingli' WHERE id = $1`, [patientId]);
    await open();
    await expectToSee(page.getByText('2 in total'));
    await page.getByRole('combobox', { name: 'Patient' }).fill('zwin');
    await page.getByRole('option', { name: /^Rosa Zwingli/ }).click();
    await expectToSee(page.getByText('One in total'));
    await choose('Period', 'Choose dates');
    await page.getByLabel('First day').fill('1/2/2001');
    await page.getByLabel('Last day').fill('2001-03-04');
    await page.getByRole('heading', { name: 'No sessions in this period' }).waitFor();
    expect(await faultsOf(page, 'disclosures-calendar')).toEqual([]);
    await page.getByRole('button', { name: '31 March 2001' }).click();
    await page.waitForURL(/from=2001-01-02&until=2001-03-31/);
    expect(await page.getByLabel('First day').inputValue()).toBe('01/02/2001');
    await page.getByLabel('Last day').fill('31/31/2001');
    await page.keyboard.press('Tab');
    await expectToSee(page.getByText('Enter a date like 05/17/1984.'));
    expect(await page.getByLabel('Last day').inputValue()).toBe('31/31/2001');
    await page.getByLabel('Last day').fill('1/1/2001');
    await page.keyboard.press('Tab');
    await expectToSee(page.getByText('Choose Jan 2, 2001 or later.'));
    await page.getByLabel('Last day').fill('2/28/2001');
    await page.waitForURL(/from=2001-01-02&until=2001-02-28/);
    await page.keyboard.press('Tab');
    await page.getByText('Choose Jan 2, 2001 or later.').waitFor({ state: 'detached' });
    expect(await page.getByLabel('Last day').inputValue()).toBe('02/28/2001');
  });

  it('names in red the sessions that weren’t covered', async () => {
    const { patientId, consentId } = await makeClearedPatient(clinic.practitioner);
    await makeSession(clinic.practitioner, patientId);
    await asSuperuser(
      pages.server,
      `SET session_replication_role = replica; UPDATE app.consents SET in_force = tstzrange(lower(in_force), lower(in_force) + interval '1 microsecond') WHERE id = '${consentId}'`,
    );
    await open();
    const alert = page.getByRole('alert').filter({ hasText: 'One session wasn’t covered' });
    await alert.getByText(/^Rosa García/).waitFor();
    await alert.getByText('No consent was in force at that moment.').waitFor();
    expect(await figure('Exceptions').innerText()).toMatch(/^1\s+Must be 0$/);
    expect(await faultsOf(page, 'disclosures-exception')).toEqual([]);
    await alert.getByRole('link', { name: 'All sessions of this patient' }).click();
    await page.waitForURL((url) => url.searchParams.get('patientId') === patientId);
    await page.getByRole('link', { name: 'Go to the verification of the log' }).click();
    await page.getByRole('heading', { level: 1, name: 'Log integrity' }).waitFor();
  });

  it('shows starts that were refused, and why', async () => {
    const patientId = await makePatient(clinic.practitioner);
    await clinic.practitioner.api.post(`/api/patients/${patientId}/sessions`, CONFIRMED);
    await open();
    await page.getByRole('heading', { name: 'Why starts were refused' }).waitFor();
    await page.getByRole('tab', { name: 'Starts refused' }).click();
    await rows().nth(1).getByText('Not screened, No consent recorded').waitFor();
    await rows()
      .nth(1)
      .getByText(/^Rosa García/)
      .waitFor();
    expect(new URL(page.url()).searchParams.get('view')).toBe('refusals');
    expect(await faultsOf(page, 'disclosures-refusals')).toEqual([]);
    await page.goBack();
    await page.getByRole('heading', { name: 'No sessions in this period' }).waitFor();
  });

  it('shows more than a page when asked, and all of it as a file', async () => {
    const { patientId } = await makeClearedPatient(clinic.practitioner);
    await copySession(pages.server, await makeSession(clinic.practitioner, patientId), 119);
    await open();
    await page.getByText('100 shown, more available').waitFor();
    await page.getByRole('button', { name: 'Show more' }).click();
    await page.getByText('120 in total').waitFor();
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download as CSV' }).click()]);
    expect(file.suggestedFilename()).toMatch(/^disclosures-\d{4}-\d\d-\d\d\.csv$/);
    expect(parseCsv((await readFile(await file.path(), 'utf8')).replace(/^\uFEFF/, ''))).toHaveLength(121);
    await page.getByText('The file is in your downloads.').waitFor();
  });

  it('shows the history of a consent, and which entries of the log it has', async () => {
    const { patientId } = await makeClearedPatient(clinic.practitioner);
    await makeSession(clinic.practitioner, patientId);
    await sealed(pages.server.database);
    await open('/administration/disclosures?period=year');
    await rows().nth(1).getByRole('link').click();
    await page.getByRole('heading', { level: 1, name: 'Consent history' }).waitFor();
    await page.getByText(/^Patient: Rosa García/).waitFor();
    const events = page.getByRole('main').getByRole('listitem');
    await events.filter({ hasText: 'Ben Practitioner screened the patient' }).waitFor();
    await events.filter({ hasText: 'discussed a risk: Stroke, or damage to a blood vessel in the neck' }).waitFor();
    const decision = events.filter({ hasText: 'recorded the decision: consent given' });
    await decision.getByText(/^Entry \d+(,\d+)* of the log$/).waitFor();
    await decision.getByText('Recorded values', { exact: true }).click();
    await decision
      .getByText(/^SHA-256 [\da-f]{64}$/)
      .first()
      .waitFor();
    expect(await faultsOf(page, 'disclosures-story')).toEqual([]);
    await page.getByRole('link', { name: 'Back to the audit' }).click();
    await page.getByRole('heading', { level: 1, name: 'Disclosure audit' }).waitFor();
    expect(await page.getByRole('combobox', { name: 'Period' }).inputValue()).toBe('Last 365 days');
  });

  it('says in words that there is no such consent', async () => {
    await open('/administration/disclosures/consents/00000000-0000-7000-8000-000000000000');
    await page.getByRole('alert').getByText('We can’t find that.').waitFor();
    expect(await faultsOf(page, 'disclosures-no-consent')).toEqual([]);
  });
});

describe('the administration', () => {
  it('begins with the disclosure audit, and leads to its other pages', async () => {
    await open('/');
    await page.getByRole('link', { name: 'Administration' }).click();
    await page.getByRole('heading', { level: 1, name: 'Disclosure audit' }).waitFor();
    const places = page.getByRole('navigation', { name: 'Administration' });
    await places.getByRole('link', { name: 'Audit trail' }).click();
    await page.getByRole('heading', { level: 1, name: 'Audit trail' }).waitFor();
    await places.getByRole('link', { name: 'Log integrity' }).click();
    await expectToSee(page.getByRole('heading', { level: 1, name: 'Log integrity' }));
    expect(await places.getByRole('link', { name: 'Log integrity' }).getAttribute('aria-current')).toBe('page');
  });

  it('has no fault that a machine finds where it tells somebody that it isn’t theirs', async () => {
    await open('/administration', clinic.receptionist);
    await page.getByRole('heading', { level: 1, name: 'For administrators only' }).waitFor();
    expect(await faultsOf(page, 'administration-not-yours')).toEqual([]);
  });

  it.each(['/administration', '/administration/disclosures', '/administration/log', '/administration/events'])(
    'isn’t offered to practitioners, who are told so at %s',
    async (path) => {
      await open(path, clinic.practitioner);
      await page.getByRole('heading', { level: 1, name: 'For administrators only' }).waitFor();
      expect(await page.getByRole('link', { name: 'Administration' }).count()).toBe(0);
      await page.getByRole('link', { name: 'Go to the start page' }).click();
      await page.waitForURL(`${pages.server.url}/`);
    },
  );
});
