import type { Page } from 'playwright-core';
import {
  makeClearedPatient,
  makeClinic,
  makeDiscussion,
  makePatient,
  makeScreening,
  makeSession,
  type Person,
  type TestClinic,
} from '../support/make.js';
import { expectToSee, faultsOf, usePages } from '../support/pages.js';
import { asSuperuser } from '../support/sql.js';

const pages = usePages();
let clinic: TestClinic;
let page: Page;
beforeEach(async () => {
  clinic = await makeClinic(pages.server);
});

async function open(as: Person): Promise<void> {
  page = await pages.open('/', { as });
  await page.getByRole('heading', { level: 1, name: /^Hello/ }).waitFor();
}

const section = (name: string) => page.getByRole('region', { name });
const leadsTo = (name: string | RegExp) => page.getByRole('main').getByRole('link', { name }).first().getAttribute('href');
const endIn = (days: number, table: string, column: string, id: string) =>
  asSuperuser(
    pages.server,
    `WITH quiet AS (SELECT set_config('session_replication_role', 'replica', true))
     UPDATE app.${table} SET ${column} = tstzrange(lower(${column}) - interval '1 year', clock_timestamp() + make_interval(days => $2))
       FROM quiet WHERE id = $1`,
    [id, days],
  );

describe('today', () => {
  it('teaches what comes first where nothing is to do', async () => {
    await open(clinic.practitioner);
    await expectToSee(page.getByRole('heading', { name: 'You’re up to date' }));
    expect(await leadsTo('Register a patient')).toBe('/patients/new');
    expect(await leadsTo('Find a patient')).toBe('/patients');
    expect(await faultsOf(page, 'today-empty')).toEqual([]);
  });

  it('lists what needs doing, each with the next step', async () => {
    const one = await makeClearedPatient(clinic.practitioner);
    const sessionId = await makeSession(clinic.practitioner, one.patientId);
    const theirs = await makeClearedPatient(clinic.colleague);
    await makeSession(clinic.colleague, theirs.patientId);
    const discussed = await makePatient(clinic.practitioner, { givenName: 'Dora', familyName: 'Adeyemi' });
    await makeScreening(clinic.practitioner, discussed);
    const discussionId = await makeDiscussion(clinic.practitioner, discussed, {}, ['stroke']);
    await endIn(200, 'screenings', 'clears', one.screeningId);
    await endIn(5, 'consents', 'in_force', one.consentId);
    const found = await makePatient(clinic.receptionist, { givenName: 'Ida', familyName: 'Berg' });
    const screeningId = await makeScreening(clinic.colleague, found, { osteoporosis: { answer: 'yes' } });
    await makePatient(clinic.receptionist, { givenName: 'Nils', familyName: 'Holm' });

    await open(clinic.practitioner);
    const sessions = section('Sessions in progress').getByRole('listitem');
    await expectToSee(sessions.nth(1));
    expect(await sessions.allInnerTexts()).toEqual([
      expect.stringMatching(/^Rosa García[^]*started \d{1,2}:\d\d/),
      expect.stringMatching(/Carla Colleague, started/),
    ]);
    expect(await leadsTo('Go to the session: Rosa García')).toBe(`/sessions/${sessionId}`);
    expect(await leadsTo('Continue the discussion: Dora Adeyemi')).toBe(`/patients/${discussed}/discussion/${discussionId}`);
    expect(await leadsTo('Renew the consent: Rosa García')).toBe(`/patients/${one.patientId}/discussion`);
    expect(await leadsTo('View the findings: Ida Berg')).toBe(`/patients/${found}/screening?screening=${screeningId}`);
    await expectToSee(section('Expiring soon').getByText(/^Consent valid until/));
    await expectToSee(section('Recently registered').getByRole('link', { name: 'Screen the patient: Nils Holm' }));
    expect(await faultsOf(page, 'today-full')).toEqual([]);
  });

  it('tells an administrator of licences that end, and a practitioner of their own', async () => {
    const [licence] = await asSuperuser(pages.server, 'SELECT id FROM app.licences WHERE practitioner_id = $1', [clinic.practitioner.id]);
    await endIn(20, 'licences', 'valid', licence?.['id'] ?? '');
    await open(clinic.administrator);
    await expectToSee(section('Licences expiring').getByText('Ben Practitioner'));
    expect(await leadsTo('Record the renewed licence: Ben Practitioner')).toBe('/administration/staff');
    expect(await page.getByRole('link', { name: 'Register a patient' }).count()).toBe(0);
    expect(await faultsOf(page, 'today-licences')).toEqual([]);
    await pages.close();
    await open(clinic.practitioner);
    await expectToSee(section('Your licence needs renewal').getByText(/Ask an administrator to record the renewed licence/));
  });

  it('is for finding and registering at the reception', async () => {
    const patientId = await makePatient(clinic.receptionist);
    await open(clinic.receptionist);
    await expectToSee(section('Recently registered'));
    expect(await leadsTo('Open the record: Rosa García')).toBe(`/patients/${patientId}`);
    expect(await faultsOf(page, 'today-reception')).toEqual([]);
  });
});
