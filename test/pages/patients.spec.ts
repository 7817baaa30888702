import type { Page } from 'playwright-core';
import { makeClinic, makePatient, type Person, type TestClinic } from '../support/make.js';
import { expectToSee, faultsOf, SIZES, usePages } from '../support/pages.js';

const pages = usePages();
let clinic: TestClinic;
let page: Page;
beforeEach(async () => {
  clinic = await makeClinic(pages.server);
});

async function open(path: string, as: Person = clinic.practitioner, size: (typeof SIZES)[number] = SIZES[0]): Promise<void> {
  await pages.close();
  page = await pages.open(path, { as, size });
}

const press = (name: string) => page.getByRole('button', { name, exact: true }).click();
const link = (name: string | RegExp) => page.getByRole('link', { name });
const see = (text: string | RegExp) => expectToSee(page.getByText(text).first());
const find = () => page.getByRole('searchbox', { name: 'Find a patient', exact: true }).last();

describe('the search', () => {
  beforeEach(async () => {
    await makePatient(clinic.receptionist, { recordNumber: 'A-1' });
    await makePatient(clinic.receptionist, { birthDate: '1990-02-03', recordNumber: 'A-2' });
    await makePatient(clinic.receptionist, { givenName: 'Bo', familyName: 'Ågren', birthDate: '1990-02-03', recordNumber: 'B-7' });
  });

  it('finds by name, record number and birth date as one types, and tells namesakes apart', async () => {
    await open('/patients', clinic.receptionist);
    await see('Recently registered');
    expect(await faultsOf(page, 'patients-recent')).toEqual([]);
    await find().fill('garc');
    await see('2 patients');
    await expectToSee(link(/Rosa García.*1984 \(\d+\).*A-1/));
    await expectToSee(link(/Rosa García.*1990.*A-2/));
    expect(await faultsOf(page, 'patients-found')).toEqual([]);
    await find().fill('b-7');
    await see('One patient');
    await find().fill('agren');
    await expectToSee(link(/Bo Ågren/));
    // As dates are written where the browser is from.
    const written = await page.evaluate<string>(`new Intl.DateTimeFormat(undefined, { timeZone: 'UTC' }).format(new Date('1990-02-03'))`);
    for (const day of ['1990-02-03', written]) {
      await find().fill(day);
      await see('2 patients');
      await expectToSee(link(/Bo Ågren/));
    }
  });

  it('is worked by keyboard alone', async () => {
    await open('/patients');
    await find().fill('garcía');
    await see('2 patients');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await expectToSee(page.getByRole('heading', { level: 1, name: 'Rosa García' }));
    await see(/A-[12]/);
    await page.goBack();
    expect(await find().inputValue()).toBe('garcía');
    expect(new URL(page.url()).searchParams.get('q')).toBe('garcía');
    await page.reload();
    await see('2 patients');
  });

  it('in the header takes “/” from anywhere, and opens the only one with Enter', async () => {
    await open('/account');
    await page.keyboard.press('/');
    const header = page.getByRole('banner').getByRole('searchbox');
    await page.keyboard.type('ros');
    await expectToSee(page.getByRole('search').getByText('2 patients'));
    // Nothing lies over what was found.
    await page
      .getByRole('search')
      .getByText('2 patients')
      .click({ trial: true, position: { x: 2, y: 6 } });
    expect(await faultsOf(page, 'header-search')).toEqual([]);
    await header.press('Enter');
    await expectToSee(page.getByRole('heading', { level: 1, name: 'Patients' }));
    expect(await find().inputValue()).toBe('ros');
    await header.fill('ågren');
    await expectToSee(page.getByRole('search').getByText('One patient'));
    await header.press('Enter');
    await expectToSee(page.getByRole('heading', { level: 1, name: 'Bo Ågren' }));
    expect(await header.inputValue()).toBe('');
  });

  it('says that nobody is found, and what next; archived patients only if asked for', async () => {
    const patientId = await makePatient(clinic.receptionist, { familyName: 'Gone' });
    await clinic.receptionist.api.post(`/api/patients/${patientId}/archive`, { reason: 'left' });
    await open('/patients?q=gone', clinic.receptionist);
    await see('No patients match “gone”');
    expect(await faultsOf(page, 'patients-none')).toEqual([]);
    await page.getByLabel('Include archived patients').check();
    await expectToSee(link(/Rosa Gone Archived/));
  });

  it('says that the server can’t be reached', async () => {
    await open('/patients');
    await see('Recently registered');
    await page.context().setOffline(true);
    await find().fill('garcía');
    await see('The server can’t be reached.');
    await page.context().setOffline(false);
    await press('Try again');
    await expectToSee(page.getByText('2 patients').first());
  });
});

describe('the registration', () => {
  it('names what is missing and malformed, and keeps what was typed', async () => {
    await open('/patients/new', clinic.receptionist);
    await press('Register');
    await see('Please fill this in.');
    expect(await page.locator(':focus').getAttribute('name')).toBe('givenName');
    expect(await faultsOf(page, 'register-missing')).toEqual([]);
    await page.getByLabel('Given name').fill('Ana');
    await page.getByLabel('Family name').fill('Souza');
    await page.getByLabel('Birth date').fill('1978-10-02');
    await page.getByLabel('Telephone').fill('12');
    await press('Register');
    await see(/^This must be a telephone number/);
    await page.getByLabel('Telephone').fill('+44 20 7946 0000');
    await page.getByText(/^This must be a telephone number/).waitFor({ state: 'detached' });
    await page.getByLabel('Sex').selectOption('Female');
    await page.getByLabel('Preferred language').selectOption('Portuguese');
    await press('Register');
    await expectToSee(page.getByRole('heading', { level: 1, name: 'Ana Souza' }));
    await see(/Ana Souza is registered with record number \d+/);
    await see('+44 20 7946 0000');
  });

  it('shows who may be the same person before it makes a second record', async () => {
    const patientId = await makePatient(clinic.receptionist, { recordNumber: 'FIRST' });
    await open('/patients/new', clinic.receptionist);
    await page.getByLabel('Given name').fill('ROSA');
    await page.getByLabel('Family name').fill('Garcia López');
    await page.getByLabel('Birth date').fill('1984-05-17');
    await press('Register');
    await expectToSee(page.getByRole('alert').getByText('Possible duplicate'));
    await expectToSee(link(/Rosa García.*FIRST/));
    expect(await faultsOf(page, 'register-duplicate')).toEqual([]);
    const count = async () => (await clinic.receptionist.api.get('/api/patients?query=1984-05-17')).body.items.length;
    expect(await count()).toBe(1);
    await page.getByRole('button', { name: 'Register as a new patient anyway' }).dblclick();
    await expectToSee(page.getByRole('heading', { level: 1, name: 'ROSA Garcia López' }));
    expect(await count()).toBe(2);
    await open(`/patients/${patientId}`);
    await see('FIRST');
  });

  it('says that a record number is taken', async () => {
    await makePatient(clinic.receptionist, { recordNumber: 'TAKEN' });
    await open('/patients/new', clinic.receptionist);
    await page.getByLabel('Given name').fill('Ana');
    await page.getByLabel('Family name').fill('Souza');
    await page.getByLabel('Birth date').fill('1978-10-02');
    await page.getByLabel('Record number').fill('TAKEN');
    await press('Register');
    await expectToSee(page.getByRole('alert').getByText('Another patient has this record number.'));
    expect(await page.getByLabel('Family name').inputValue()).toBe('Souza');
  });
});
