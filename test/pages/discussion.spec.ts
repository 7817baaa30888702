import type { Page } from 'playwright-core';
import { makeClinic, makeConsent, makeDisclosure, makeDiscussion, makePatient, makeScreening, type TestClinic } from '../support/make.js';
import { expectToSee, faultsOf, SIZES, usePages } from '../support/pages.js';

const pages = usePages();
let clinic: TestClinic;
let page: Page;
let patientId: string;
beforeEach(async () => {
  clinic = await makeClinic(pages.server);
  patientId = await makePatient(clinic.practitioner);
});

async function open(path: string): Promise<void> {
  page = await pages.open(`/patients/${patientId}${path}`, { as: clinic.practitioner, size: SIZES[2] });
}

const press = (name: string) => page.getByRole('button', { name, exact: true }).click();

describe('the start of a discussion', () => {
  const waiting = () => page.getByRole('region', { name: 'A discussion is awaiting a decision' });
  let discussionId: string;
  beforeEach(async () => {
    await makeScreening(clinic.practitioner, patientId);
    discussionId = await makeDiscussion(clinic.colleague, patientId, {}, ['stroke']);
  });

  it('offers to continue the one that waits, and lets another begin', async () => {
    await open('/discussion');
    await expectToSee(waiting().getByText(/^Started .+ by Carla Colleague · 4 of 5 risks discussed$/));
    await expectToSee(waiting().getByText(/^Cervical \(neck\), Lumbar \(lower back\) · /));
    await expectToSee(page.getByRole('button', { name: 'Start the discussion', exact: true }));
    expect(await faultsOf(page, 'discussion-open')).toEqual([]);
    await page.getByRole('link', { name: 'Continue' }).click();
    await page.waitForURL(`**/patients/${patientId}/discussion/${discussionId}`);
  });

  it('says what the proposal lacks, until it is chosen', async () => {
    await open('/discussion');
    await page.getByLabel('Goal, in the patient’s words').fill('Turn the head further.');
    await press('Start the discussion');
    await expectToSee(page.getByRole('alert').getByText('Choose at least one region.'));
    await press('Lumbar (lower back)');
    await expectToSee(page.getByRole('alert').getByText('Choose at least one technique.'));
    await page.getByText('Mobilisation', { exact: true }).click();
    await page.getByRole('alert').waitFor({ state: 'detached' });
  });

  it('marks the field that is malformed', async () => {
    await open('/discussion');
    await press('Lumbar (lower back)');
    await page.getByText('Mobilisation', { exact: true }).click();
    await page.getByLabel('Goal, in the patient’s words').fill('   ');
    await press('Start the discussion');
    await expectToSee(page.getByText(/^This (must|should) /));
    expect(await page.getByLabel('Goal, in the patient’s words').getAttribute('aria-invalid')).toBe('true');
  });

  it.each([
    ['a newer screening', () => makeScreening(clinic.practitioner, patientId)],
    ['a text that requires re-consent', () => makeDisclosure(clinic.administrator, { requiresReconsent: true })],
    [
      'a newer decision',
      async () => {
        const earlier = await makeDiscussion(clinic.practitioner, patientId);
        discussionId = await makeDiscussion(clinic.practitioner, patientId);
        await makeConsent(clinic.practitioner, earlier, { decision: 'refused' });
      },
    ],
  ])('offers none that %s overtook', async (_, overtake) => {
    await overtake();
    await open('/discussion');
    await expectToSee(page.getByRole('button', { name: 'Start the discussion', exact: true }));
    expect(await waiting().count()).toBe(0);
  });
});

describe('a discussion', () => {
  it('sets off a risk of this patient and why, keeps questions, and leads to what is missing', async () => {
    await makeScreening(
      clinic.practitioner,
      patientId,
      { osteoporosis: { answer: 'yes' } },
      { name: 'Dr Mary Grey', profession: 'physician', date: '2026-10-03', text: 'Gently.' },
    );
    const discussionId = await makeDiscussion(clinic.practitioner, patientId, {}, ['headache', 'rib_fracture']);
    await open(`/discussion/${discussionId}`);
    await page.getByText('For this patient, because of the screening: Osteoporosis').waitFor();
    await page.getByText('4 of 6 risks discussed').waitFor();
    await press('Next: Headache');
    await page.locator('h3:focus', { hasText: 'Headache' }).waitFor();

    const card = page.getByRole('article', { name: 'Headache' });
    await card.getByRole('button', { name: 'Add a question' }).click();
    await card.getByLabel('Patient’s question').fill('How long does it last?');
    await card.getByLabel('Your answer').fill('Mostly a day.');
    expect(await faultsOf(page, 'discussion-question')).toEqual([]);
    await page.context().setOffline(true);
    await card.getByRole('button', { name: 'Discussed: Headache' }).click();
    await card.getByRole('alert').getByText('The server can’t be reached.').waitFor();
    await page.context().setOffline(false);
    await card.getByRole('button', { name: 'Discussed: Headache' }).click();
    await page.locator('h3:focus', { hasText: 'Broken rib' }).waitFor();
    await card.getByText('How long does it last?').waitFor();
    await press('Next: Broken rib or other bone');
    await press('Discussed: Broken rib or other bone');
    await expectToSee(page.getByRole('link', { name: 'Go to the decision' }));
    const { body } = await clinic.practitioner.api.get(`/api/discussions/${discussionId}`);
    expect(body.risks.find(({ code }: { code: string }) => code === 'headache')).toMatchObject({
      question: 'How long does it last?',
      answer: 'Mostly a day.',
    });
  });

  it('shows how often as pictures, with words for what is rare', async () => {
    await makeScreening(clinic.practitioner, patientId);
    await open(`/discussion/${await makeDiscussion(clinic.practitioner, patientId)}`);
    await page.getByRole('img', { name: '42 in 100. The picture shows 100; 42 are marked.' }).waitFor();
    await page.getByRole('img', { name: /^33 in 100\./ }).waitFor();
    await page.getByRole('img', { name: /^None counted in 50,276\. .* none of them is marked\.$/ }).waitFor();
    await expectToSee(
      page.getByRole('img', { name: /^Fewer than 1 in 1,000,000\. .* It would take about 1,000 pictures like this, or more/ }),
    );
  });

  it('begins with a screening', async () => {
    await open('/discussion');
    await page.getByText('The patient hasn’t been screened yet.').waitFor();
    expect(await faultsOf(page, 'discussion-not-screened')).toEqual([]);
    await page.getByRole('link', { name: 'Screen the patient' }).click();
    await expectToSee(page.getByRole('heading', { name: 'Questions before spinal manipulation therapy' }));
  });
});
