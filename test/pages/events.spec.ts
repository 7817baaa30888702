import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { sealed } from '../support/log.js';
import { CONFIRMED, makeClearedPatient, makeClinic, makePatient, makeRepresentative, type TestClinic } from '../support/make.js';
import { expectToSee, faultsOf, usePages } from '../support/pages.js';

const pages = usePages();
let clinic: TestClinic;
let page: Page;
beforeEach(async () => {
  clinic = await makeClinic(pages.server);
});

async function open(search = ''): Promise<void> {
  page = await pages.open(`/administration/events${search}`, { as: clinic.administrator });
  await page.getByRole('heading', { level: 1, name: 'Audit trail' }).waitFor();
}

const event = (words: string | RegExp) =>
  page.getByRole('list', { name: 'Events, newest first' }).getByRole('listitem').filter({ hasText: words });
const choose = async (field: string, option: string): Promise<void> => {
  await page.getByRole('combobox', { name: field }).click();
  await page.getByRole('option', { name: option, exact: true }).click();
};

describe('the audit trail', () => {
  it('says in words what happened, and to whose record', async () => {
    const { patientId, consentId } = await makeClearedPatient(clinic.practitioner);
    await clinic.practitioner.api.post(`/api/patients/${patientId}/sessions`, { ...CONFIRMED, nothingChanged: false, change: 'A fall.' });
    await clinic.practitioner.api.post(`/api/consents/${consentId}/withdrawal`, { reason: 'enough', withdrawnBy: { kind: 'patient' } });
    await clinic.receptionist.api.get(`/api/consents/${consentId}`);
    await clinic.colleague.api.get(`/api/consents/${consentId}`);
    const representativeId = await makeRepresentative(clinic.receptionist, patientId);
    await clinic.receptionist.api.post(`/api/representatives/${representativeId}/end`, { reason: 'revoked' });
    await sealed(pages.server.database);
    await open();
    for (const words of [
      'Ben Practitioner registered a patient',
      'Ben Practitioner screened a patient',
      'Ben Practitioner recorded a consent',
      'Ben Practitioner tried to start a session and was refused',
      'Ben Practitioner withdrew a consent',
      'Dana Reception tried to view a consent without permission',
      'Carla Colleague viewed a consent',
      'Dana Reception ended a representative’s authority',
    ]) {
      await event(words).first().waitFor();
    }
    await event('recorded a consent')
      .getByText(/^Patient: Rosa García · \d{6}$/)
      .waitFor();
    expect(await faultsOf(page, 'events')).toEqual([]);
  });

  it('opens what was written, before and after, and its proof as a file', async () => {
    const patientId = await makePatient(clinic.practitioner, { phone: '+44 20 7946 0000' });
    const { headers } = await clinic.practitioner.api.get(`/api/patients/${patientId}`);
    await clinic.practitioner.api.patch(`/api/patients/${patientId}`, { phone: '+44 20 7946 0999' }, headers.get('etag') ?? '');
    await sealed(pages.server.database);
    await open();
    const changed = event('changed a patient’s details');
    await changed.getByText('Details', { exact: true }).click();
    expect(await changed.getByRole('deletion').first().innerText()).toBe('+44 20 7946 0000');
    await changed.getByText('+44 20 7946 0999').waitFor();
    await changed.getByText(/^patients [\da-f-]{36}$/).waitFor();
    expect(await faultsOf(page, 'events-open')).toEqual([]);
    const [file] = await Promise.all([page.waitForEvent('download'), changed.getByRole('button', { name: 'Download the proof' }).click()]);
    expect(file.suggestedFilename()).toMatch(/^event-[\da-f-]{36}\.tlog-proof$/);
    expect(await readFile(await file.path(), 'utf8')).toMatch(/^c2sp\.org\/tlog-proof@v1\n/);
    await page.getByText('The proof is in your downloads.').waitFor();
    await changed.getByRole('link', { name: 'Only this patient' }).click();
    await page.waitForURL((url) => url.searchParams.get('patientId') === patientId);
  });

  it('keeps its filters in the address, and Back takes them away', async () => {
    await makePatient(clinic.practitioner, { familyName: 'Zwingli' });
    await makePatient(clinic.receptionist, { familyName: 'Calvin' });
    await clinic.receptionist.api.get('/api/audit/events');
    await open();
    await expectToSee(event('Ben Practitioner registered a patient'));
    await choose('Person', 'Dana Reception');
    await event('Ben Practitioner').first().waitFor({ state: 'detached' });
    await expectToSee(event('Dana Reception registered a patient'));
    await choose('Outcome', 'Refused or failed');
    await event('Dana Reception registered').waitFor({ state: 'detached' });
    await expectToSee(event('Dana Reception tried to view the audit trail without permission'));
    expect(new URL(page.url()).searchParams.get('outcome')).toBe('failure');
    await page.goBack();
    await expectToSee(event('Dana Reception registered a patient'));
    await page.getByRole('button', { name: 'Clear the filters' }).click();
    await expectToSee(event('Ben Practitioner registered a patient'));

    await page.getByRole('searchbox', { name: 'Contains' }).fill('zwing');
    await event('Dana Reception').first().waitFor({ state: 'detached' });
    await expectToSee(event('Ben Practitioner registered a patient'));
    expect(new URL(page.url()).searchParams.get('text')).toBe('zwing');
    await page.goBack();
    await expectToSee(event('Dana Reception registered a patient'));
    expect(await page.getByRole('searchbox', { name: 'Contains' }).inputValue()).toBe('');
    await choose('Action', 'Viewed a record');
    await page.getByRole('heading', { name: 'No matching events' }).waitFor();
    expect(await faultsOf(page, 'events-none')).toEqual([]);
  });

  it('takes an address that somebody sent, and leaves out what it doesn’t know', async () => {
    await makePatient(clinic.practitioner, { phone: '207946001' });
    await makePatient(clinic.practitioner, { phone: '207946002' });
    await open('?text=207946001&period=all&outcome=perhaps&staffId=nobody');
    await expectToSee(page.getByText('One in total'));
    expect(await page.getByRole('combobox', { name: 'Period' }).inputValue()).toBe('All time');
  });

  it('shows more than a page when asked', async () => {
    const patientId = await makePatient(clinic.practitioner);
    await Promise.all(Array.from({ length: 110 }, () => clinic.practitioner.api.get(`/api/patients/${patientId}`)));
    await open(`?staffId=${clinic.practitioner.id}&action=read`);
    await page.getByText('100 shown, more available').waitFor();
    await page.getByRole('button', { name: 'Show more' }).click();
    await page.getByText('110 in total').waitFor();
    expect(await event('viewed a patient’s details').count()).toBe(110);
  });
});
