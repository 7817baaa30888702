import type { Page } from 'playwright-core';
import {
  makeClearedPatient,
  makeClinic,
  makePatient,
  makeRepresentedPatient,
  makeSession,
  type Person,
  type TestClinic,
} from '../support/make.js';
import { expectToSee, faultsOf, SIZES, usePages } from '../support/pages.js';
import { asSuperuser } from '../support/sql.js';

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
const section = (name: string) => page.getByRole('region', { name });
const dialog = (name: string) => page.getByRole('dialog', { name });

describe('the details', () => {
  it('that are open for one patient are no longer after going back to another', async () => {
    const [one, other] = [await makePatient(clinic.practitioner), await makePatient(clinic.practitioner, { familyName: 'Holm' })];
    await open(`/patients/${one}`);
    await page.getByRole('searchbox', { name: 'Find a patient' }).first().fill('Holm');
    await page.getByRole('link', { name: /^Rosa Holm/ }).click();
    await page.waitForURL(new RegExp(`/patients/${other}$`));
    await expectToSee(page.getByRole('heading', { level: 1, name: 'Rosa Holm' }));
    await press('Correct details');
    await dialog('Correct details').getByLabel('Telephone').fill('020 7946 0999');
    await page.goBack();
    await expectToSee(page.getByRole('heading', { level: 1, name: 'Rosa García' }));
    await dialog('Correct details').waitFor({ state: 'detached' });
  });

  it('are corrected, also where somebody else did at the same time', async () => {
    const patientId = await makePatient(clinic.practitioner, { phone: '020 7946 0000' });
    await open(`/patients/${patientId}`);
    await press('Correct details');
    await dialog('Correct details').getByLabel('Family name').fill('García Lorca');
    await dialog('Correct details').getByLabel('Telephone').fill('');
    expect(await faultsOf(page, 'patient-correct')).toEqual([]);
    await clinic.receptionist.api.patch(`/api/patients/${patientId}`, { email: 'rosa@example.org' }, '"1"');
    await press('Save');
    await expectToSee(page.getByRole('alert').getByText('Someone has changed this patient since you loaded it.'));
    await press('Load the current details');
    await see(/^These are the current details/);
    expect(await dialog('Correct details').getByLabel('Email address').inputValue()).toBe('rosa@example.org');
    expect(await dialog('Correct details').getByLabel('Family name').inputValue()).toBe('García Lorca');
    await press('Save');
    await see('The details have been corrected.');
    await expectToSee(page.getByRole('heading', { level: 1, name: 'Rosa García Lorca' }));
    expect((await clinic.practitioner.api.get(`/api/patients/${patientId}`)).body).toMatchObject({
      familyName: 'García Lorca',
      phone: null,
      email: 'rosa@example.org',
    });
  });

  it('have representatives', async () => {
    const patientId = await makePatient(clinic.receptionist);
    await open(`/patients/${patientId}`, clinic.receptionist);
    await see('The patient decides for themselves.');
    await press('Add a representative');
    await page.getByLabel('Name', { exact: true }).fill('Lucía García');
    await page.getByLabel('Relationship to the patient').fill('sister');
    await page.getByLabel('Authority to decide, and how it was checked').fill('power of attorney, seen');
    expect(await faultsOf(page, 'patient-representative')).toEqual([]);
    // Escape closes the calendar alone.
    await page.getByLabel('Valid until').focus();
    await page.getByRole('button', { name: 'Next month' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Next month' }).waitFor({ state: 'detached' });
    expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('Lucía García');
    const inAYear = new Date().getFullYear() + 1;
    await page.getByLabel('Valid until').fill(`12/31/${inAYear}`);
    await dialog('Add a representative').getByRole('button', { name: 'Add a representative' }).click();
    await see('Lucía García can now decide for the patient.');
    await see('power of attorney, seen');
    await see(`until Dec 31, ${inAYear}`);
  });

  it('end a representative’s authority, and say which consent ends with it', async () => {
    const { patientId, consentId } = await makeRepresentedPatient(clinic.practitioner);
    await open(`/patients/${patientId}`);
    await press('End authority of Lucía García');
    const ending = dialog('End the authority of Lucía García?');
    await expectToSee(ending.getByText(/The consent of .+ depends on this authority and ends with it/));
    await ending.getByRole('button', { name: 'End authority' }).click();
    await expectToSee(ending.getByText('Choose why it is ending.'));
    expect(await faultsOf(page, 'patient-end-authority')).toEqual([]);
    await ending.getByLabel('A court or public body ended it').check();
    await ending.getByLabel('How this was checked').fill('Order seen.');
    await ending.getByRole('button', { name: 'End authority' }).dblclick();
    await see('The authority of Lucía García has ended.');
    await see('parental responsibility, birth certificate seen · A court or public body ended it · “Order seen.”');
    await see('The authority of the representative who gave the consent has ended.');
    await expectToSee(link('Start a new discussion'));
    const told = section('History').getByRole('listitem').filter({ hasText: 'Consent ended with the representative’s authority' });
    await expectToSee(told.getByText('A court or public body ended it · “Order seen.” · given by Lucía García, mother'));
    expect(await page.getByRole('button', { name: /^End authority/ }).count()).toBe(0);
    expect(await faultsOf(page, 'patient-authority-ended')).toEqual([]);
    expect((await clinic.practitioner.api.get(`/api/consents/${consentId}`)).body.state).toBe('unrepresented');

    await open(`/patients/${patientId}/consents/${consentId}`, clinic.administrator);
    await see('The representative’s authority ended');
    await expectToSee(section('The decision').getByText(/Ended .+: A court or public body ended it/));
    await expectToSee(section('History').getByText('Consent ended: The representative’s authority ended'));
    expect(await faultsOf(page, 'consent-unrepresented')).toEqual([]);
  });

  it('say to whoever sees no consents that one may end with an authority', async () => {
    const { patientId, representativeId } = await makeRepresentedPatient(clinic.practitioner);
    await open(`/patients/${patientId}`, clinic.receptionist);
    await press('End authority of Lucía García');
    const ending = dialog('End the authority of Lucía García?');
    await expectToSee(ending.getByText(/A consent in force that depends on it ends with it/));
    await clinic.practitioner.api.post(`/api/representatives/${representativeId}/end`, { reason: 'died' });
    await ending.getByLabel('The authority was revoked or given up').check();
    await ending.getByRole('button', { name: 'End authority' }).click();
    await expectToSee(ending.getByText('This authority has already been ended.'));
    await open(`/patients/${patientId}`, clinic.administrator);
    await see('birth certificate seen · The representative died');
    expect(await page.getByRole('button', { name: /^End authority/ }).count()).toBe(0);
  });
});

describe('keeping the record', () => {
  it('archives and restores', async () => {
    const patientId = await makePatient(clinic.receptionist);
    await open(`/patients/${patientId}`, clinic.receptionist);
    await press('Archive the record');
    await dialog('Archive the record').getByLabel('The patient moved away').check();
    expect(await faultsOf(page, 'patient-archive')).toEqual([]);
    await dialog('Archive the record').getByRole('button', { name: 'Archive the record' }).click();
    await see('This record is archived');
    await see(/The patient moved away, /);
    expect(await page.getByRole('button', { name: 'Correct details' }).count()).toBe(0);
    expect(await faultsOf(page, 'patient-archived')).toEqual([]);
    await press('Restore the record');
    await see('The record is restored.');
    await page.getByText('This record is archived').waitFor({ state: 'detached' });
  });

  it('says why it can’t be archived', async () => {
    const { patientId } = await makeClearedPatient(clinic.practitioner);
    await makeSession(clinic.practitioner, patientId);
    await open(`/patients/${patientId}`);
    await press('Archive the record');
    await dialog('Archive the record').getByRole('button', { name: 'Archive the record' }).click();
    await expectToSee(page.getByRole('alert').getByText('The patient has a session in progress.'));
    await expectToSee(page.getByRole('alert').getByText('End the session first.'));
  });

  it('holds and erases, for administrators', async () => {
    const patientId = await makePatient(clinic.receptionist, { recordNumber: 'E-1' });
    await open(`/patients/${patientId}`, clinic.administrator);
    await see(/It can be erased once it is archived\./);
    await press('Place a legal hold');
    await page.getByLabel('Which claim, investigation or request requires the record?').fill('Claim 7 is pending.');
    await dialog('Place a legal hold').getByRole('button', { name: 'Place a legal hold' }).click();
    await see('The legal hold is placed.');
    await see('Legal hold');
    await see(/It can’t be erased while a legal hold is in force\./);
    expect(await faultsOf(page, 'patient-held')).toEqual([]);
    await press('Lift');
    await page.getByLabel('Why is the hold no longer needed?').fill('Settled.');
    await press('Lift the legal hold');
    await see('The legal hold is lifted.');
    await asSuperuser(
      pages.server,
      `WITH quiet AS (SELECT set_config('session_replication_role', 'replica', true))
       UPDATE app.patients SET registered_at = now() - interval '40 years', birth_date = '1940-01-01' FROM quiet WHERE id = $1`,
      [patientId],
    );
    await clinic.administrator.api.post(`/api/patients/${patientId}/archive`, { reason: 'died' });
    await page.reload();
    await see('This record is archived');
  });

  it('erases after the record number was typed', async () => {
    const patientId = await makePatient(clinic.receptionist, { recordNumber: 'E-2', birthDate: '1940-01-01' });
    await asSuperuser(
      pages.server,
      `WITH quiet AS (SELECT set_config('session_replication_role', 'replica', true))
       UPDATE app.patients SET registered_at = now() - interval '40 years' FROM quiet WHERE id = $1`,
      [patientId],
    );
    await clinic.administrator.api.post(`/api/patients/${patientId}/archive`, { reason: 'died' });
    await asSuperuser(
      pages.server,
      `WITH quiet AS (SELECT set_config('session_replication_role', 'replica', true))
       UPDATE app.patients SET archived_at = now() - interval '30 years' FROM quiet WHERE id = $1`,
      [patientId],
    );
    await open(`/patients/${patientId}`, clinic.administrator);
    await press('Erase the record');
    const sure = dialog('Erase the record of Rosa García?');
    await sure.getByLabel('Reason. It is kept, so don’t name the patient.').fill('The retention period is over.');
    await sure.getByRole('button', { name: 'Erase the record' }).click();
    await see('This isn’t the record number.');
    expect(await faultsOf(page, 'patient-erase')).toEqual([]);
    await sure.getByLabel(/^Type the record number/).fill('E-2');
    await sure.getByRole('button', { name: 'Erase the record' }).click();
    await see('The record is erased.');
    expect((await clinic.administrator.api.get(`/api/patients/${patientId}`)).status).toBe(410);
  });

  it('tells administrators who has looked', async () => {
    const patientId = await makePatient(clinic.receptionist);
    await clinic.practitioner.api.get(`/api/patients/${patientId}`);
    await clinic.practitioner.api.get(`/api/patients/${patientId}/screenings`);
    await open(`/patients/${patientId}`, clinic.administrator);
    await press('Show who has viewed it');
    await expectToSee(page.getByRole('row', { name: /Ben Practitioner.*screenings, details/ }));
    expect(await faultsOf(page, 'patient-access')).toEqual([]);
  });
});
