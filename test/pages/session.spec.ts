import type { Locator, Page } from 'playwright-core';
import {
  makeClearedPatient,
  makeClinic,
  makeConsent,
  makeDiscussion,
  makePatient,
  makeScreening,
  makeSession,
  type Person,
  type TestClinic,
} from '../support/make.js';
import { expectToSee, faultsOf, loseAnswer, SIZES, usePages } from '../support/pages.js';

const pages = usePages();
let clinic: TestClinic;
beforeEach(async () => {
  clinic = await makeClinic(pages.server);
});

async function open(path: string, as: Person = clinic.practitioner, size: (typeof SIZES)[number] = SIZES[0]): Promise<Page> {
  return pages.open(path, { as, size });
}

/** A patient whose neck is barred by the screening and who refused the thoracic spine: only the lumbar spine is covered. */
async function makeLumbarOnly(): Promise<{ patientId: string; sessionId: string }> {
  const patientId = await makePatient(clinic.practitioner);
  await makeScreening(clinic.practitioner, patientId, { cervical_arterial_warning: { answer: 'yes' } });
  const discussionId = await makeDiscussion(clinic.practitioner, patientId, { regions: ['thoracic', 'lumbar'] });
  await makeConsent(clinic.practitioner, discussionId, { regions: ['lumbar'] });
  return { patientId, sessionId: await makeSession(clinic.practitioner, patientId) };
}

async function makeOpen(): Promise<{ patientId: string; consentId: string; sessionId: string }> {
  const made = await makeClearedPatient(clinic.practitioner);
  return { ...made, sessionId: await makeSession(clinic.practitioner, made.patientId) };
}

const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name, exact: true });
/** The place on the chart, whatever is recorded there. */
const place = (page: Page, name: string): Locator =>
  page.getByRole('region', { name: 'Spinal chart' }).getByRole('button', { name: new RegExp(`^${name}(,|$)`) });
const listed = (page: Page) => page.getByRole('region', { name: 'Recorded in this session' }).getByRole('listitem');
const reads = async (sessionId: string) => (await clinic.practitioner.api.get(`/api/sessions/${sessionId}`)).body;

describe('the start of a session', () => {
  it('says exactly what is missing, and leads to what mends it', async () => {
    const patientId = await makePatient(clinic.practitioner);
    const page = await open(`/patients/${patientId}/session`);
    await page.getByRole('heading', { name: 'The session can’t start yet' }).waitFor();
    await page.getByText('The patient hasn’t been screened.').waitFor();
    await page.getByText('Discuss every risk, then record the patient’s decision.').waitFor();
    expect(await page.getByRole('link', { name: 'Screen the patient' }).getAttribute('href')).toBe(`/patients/${patientId}/screening`);
    expect(await page.getByRole('link', { name: 'Discuss the risks' }).getAttribute('href')).toBe(`/patients/${patientId}/discussion`);
    expect(await button(page, 'Yes, start the session').count()).toBe(0);
    expect(await faultsOf(page, 'session-missing')).toEqual([]);
  });

  it('starts after two answers', async () => {
    const { patientId } = await makeClearedPatient(clinic.practitioner);
    const page = await open(`/patients/${patientId}/session`);
    await page.getByText('Cervical, Lumbar').waitFor();
    expect(await button(page, 'Yes, start the session').isDisabled()).toBe(true);
    expect(await faultsOf(page, 'session-start')).toEqual([]);
    await page.getByRole('radio', { name: 'No, nothing has changed' }).click();
    await button(page, 'Yes, start the session').dblclick();
    await page.getByRole('heading', { name: /^Session in progress, started/ }).waitFor();
    const patients = page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Patients' });
    expect(await patients.getAttribute('aria-current')).toBe('page');
    const { items } = (await clinic.practitioner.api.get(`/api/patients/${patientId}/sessions`)).body;
    expect(items).toHaveLength(1);
    expect(new URL(page.url()).pathname).toBe(`/sessions/${items[0].id}`);
    await page.goto(`${pages.server.url}/patients/${patientId}/session`);
    await expectToSee(page.getByRole('heading', { name: 'The session can’t start yet' }));
    await page.getByRole('link', { name: 'Go to the session in progress' }).click();
    await page.getByRole('heading', { name: /^Session in progress, started/ }).waitFor();
  });

  it('refuses where something changed or the patient doubts, with remedies, and the refusal is recorded', async () => {
    const { patientId, consentId } = await makeClearedPatient(clinic.practitioner);
    const page = await open(`/patients/${patientId}/session`);
    await page.getByRole('radio', { name: 'Yes, something has changed' }).click();
    expect(await button(page, 'Yes, start the session').count()).toBe(0);
    await button(page, 'No, or not sure').click();
    await button(page, 'Record it and don’t start').click();
    expect(await page.getByText('Write down what the patient says.').count()).toBe(2);
    await page.getByLabel('What has changed, in the patient’s words').fill('A fall last week.');
    await page.getByLabel('What the patient says, in their words').fill('I want to think about it.');
    expect(await faultsOf(page, 'session-report')).toEqual([]);
    await button(page, 'Record it and don’t start').click();
    const alert = page.getByRole('alert');
    await alert.getByText('The patient reported a change since the screening.').waitFor();
    await alert.getByText('The patient no longer confirmed the consent.').waitFor();
    expect(await alert.getByRole('link', { name: 'Screen the patient again' }).getAttribute('href')).toBe(
      `/patients/${patientId}/screening`,
    );
    expect(await alert.getByRole('link', { name: 'Record the withdrawal' }).getAttribute('href')).toBe(
      `/patients/${patientId}/consents/${consentId}`,
    );
    expect(await faultsOf(page, 'session-refused')).toEqual([]);
    const { items } = (await clinic.administrator.api.get(`/api/audit/events?patientId=${patientId}&action=refusal`)).body;
    expect(items[0].details.blockers).toEqual(['check.changed', 'check.consent-doubted']);

    // Neither the other answers nor a reload take it back; only a retraction of the slip does.
    await page.reload();
    await expectToSee(page.getByText('“A fall last week.”'));
    for (const _ of ['change', 'doubt']) {
      await button(page, 'Retract: it was a slip').first().click();
      await button(page, 'Retract the report').click();
      await expectToSee(page.getByRole('dialog').getByText('must not be empty'));
      await page.getByLabel('Reason').fill('Tapped the wrong answer.');
      await button(page, 'Retract the report').click();
      await page.getByRole('dialog').waitFor({ state: 'detached' });
    }
    await expectToSee(page.getByRole('radio', { name: 'No, nothing has changed' }));
    await page.goto(`${pages.server.url}/patients/${patientId}`);
    await expectToSee(page.getByText('Retracted: Tapped the wrong answer.').first());
  });

  it('shows on Today what patients reported, until it is followed up', async () => {
    const { patientId } = await makeClearedPatient(clinic.practitioner);
    const check = { nothingChanged: false, change: 'Numb fingers since Monday.', stillConsents: true };
    await clinic.practitioner.api.post(`/api/patients/${patientId}/sessions`, check);
    const page = await open('/');
    const section = page.getByRole('region', { name: 'Reported by patients' });
    await section.getByText('Something has changed: “Numb fingers since Monday.”').waitFor();
    expect(await faultsOf(page, 'today-reported')).toEqual([]);
    await makeScreening(clinic.practitioner, patientId);
    await page.reload();
    await expectToSee(page.getByRole('heading', { name: /^Hello/ }));
    expect(await page.getByText('Numb fingers since Monday.').count()).toBe(0);
  });

  it('is refused by the server where the page didn’t know yet', async () => {
    const { patientId, consentId } = await makeClearedPatient(clinic.practitioner);
    const page = await open(`/patients/${patientId}/session`);
    await page.getByRole('radio', { name: 'No, nothing has changed' }).click();
    await withdraw(consentId);
    await button(page, 'Yes, start the session').click();
    await expectToSee(page.getByText('The consent was withdrawn.'));
    await page.getByRole('link', { name: 'Discuss the risks' }).waitFor();
  });

  it('isn’t for whoever doesn’t treat', async () => {
    const { patientId } = await makeClearedPatient(clinic.practitioner);
    const page = await open(`/patients/${patientId}/session`, clinic.administrator);
    await page.getByText('Only practitioners can start sessions.').waitFor();
    expect(await page.getByRole('radio').count()).toBe(0);
  });
});

async function withdraw(consentId: string): Promise<void> {
  const body = { reason: 'No more.', withdrawnBy: { kind: 'patient' } };
  expect((await clinic.administrator.api.post(`/api/consents/${consentId}/withdrawal`, body)).status).toBe(200);
}

describe('the session', () => {
  it('records by touch, at once, newest first, with the technique as chosen before', async () => {
    const { sessionId } = await makeOpen();
    const page = await open(`/sessions/${sessionId}`, clinic.practitioner, SIZES[2]);
    await page.getByText('Nothing yet.').waitFor();
    await place(page, 'C5/C6, left').tap();
    await page.getByRole('radio', { name: 'Mobilisation' }).tap();
    await page.getByLabel('Response').fill('Turns further now.');
    expect(await faultsOf(page, 'session-chosen')).toEqual([]);
    await button(page, 'Record C5/C6, left').tap();
    await listed(page).filter({ hasText: 'C5/C6, left' }).waitFor();
    await place(page, 'L4/L5, both sides').tap();
    await button(page, 'Record L4/L5, both sides').tap();
    await listed(page).filter({ hasText: 'L4/L5, both sides' }).waitFor();
    expect(await listed(page).allInnerTexts()).toEqual([
      expect.stringMatching(/^\d{1,2}:\d\d.*\s+L4\/L5, both sides\s+Mobilisation$/),
      expect.stringMatching(/^\d{1,2}:\d\d.*\s+C5\/C6, left\s+Mobilisation\s+Turns further now\.$/),
    ]);
    expect((await reads(sessionId)).manipulations).toMatchObject([
      { region: 'cervical', segment: 'C5/C6', side: 'left', technique: 'mobilisation', response: 'Turns further now.' },
      { region: 'lumbar', segment: 'L4/L5', side: 'bilateral', technique: 'mobilisation', response: null },
    ]);
    await page.getByRole('button', { name: 'C5/C6, left, 1 recorded' }).waitFor();
  });

  it('is worked with the keyboard alone', async () => {
    const { sessionId } = await makeOpen();
    const page = await open(`/sessions/${sessionId}`);
    await place(page, 'C0/C1, left').waitFor();
    await button(page, 'End the session').focus();
    await page.keyboard.press('Tab');
    const focused = () => page.evaluate<string>('document.activeElement.ariaLabel ?? document.activeElement.textContent');
    expect(await focused()).toBe('C0/C1, both sides');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowRight');
    expect(await focused()).toBe('C2/C3, right');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Record C2/C3, right' }).and(page.locator(':focus')).waitFor();
    await page.keyboard.press('Enter');
    await listed(page).filter({ hasText: 'C2/C3, right' }).waitFor();
    await page.getByRole('button', { name: 'C2/C3, right, 1 recorded' }).and(page.locator(':focus')).waitFor();
    await page.keyboard.press('Home');
    expect(await focused()).toBe('C0/C1, right');
  });

  it('names every place in reading order', async () => {
    const { sessionId } = await makeOpen();
    const page = await open(`/sessions/${sessionId}`);
    await place(page, 'C0/C1, left').waitFor();
    const names = await page.evaluate<string[]>(
      `[...document.querySelectorAll('section[aria-label="Spinal chart"] button')].map((one) => one.ariaLabel)`,
    );
    expect(names).toHaveLength(25 * 3 + 3);
    expect(names.slice(0, 3)).toEqual(['C0/C1, left', 'C0/C1, both sides', 'C0/C1, right']);
    expect(names.filter((name) => /^(C7\/T1|T12\/L1|L5\/S1), left/.test(name))).toHaveLength(3);
    expect(names.slice(-3).map((name) => name.split(',')[0])).toEqual(['Left sacroiliac joint', 'Sacrum', 'Right sacroiliac joint']);
  });

  it('bars regions that aren’t covered, visibly, and says why', async () => {
    const { patientId, sessionId } = await makeLumbarOnly();
    const page = await open(`/sessions/${sessionId}`);
    const neck = place(page, 'C5/C6, left');
    await neck.click({ force: true });
    expect(await neck.getAttribute('aria-disabled')).toBe('true');
    const why = page.getByRole('region', { name: 'Record' }).getByRole('status');
    await why.getByText('The screening doesn’t clear this region.').waitFor();
    await why.getByText('Warning signs in the arteries of the neck').waitFor();
    expect(await why.getByRole('link').getAttribute('href')).toBe(`/patients/${patientId}/screening`);
    expect(await faultsOf(page, 'session-barred')).toEqual([]);
    await place(page, 'T4/T5, right').click({ force: true });
    await why.getByText('The consent doesn’t cover this region with this technique.').waitFor();
    expect(await why.getByRole('link').getAttribute('href')).toBe(`/patients/${patientId}/discussion`);
    expect(await page.getByText('Not cleared').count()).toBe(1);
    expect(await button(page, /^Record/).count()).toBe(0);
    await place(page, 'L4/L5, left').click();
    await button(page, 'Record L4/L5, left').waitFor();
    expect((await reads(sessionId)).manipulations).toEqual([]);
  });

  it('makes one manipulation of a double tap', async () => {
    const { sessionId } = await makeOpen();
    const page = await open(`/sessions/${sessionId}`);
    await place(page, 'L4/L5, left').dblclick();
    await button(page, 'Record L4/L5, left').dblclick();
    await listed(page).filter({ hasText: 'L4/L5, left' }).waitFor();
    await place(page, 'L3/L4, left').click();
    await button(page, 'Record L3/L4, left').click();
    await listed(page).filter({ hasText: 'L3/L4, left' }).waitFor();
    expect((await reads(sessionId)).manipulations).toHaveLength(2);
  });

  it('keeps what was typed when the answer is lost, and records once', async () => {
    const { sessionId } = await makeOpen();
    const page = await open(`/sessions/${sessionId}`);
    await place(page, 'L4/L5, left').click();
    await page.getByLabel('Response').fill('A little sore.');
    await loseAnswer(page, '**/manipulations');
    await button(page, 'Record L4/L5, left').click();
    await page.getByRole('alert').getByText('The server can’t be reached.').waitFor();
    expect(await page.getByLabel('Response').inputValue()).toBe('A little sore.');
    expect(await faultsOf(page, 'session-lost')).toEqual([]);
    await button(page, 'Record L4/L5, left').click();
    await page.getByText('Choose a segment').waitFor();
    expect(await page.getByLabel('Response').inputValue()).toBe('');
    expect((await reads(sessionId)).manipulations).toMatchObject([{ segment: 'L4/L5', response: 'A little sore.' }]);
    expect(await listed(page).count()).toBe(1);
  });

  it('says that it isn’t connected, and goes on when it is', async () => {
    const { sessionId } = await makeOpen();
    const page = await open(`/sessions/${sessionId}`);
    await place(page, 'L4/L5, left').click();
    await page.context().setOffline(true);
    await page.getByText('The server can’t be reached. What you type stays here').waitFor();
    await page.context().setOffline(false);
    await page.getByText('The server can’t be reached. What you type stays here').waitFor({ state: 'detached' });
    await button(page, 'Record L4/L5, left').click();
    await expectToSee(listed(page).filter({ hasText: 'L4/L5, left' }));
  });

  it('shows in a second tab what is recorded in the first, and the end', async () => {
    const { sessionId } = await makeOpen();
    const [one, two] = [await open(`/sessions/${sessionId}`), await open(`/sessions/${sessionId}`)];
    await place(two, 'L4/L5, left').waitFor();
    await place(one, 'L4/L5, left').click();
    await button(one, 'Record L4/L5, left').click();
    await listed(two).filter({ hasText: 'L4/L5, left' }).waitFor();
    await button(one, 'End the session').click();
    await one.getByRole('dialog').getByRole('button', { name: 'End the session' }).click();
    await expectToSee(two.getByRole('heading', { name: /^Session of/ }));
  });

  it('proposes what was used last in the segment, else last with the patient', async () => {
    const { patientId, sessionId } = await makeOpen();
    const before = (values: object) => clinic.practitioner.api.post(`/api/sessions/${sessionId}/manipulations`, values);
    await before({ region: 'lumbar', segment: 'L4/L5', side: 'left', technique: 'mobilisation' });
    await before({ region: 'cervical', segment: 'C5/C6', side: 'left', technique: 'hvla_thrust' });
    await clinic.practitioner.api.post(`/api/sessions/${sessionId}/end`);
    const page = await open(`/sessions/${await makeSession(clinic.practitioner, patientId)}`);
    const checked = (name: string) => page.getByRole('radio', { name, checked: true }).waitFor();
    await place(page, 'L4/L5, right').click();
    await checked('Mobilisation');
    await place(page, 'C2/C3, right').click();
    await checked('HVLA thrust');
    await page.getByRole('radio', { name: 'Mobilisation' }).click();
    await place(page, 'C5/C6, right').click();
    await checked('Mobilisation');
    expect(await page.getByText('No consent for: Traction').count()).toBe(1);
  });

  it('is ended with a confirmation, and is a summary to read and print', async () => {
    const { sessionId } = await makeOpen();
    const page = await open(`/sessions/${sessionId}`);
    await place(page, 'L4/L5, left').click();
    await page.getByLabel('Response').fill('Relieved.');
    await button(page, 'Record L4/L5, left').click();
    await listed(page).filter({ hasText: 'L4/L5, left' }).waitFor();
    await button(page, 'End the session').click();
    await page.getByRole('dialog').getByText('One manipulation is recorded.').waitFor();
    expect(await faultsOf(page, 'session-end')).toEqual([]);
    await page.getByRole('dialog').getByRole('button', { name: 'End the session' }).click();
    await page.getByRole('heading', { name: /^Session of/ }).waitFor();
    await page.getByRole('row', { name: /\d{1,2}:\d\d.* L4\/L5, left Relieved\. HVLA thrust/ }).waitFor();
    await page.getByRole('main').getByText('Ben Practitioner').waitFor();
    expect(await page.getByRole('region', { name: 'Spinal chart' }).count()).toBe(0);
    expect((await reads(sessionId)).endedAt).not.toBeNull();
    expect(await faultsOf(page, 'session-ended')).toEqual([]);
    await page.emulateMedia({ media: 'print' });
    expect(await button(page, 'Print').isVisible()).toBe(false);
    expect(await page.getByRole('cell', { name: 'HVLA thrust' }).isVisible()).toBe(true);
  });

  it('of a colleague can be watched and ended, not recorded in', async () => {
    const { sessionId } = await makeOpen();
    const page = await open(`/sessions/${sessionId}`, clinic.colleague);
    await page.getByText('Only Ben Practitioner, who started this session, can record in it.').waitFor();
    expect(await button(page, /^Record/).count()).toBe(0);
    expect(await faultsOf(page, 'session-colleague')).toEqual([]);
    await button(page, 'End the session').click();
    await page.getByRole('dialog').getByRole('button', { name: 'End the session' }).click();
    await page.getByRole('heading', { name: /^Session of/ }).waitFor();
  });

  it('comes back as it was after a lock', async () => {
    const { sessionId } = await makeOpen();
    const page = await open(`/sessions/${sessionId}`);
    await place(page, 'L4/L5, left').click();
    await page.getByLabel('Response').fill('Half a sentence');
    await button(page, 'Ben Practitioner: account and settings').click();
    await page.getByRole('menuitem', { name: 'Lock now' }).click();
    await page.getByRole('heading', { name: 'Locked' }).or(page.getByText('locked').first()).waitFor();
    expect(await page.getByLabel('Response').inputValue()).toBe('Half a sentence');
  });

  it('has targets for fingers', async () => {
    const { sessionId } = await makeOpen();
    for (const size of SIZES.slice(2)) {
      const page = await open(`/sessions/${sessionId}`, clinic.practitioner, size);
      await place(page, 'C0/C1, left').waitFor();
      const small = await page.evaluate<string[]>(`
        [...document.querySelectorAll('main button, main [role=radio]')]
          .map((target) => [target.ariaLabel || target.textContent, target.getBoundingClientRect()])
          .filter(([, { height, width }]) => height < 44 || width < 44)
          .map(([name, { width, height }]) => name + ' ' + width + 'x' + height)`);
      expect(small).toEqual([]);
    }
  });
});
