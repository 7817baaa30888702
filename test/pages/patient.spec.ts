import type { Page } from 'playwright-core';
import {
  expire,
  makeClearedPatient,
  makeClinic,
  makeConsent,
  makeDiscussion,
  makePatient,
  makeRepresentative,
  makeScreening,
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

const see = (text: string | RegExp) => expectToSee(page.getByText(text).first());
const section = (name: string) => page.getByRole('region', { name });

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
    await expire(pages.server, 'screenings', screeningId);
    const [licence] = await asSuperuser(pages.server, 'SELECT id FROM app.licences WHERE practitioner_id = $1', [clinic.practitioner.id]);
    await expire(pages.server, 'licences', licence?.['id'] ?? '');
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
    await open(`/patients/${id}`);
    await expectToSee(page.getByRole('heading', { name: 'We can’t find that patient' }));
    expect(await faultsOf(page, 'patient-unknown')).toEqual([]);
  });
});
