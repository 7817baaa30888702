import type { Browser, Page } from 'playwright-core';
import { launchBrowser, type Visit } from '../support/browser.js';
import {
  expire,
  makeClearedPatient,
  makeClinic,
  makeConsent,
  makeDiscussion,
  makePatient,
  makeRepresentative,
  makeRepresentedPatient,
  makeScreening,
  makeSession,
  type Person,
  type TestClinic,
} from '../support/make.js';
import { closePage, expectToSee, faultsOf, openPage, SIZES } from '../support/pages.js';
import { startServer, type TestServer } from '../support/server.js';
import { asSuperuser } from '../support/sql.js';

let server: TestServer;
let browser: Browser;
let clinic: TestClinic;
let visit: Visit | undefined;
let page: Page;
beforeAll(async () => {
  [server, browser] = await Promise.all([startServer(), launchBrowser()]);
});
beforeEach(async () => {
  clinic = await makeClinic(server);
});
afterEach(async () => {
  if (visit) await closePage(visit);
  visit = undefined;
});
afterAll(async () => {
  await browser.close();
  await server.stop();
});

async function open(path: string, as: Person = clinic.practitioner, size: (typeof SIZES)[number] = SIZES[0]): Promise<void> {
  if (visit) await closePage(visit);
  visit = await openPage(browser, server, path, { as, size });
  ({ page } = visit);
  await page.getByRole('heading', { level: 1 }).waitFor();
}

const press = (name: string) => page.getByRole('button', { name, exact: true }).click();
const link = (name: string | RegExp) => page.getByRole('link', { name });
const see = (text: string | RegExp) => expectToSee(page.getByText(text).first());
const section = (name: string) => page.getByRole('region', { name });
const dialog = (name: string) => page.getByRole('dialog', { name });
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

describe('whether a session may start', () => {
  const clearance = () => section('Clearance');
  const light = (words: RegExp) => expectToSee(clearance().getByRole('listitem').filter({ hasText: words }));

  it('begins with the screening', async () => {
    await open(`/patients/${await makePatient(clinic.practitioner)}`);
    await see('A session can’t start yet');
    await light(/Licence Valid until/);
    await light(/Screening Not screened/);
    await light(/Consent None/);
    await light(/Session None in progress/);
    await see('The patient hasn’t been screened.');
    await see(/No consent is recorded\./);
    expect(await clearance().getByRole('link').allInnerTexts()).toEqual(['Screen the patient']);
    expect(await clearance().getByRole('link').getAttribute('href')).toMatch(/\/screening$/);
    await see('No entries yet');
    expect(await faultsOf(page, 'patient-new')).toEqual([]);
  });

  it('goes on with the discussion, and comes back to the one that is open', async () => {
    const patientId = await makePatient(clinic.practitioner);
    await makeScreening(clinic.practitioner, patientId, {
      cervical_arterial_warning: { answer: 'yes' },
      earlier_reaction: { answer: 'yes' },
    });
    await open(`/patients/${patientId}`);
    await see('Not cleared');
    await expectToSee(clearance().getByRole('link', { name: 'Advice or approval' }));
    await see('Contraindicated: Warning signs in the arteries of the neck');
    await see('Needs medical advice or a second practitioner’s approval: Harm after an earlier manipulation');
    expect(await faultsOf(page, 'patient-referred')).toEqual([]);

    await makeScreening(clinic.practitioner, patientId, { cervical_arterial_warning: { answer: 'yes' } });
    await page.reload();
    await expectToSee(clearance().getByRole('link', { name: 'Start the discussion' }));
    await see('Cleared, no consent');
    const discussionId = await makeDiscussion(clinic.practitioner, patientId, {}, ['stroke']);
    await page.reload();
    expect(await clearance().getByRole('link', { name: 'Continue the discussion' }).getAttribute('href')).toBe(
      `/patients/${patientId}/discussion/${discussionId}`,
    );
  });

  it('may be now, or goes on with what is open', async () => {
    const { patientId } = await makeClearedPatient(clinic.practitioner);
    await open(`/patients/${patientId}`);
    await see('A session can start');
    expect(await clearance().getByRole('link', { name: 'Start the session' }).getAttribute('href')).toBe(`/patients/${patientId}/session`);
    expect(await clearance().getByText('Cleared, consent given', { exact: true }).count()).toBe(2);
    expect(await faultsOf(page, 'patient-cleared')).toEqual([]);
    const sessionId = await makeSession(clinic.practitioner, patientId);
    await page.reload();
    await see('A session is in progress');
    expect(await clearance().getByRole('link', { name: 'Go to the session' }).getAttribute('href')).toBe(`/sessions/${sessionId}`);
    expect(await faultsOf(page, 'patient-open-session')).toEqual([]);
  });

  it('stops at a withdrawal, at what lapsed, and at a licence that ended', async () => {
    const { patientId, consentId, screeningId } = await makeClearedPatient(clinic.practitioner);
    await clinic.practitioner.api.post(`/api/consents/${consentId}/withdrawal`, {
      reason: 'Not again.',
      withdrawnBy: { kind: 'patient' },
    });
    await open(`/patients/${patientId}`);
    await see('The consent was withdrawn.');
    await expectToSee(clearance().getByRole('link', { name: 'Start a new discussion' }));
    await expire(server, 'screenings', screeningId);
    const [licence] = await asSuperuser(server, 'SELECT id FROM app.licences WHERE practitioner_id = $1', [clinic.practitioner.id]);
    await expire(server, 'licences', licence?.['id'] ?? '');
    await page.reload();
    await see('Your licence has expired.');
    await see(/ask an administrator to record the renewed licence\./);
    expect(await clearance().getByRole('link').allInnerTexts()).toEqual(['Screen again']);
    await see(/Do this after the screening\./);
    expect(await faultsOf(page, 'patient-blocked')).toEqual([]);
  });

  it('asks an administrator for no licence, and offers them nothing that isn’t theirs', async () => {
    const { patientId } = await makeClearedPatient(clinic.practitioner);
    await open(`/patients/${patientId}`, clinic.administrator);
    await see('Ready for a session');
    expect(await clearance().getByRole('link').count()).toBe(0);
    expect(await clearance().getByText('Licence', { exact: true }).count()).toBe(0);
    expect(await page.getByRole('button', { name: 'Correct details' }).count()).toBe(0);
  });

  it('isn’t for receptionists', async () => {
    const { patientId } = await makeClearedPatient(clinic.practitioner);
    await open(`/patients/${patientId}`, clinic.receptionist);
    await expectToSee(section('Details'));
    expect(await page.getByText('Clearance').count()).toBe(0);
    expect(await page.getByText('History').count()).toBe(0);
    expect(await faultsOf(page, 'patient-reception')).toEqual([]);
  });
});

describe('what happened', () => {
  it('is told newest first, with links', async () => {
    const { patientId, consentId, discussionId } = await makeClearedPatient(clinic.practitioner);
    const sessionId = await makeSession(clinic.practitioner, patientId);
    await clinic.practitioner.api.post(`/api/sessions/${sessionId}/end`);
    await clinic.practitioner.api.post(`/api/consents/${consentId}/withdrawal`, {
      reason: 'My neck hurts since.',
      withdrawnBy: { kind: 'patient' },
    });
    await open(`/patients/${patientId}`, clinic.colleague);
    await see('“My neck hurts since.” · by the patient');
    const told = section('History').getByRole('listitem').getByRole('link');
    expect(await told.allInnerTexts()).toEqual([
      'Consent withdrawn',
      'Session',
      'Consent given',
      'Consent discussion',
      'Screening: cleared',
    ]);
    expect(await told.evaluateAll((links) => links.map((one) => one.getAttribute('href')))).toEqual([
      `/patients/${patientId}/consents/${consentId}`,
      `/sessions/${sessionId}`,
      `/patients/${patientId}/consents/${consentId}`,
      `/patients/${patientId}/discussion/${discussionId}`,
      `/patients/${patientId}/screening`,
    ]);
    await see(/no|0 manipulations · with Ben Practitioner/);
    expect(await faultsOf(page, 'patient-timeline')).toEqual([]);
  });

  it('names who decided for the patient', async () => {
    const patientId = await makePatient(clinic.practitioner, {
      birthDate: new Date(Date.now() - 9 * 366 * 86_400_000).toISOString().slice(0, 10),
    });
    const id = await makeRepresentative(clinic.practitioner, patientId);
    await makeScreening(clinic.practitioner, patientId);
    await makeConsent(clinic.practitioner, await makeDiscussion(clinic.practitioner, patientId), {
      decidedBy: { kind: 'representative', id },
      capacityConfirmed: false,
    });
    await open(`/patients/${patientId}`);
    await expectToSee(page.getByText(/by Lucía García, mother/).first());
  });
});

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
      server,
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
      server,
      `WITH quiet AS (SELECT set_config('session_replication_role', 'replica', true))
       UPDATE app.patients SET registered_at = now() - interval '40 years' FROM quiet WHERE id = $1`,
      [patientId],
    );
    await clinic.administrator.api.post(`/api/patients/${patientId}/archive`, { reason: 'died' });
    await asSuperuser(
      server,
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

describe('every page about a patient', () => {
  it('says who it is, however far it is scrolled, on a phone too', async () => {
    const { patientId } = await makeClearedPatient(clinic.practitioner);
    await open(`/patients/${patientId}`, clinic.practitioner, SIZES[3]);
    await see('A session can start');
    await page.evaluate('window.scrollTo(0, document.body.scrollHeight)');
    const box = await page.getByRole('group', { name: 'Patient' }).boundingBox();
    expect(box?.y).toBeLessThan(70);
    expect(box?.height).toBeLessThan(80);
    expect(await page.title()).toBe('Rosa García · Assent');
  });

  it.each(['00000000-0000-4000-8000-000000000000', 'not-an-id'])('says that there is no such patient: %s', async (id) => {
    visit = await openPage(browser, server, `/patients/${id}`, { as: clinic.practitioner });
    ({ page } = visit);
    await expectToSee(page.getByRole('heading', { name: 'We can’t find that patient' }));
    expect(await faultsOf(page, 'patient-unknown')).toEqual([]);
  });
});
