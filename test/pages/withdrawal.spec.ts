import type { Page } from 'playwright-core';
import {
  makeClearedPatient,
  makeClinic,
  makeConsent,
  makeDisclosure,
  makeDiscussion,
  makePatient,
  makeRepresentative,
  makeScreening,
  makeSession,
  type Person,
  type TestClinic,
} from '../support/make.js';
import { faultsOf, usePages } from '../support/pages.js';
import { makeMember, makeStale } from '../support/visitor.js';

const pages = usePages();
let clinic: TestClinic;
beforeEach(async () => {
  clinic = await makeClinic(pages.server);
});

async function open(path: string, as: Pick<Person, 'token'> = clinic.practitioner): Promise<Page> {
  return pages.open(path, { as });
}

const WITNESS = { name: 'Wanda Witness' };
const place = (page: Page, name: string) =>
  page.getByRole('region', { name: 'Spinal chart' }).getByRole('button', { name: new RegExp(`^${name}(,|$)`) });
const dialog = (page: Page) => page.getByRole('dialog', { name: 'Withdraw this consent?' });
const stateOf = async (consentId: string) => (await clinic.practitioner.api.get(`/api/consents/${consentId}`)).body;

async function makeOpen(): Promise<{ patientId: string; consentId: string; sessionId: string }> {
  const made = await makeClearedPatient(clinic.practitioner);
  return { ...made, sessionId: await makeSession(clinic.practitioner, made.patientId) };
}

describe('one consent', () => {
  it('is shown whole: what was shown, by whom, each risk, the decision by region, signature and witness', async () => {
    const patientId = await makePatient(clinic.practitioner);
    await makeScreening(clinic.practitioner, patientId);
    const discussionId = await makeDiscussion(clinic.practitioner, patientId, { interpreter: 'Ines Interpreter' });
    await clinic.practitioner.api.put(`/api/discussions/${discussionId}/risks/stroke`, { question: 'How rare?', answer: 'Very rare.' });
    const consentId = await makeConsent(clinic.practitioner, discussionId, { regions: ['lumbar'], witness: WITNESS });
    await makeDisclosure(clinic.administrator, { title: 'A newer text' });
    const page = await open(`/patients/${patientId}/consents/${consentId}`);
    await page.getByRole('heading', { level: 1, name: /^Consent of/ }).waitFor();
    const section = (name: string | RegExp) => page.getByRole('region', { name });
    await page.getByText('In force', { exact: true }).waitFor();
    const decision = section('The decision');
    await decision.getByText('Lumbar', { exact: true }).waitFor();
    await decision.getByText('Cervical', { exact: true }).waitFor();
    await decision.getByText('Ben Practitioner').waitFor();
    await decision.getByText('There is a very small risk of a stroke').waitFor();
    await page.getByRole('img', { name: 'Signature of Rosa García' }).waitFor();
    await page.getByText('Wanda Witness typed their name').waitFor();
    const discussion = section('The discussion');
    await discussion.getByText('Ines Interpreter').waitFor();
    await discussion.getByText(/, version 1$/).waitFor();
    await discussion.getByText('English').waitFor();
    const risks = section(/risks, each discussed$/);
    expect(await risks.getByRole('listitem').count()).toBe(5);
    await risks.getByText('Very rare.').waitFor();
    await page
      .getByText(/^[0-9a-f]{64}$/)
      .first()
      .waitFor();
    expect(await page.getByRole('heading', { name: 'History' }).count()).toBe(0);
    expect(await faultsOf(page, 'consent')).toEqual([]);
  });

  it('tells its history to those who may read it', async () => {
    const { patientId, consentId } = await makeOpen();
    const page = await open(`/patients/${patientId}/consents/${consentId}`, clinic.administrator);
    const history = page.getByRole('region', { name: 'History' });
    for (const step of ['Screened', 'Discussion opened', 'Decision recorded', 'Session started']) await history.getByText(step).waitFor();
    expect(await history.getByText('Ben Practitioner, Practitioner').count()).toBeGreaterThan(3);
    expect(await faultsOf(page, 'consent-history')).toEqual([]);
  });

  it('can still be withdrawn where the latest screening outdates it', async () => {
    const { patientId, consentId } = await makeClearedPatient(clinic.practitioner);
    const advice = { name: 'Dr. Vera Novak', profession: 'physician', date: '2026-11-02', text: 'No thrusts.' };
    await makeScreening(clinic.practitioner, patientId, { osteoporosis: { answer: 'yes' } }, advice);
    const page = await open(`/patients/${patientId}/consents/${consentId}`);
    await page.getByText('Not valid for sessions: the latest screening adds a risk that wasn’t discussed.').waitFor();
    await page.getByRole('button', { name: 'Withdraw this consent' }).click();
    await dialog(page).getByRole('button', { name: 'Withdraw now' }).click();
    await page.getByText('Withdrawn', { exact: true }).first().waitFor();
    expect(await stateOf(consentId)).toMatchObject({ state: 'withdrawn' });
  });

  it('is withdrawn by one tap and a confirmation', async () => {
    const { patientId, consentId } = await makeClearedPatient(clinic.practitioner);
    const page = await open(`/patients/${patientId}/consents/${consentId}`);
    await page.getByRole('button', { name: 'Withdraw this consent' }).click();
    await dialog(page).waitFor();
    expect(await faultsOf(page, 'consent-withdraw')).toEqual([]);
    await dialog(page).getByRole('button', { name: 'Withdraw now' }).dblclick();
    await page.getByText('Withdrawn', { exact: true }).first().waitFor();
    const withdrawal = page.getByRole('region', { name: 'Withdrawal' });
    await withdrawal.getByText('No reason given.').waitFor();
    expect(await page.getByRole('button', { name: 'Withdraw this consent' }).count()).toBe(0);
    expect(await stateOf(consentId)).toMatchObject({
      state: 'withdrawn',
      withdrawal: { reason: 'No reason given.', withdrawnBy: { kind: 'patient' }, recordedBy: clinic.practitioner.id },
    });
    expect(await faultsOf(page, 'consent-withdrawn')).toEqual([]);
  });

  it('is withdrawn without a proof of who records it, however old the sign-in is', async () => {
    const { patientId, consentId } = await makeClearedPatient(clinic.practitioner);
    const member = await makeMember(pages.server, clinic, { role: 'practitioner' });
    await makeStale(pages.server, member);
    const page = await open(`/patients/${patientId}/consents/${consentId}`, { token: member.visitor.cookies.get('assent') ?? '' });
    await page.getByRole('button', { name: 'Withdraw this consent' }).click();
    await dialog(page).getByLabel('In their words').fill('I changed my mind.');
    await dialog(page).getByRole('button', { name: 'Withdraw now' }).click();
    await page.getByRole('region', { name: 'Withdrawal' }).getByText('I changed my mind.').waitFor();
    expect((await stateOf(consentId)).withdrawal).toMatchObject({ reason: 'I changed my mind.', recordedBy: member.id });
  });

  it('of a child is withdrawn by who gave it, in their words', async () => {
    const patientId = await makePatient(clinic.practitioner, { birthDate: `${new Date().getUTCFullYear() - 10}-01-01` });
    await makeScreening(clinic.practitioner, patientId);
    const id = await makeRepresentative(clinic.practitioner, patientId);
    const decidedBy = { kind: 'representative', id };
    const consentId = await makeConsent(clinic.practitioner, await makeDiscussion(clinic.practitioner, patientId), { decidedBy });
    const page = await open(`/patients/${patientId}/consents/${consentId}`);
    await page.getByRole('region', { name: 'The decision' }).getByText('Lucía García, mother').waitFor();
    await page.getByRole('button', { name: 'Withdraw this consent' }).click();
    await dialog(page).getByRole('radio', { name: 'Lucía García, mother', checked: true }).waitFor();
    await dialog(page).getByLabel('In their words').fill('He is afraid.');
    expect(await faultsOf(page, 'consent-withdraw-representative')).toEqual([]);
    await dialog(page).getByRole('button', { name: 'Withdraw now' }).click();
    await page.getByRole('region', { name: 'Withdrawal' }).getByText('He is afraid.').waitFor();
    expect((await stateOf(consentId)).withdrawal).toMatchObject({ reason: 'He is afraid.', withdrawnBy: decidedBy });
  });

  it('that was refused shows that, and offers nothing to withdraw', async () => {
    const patientId = await makePatient(clinic.practitioner);
    await makeScreening(clinic.practitioner, patientId);
    const discussionId = await makeDiscussion(clinic.practitioner, patientId);
    const refusal = { decision: 'refused', decidedBy: { kind: 'patient' } };
    const { body } = await clinic.practitioner.api.post(`/api/discussions/${discussionId}/consent`, refusal);
    const page = await open(`/patients/${patientId}/consents/${body.id}`);
    await page.getByRole('heading', { level: 1, name: /^Refusal of/ }).waitFor();
    await page.getByText('Not valid for sessions.').waitFor();
    await page.getByText('Not signed.').waitFor();
    expect(await page.getByRole('button', { name: 'Withdraw this consent' }).count()).toBe(0);
    expect(await faultsOf(page, 'consent-refused')).toEqual([]);
  });
});

describe('a withdrawal during a session', () => {
  it('from the session locks the chart at once, there and in every other browser', async () => {
    const { consentId, sessionId } = await makeOpen();
    const [one, two, three] = [
      await open(`/sessions/${sessionId}`),
      await open(`/sessions/${sessionId}`),
      await open(`/sessions/${sessionId}`, clinic.colleague),
    ];
    for (const page of [two, three]) await place(page, 'L4/L5, left').waitFor();
    await place(two, 'L4/L5, left').click();
    await two.getByLabel('Response').fill('A little sore.');
    await one.getByRole('button', { name: 'Withdraw consent' }).click();
    await dialog(one).getByLabel('In their words').fill('It hurts too much.');
    await dialog(one).getByRole('button', { name: 'Withdraw now' }).click();
    for (const page of [one, two, three]) {
      await page.getByRole('alert').getByText('The consent was withdrawn.').waitFor();
      expect(await place(page, 'L4/L5, left').getAttribute('aria-disabled')).toBe('true');
    }
    await two.getByText('Not recorded: L4/L5, left, HVLA thrust, A little sore.').waitFor();
    expect(await two.getByRole('button', { name: /^Record/ }).count()).toBe(0);
    expect((await stateOf(consentId)).withdrawal.reason).toBe('It hurts too much.');
    await two.getByRole('alert').getByRole('button', { name: 'End the session' }).click();
    await two.getByRole('dialog').getByRole('button', { name: 'End the session' }).click();
    for (const page of [one, two, three]) await page.getByRole('heading', { name: /^Session of/ }).waitFor();
  });

  it('leaves what was recorded, and the end', async () => {
    const { consentId, sessionId } = await makeOpen();
    const done = { region: 'lumbar', segment: 'L4/L5', side: 'left', technique: 'mobilisation' };
    await clinic.practitioner.api.post(`/api/sessions/${sessionId}/manipulations`, done);
    const body = { reason: 'No more.', withdrawnBy: { kind: 'patient' } };
    await clinic.administrator.api.post(`/api/consents/${consentId}/withdrawal`, body);
    const page = await open(`/sessions/${sessionId}`);
    await page.getByRole('alert').getByText('The consent was withdrawn.').waitFor();
    await page.getByRole('region', { name: 'Recorded in this session' }).getByText('L4/L5, left').waitFor();
    expect(await page.getByRole('button', { name: 'End the session' }).count()).toBe(1);
    expect(await faultsOf(page, 'session-locked')).toEqual([]);
  });

  it('from elsewhere refuses the manipulation that comes in between, with what to do', async () => {
    const { consentId, sessionId } = await makeOpen();
    const page = await open(`/sessions/${sessionId}`);
    await place(page, 'L4/L5, left').click();
    // The page doesn't hear of it.
    await page.route('**/standing', (route) => route.abort('internetdisconnected'));
    const body = { reason: 'No more.', withdrawnBy: { kind: 'patient' } };
    expect((await clinic.administrator.api.post(`/api/consents/${consentId}/withdrawal`, body)).status).toBe(200);
    await page.getByRole('button', { name: 'Record L4/L5, left' }).click();
    await page.getByRole('alert').getByText('The consent was withdrawn.').waitFor();
    expect((await clinic.practitioner.api.get(`/api/sessions/${sessionId}`)).body.manipulations).toEqual([]);
    await page.unroute('**/standing');
    await page.getByText('Nothing more can be recorded in this session').waitFor();
  });

  it('looks at no record: the page asks for the standing, not for the patient', async () => {
    const { sessionId } = await makeOpen();
    const page = await open(`/sessions/${sessionId}`, clinic.colleague);
    await place(page, 'L4/L5, left').waitFor();
    for (let asked = 0; asked < 3; asked += 1) await page.waitForResponse('**/standing');
    const { items } = (await clinic.administrator.api.get(`/api/audit/events?staffId=${clinic.colleague.id}`)).body;
    const looks = (items as { subject: string }[]).map(({ subject }) => subject);
    expect(looks).not.toContain('getStanding');
    expect(looks.filter((subject) => subject === 'getSession')).toHaveLength(1);
  });
});
