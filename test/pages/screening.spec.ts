import type { Locator, Page } from 'playwright-core';
import {
  currentText,
  makeAnswers,
  makeClinic,
  makePatient,
  makeScreening,
  PASSWORD,
  type Person,
  type TestClinic,
} from '../support/make.js';
import { before, expectToSee, faultsOf, keptAfter, loseAnswer, SIZES, usePages } from '../support/pages.js';
import { makeIdle, makeMember, type Member } from '../support/visitor.js';

const pages = usePages();
let clinic: TestClinic;
let page: Page;
let patientId: string;
beforeAll(async () => {
  clinic = await makeClinic(pages.server);
});
beforeEach(async () => {
  patientId = await makePatient(clinic.practitioner);
});

const path = (search = '') => `/patients/${patientId}/screening${search}`;

async function open(as: Pick<Person, 'token'> = clinic.practitioner, search = '', size?: (typeof SIZES)[number]): Promise<void> {
  page = await pages.open(path(search), { as, size });
}

const press = (name: string) => page.getByRole('button', { name, exact: true }).click();
const question = (text: string): Locator => page.getByRole('radiogroup', { name: text });
const answer = (text: string, name: 'Yes' | 'No' | 'Not sure') =>
  question(text).getByRole('radio', { name, exact: true }).check({ force: true });
const groups = () => page.getByRole('radiogroup');

/** Each by itself. */
async function answerAll(name: 'No' = 'No'): Promise<void> {
  await groups().first().waitFor();
  for (const group of await groups().all()) await group.getByRole('radio', { name, exact: true }).check({ force: true });
}

async function screenings(): Promise<{ id: string; outcome: string; answers: { code: string; answer: string }[] }[]> {
  return (await clinic.practitioner.api.get(`/api/patients/${patientId}/screenings`)).body.items;
}

describe('the questions', () => {
  it('are each asked, show how far one is, and lead to the next one missing', async () => {
    await open();
    await page.getByText('0 of 12 answered').waitFor();
    expect(await faultsOf(page, 'screening-questions')).toEqual([]);
    await press('Go to the next question');
    await groups().first().locator('input:focus').waitFor({ state: 'attached' });
    await page.keyboard.press('ArrowRight');
    await page.getByText('1 of 12 answered').waitFor();
    await expectToSee(groups().first().locator('input[value=no]:checked'));
    expect(await screenings()).toEqual([]);
  });

  it('of a kind can be denied together, which changes no answer and names those that it gives', async () => {
    await open();
    await page.getByText('0 of 12 answered').waitFor();
    await groups().nth(1).getByRole('radio', { name: 'Not sure' }).check({ force: true });
    await press('Answer no to 1, 3, and 4');
    await page.getByText('4 of 12 answered').waitFor();
    await groups().nth(4).locator('input:focus').waitFor({ state: 'attached' });
    await press('Undo no to 1, 3, and 4');
    await page.getByText('1 of 12 answered').waitFor();
    await groups().first().locator('input:focus').waitFor({ state: 'attached' });
    expect(await groups().nth(1).getByRole('radio', { name: 'Not sure' }).isChecked()).toBe(true);
    await press('Answer no to 1, 3, and 4');
    await groups().nth(2).getByRole('radio', { name: 'Not sure' }).check({ force: true });
    await press('Undo no to 1 and 4');
    expect(await groups().nth(2).getByRole('radio', { name: 'Not sure' }).isChecked()).toBe(true);
    await groups().nth(2).getByRole('radio', { name: 'No', exact: true }).check({ force: true });
    await press('Answer no to 1 and 4');
    await press('Answer no to 5, 6, 7, and 8');
    await press('Answer no to 9, 10, 11, and 12');
    await press('Record the screening');
    await page.getByRole('heading', { name: 'Screening result' }).waitFor();
    const [recorded] = await screenings();
    expect(recorded?.answers.filter(({ answer }) => answer !== 'no')).toMatchObject([{ answer: 'unsure' }]);
    expect(recorded?.answers).toHaveLength(12);
  });

  it('are answered with the keyboard alone', async () => {
    await open();
    await page.getByText('0 of 12 answered').waitFor();
    for (let left = 12; left > 0; left -= 1) {
      await page.getByRole('button', { name: 'Go to the next question' }).focus();
      await page.keyboard.press('Enter');
      await page.keyboard.press('ArrowRight');
      await page.getByText(`${13 - left} of 12 answered`).waitFor();
    }
    await page.getByRole('button', { name: 'Record the screening' }).focus();
    await page.keyboard.press('Enter');
    await page.getByText('No contraindications found').waitFor();
    expect(await screenings()).toMatchObject([{ outcome: 'cleared' }]);
  });

  it('are recorded once by a double tap, and the address shows what was found', async () => {
    await open();
    await answerAll();
    await page.getByRole('button', { name: 'Record the screening' }).dblclick();
    await page.getByText('No contraindications found').waitFor();
    expect(await faultsOf(page, 'screening-cleared')).toEqual([]);
    const [recorded, ...others] = await screenings();
    expect(others).toEqual([]);
    expect(new URL(page.url()).searchParams.get('screening')).toBe(recorded?.id);
    await page.reload();
    await page.getByText('No contraindications found').waitFor();
    await page.getByRole('link', { name: 'Discuss the risks' }).click();
    await page.getByRole('heading', { name: 'New consent discussion' }).waitFor();
    await page.goBack();
    await expectToSee(page.getByText('No contraindications found'));
  });

  it('show what was answered last time', async () => {
    await makeScreening(clinic.practitioner, patientId, { osteoporosis: { answer: 'unsure' } });
    await open();
    await page.getByText(/^Last time: not sure, /).waitFor();
    expect(await page.getByText(/^Last time: no, /).count()).toBe(11);
  });

  it('ask for regions only where the questionnaire wants them, and say at once what is urgent', async () => {
    await open();
    await answerAll();
    expect(await page.getByRole('group', { name: /Where\?/ }).count()).toBe(0);
    await answer('broken bone', 'Yes');
    await page
      .getByRole('group', { name: /Where\?/ })
      .getByRole('button', { name: 'Thoracic' })
      .click();
    await answer('saddle', 'Not sure');
    await page.getByRole('alert').getByText('This is an emergency').waitFor();
    expect(await faultsOf(page, 'screening-details')).toEqual([]);
    await press('Record the screening');
    await page.getByText('Not cleared: no region may be treated.').waitFor();
    await page.getByText('Go to an emergency department now.').waitFor();
    expect(await faultsOf(page, 'screening-referred')).toEqual([]);
    expect((await screenings())[0]?.answers.find(({ code }) => code === 'fracture_or_dislocation')).toMatchObject({
      answer: 'yes',
      regions: ['thoracic'],
    });
    expect(await page.getByRole('link', { name: 'Discuss the risks' }).count()).toBe(0);
  });

  it('take medical advice on what it can clear, whole or not at all', async () => {
    await open();
    await answerAll();
    await answer('osteoporosis', 'Yes');
    await page.getByLabel('Medical advice has been given').check();
    await press('Complete the medical advice');
    await page.locator('#advice input:focus').waitFor();
    await page.getByLabel('Name of the adviser').fill('Dr Mary Grey');
    await page.getByLabel('Their profession').fill('general practitioner');
    await page.getByRole('textbox', { name: 'Date of the advice', exact: true }).fill('2026-10-03');
    await page.getByLabel('Advice given').fill('Gentle techniques only.');
    expect(await faultsOf(page, 'screening-advice')).toEqual([]);
    // Another day than the one that is read there isn't recorded.
    await page.getByRole('textbox', { name: 'Date of the advice', exact: true }).fill('31/02/2025');
    await press('Record the screening');
    await page
      .locator('#advice input:focus')
      .and(page.getByRole('textbox', { name: 'Date of the advice', exact: true }))
      .waitFor();
    expect(await screenings()).toEqual([]);
    await page.getByRole('textbox', { name: 'Date of the advice', exact: true }).fill('2026-10-03');
    await press('Record the screening');
    await page.getByText('All regions cleared, with precautions.').waitFor();
    await page.getByText('Accepted on medical advice from Dr Mary Grey').waitFor();
    await page.getByText('The findings add one risk').waitFor();
    expect(await faultsOf(page, 'screening-precautions')).toEqual([]);
  });
});

describe('what is filled in', () => {
  let member: Member;
  beforeEach(async () => {
    member = await makeMember(pages.server, clinic, { role: 'practitioner' });
    await open({ token: member.visitor.cookies.get('assent') ?? '' });
    await answerAll();
  });

  it('survives a lost network, and is recorded once though its answer was lost', async () => {
    await page.context().setOffline(true);
    await press('Record the screening');
    await page.getByRole('alert').getByText('The server can’t be reached.').waitFor();
    await page.context().setOffline(false);
    await loseAnswer(page, '**/screenings');
    await press('Record the screening');
    await page.getByRole('alert').getByText('The server can’t be reached.').waitFor();
    await press('Record the screening');
    await page.getByText('No contraindications found').waitFor();
    expect(await screenings()).toHaveLength(1);
  });

  it('survives a lock and another page', async () => {
    await page.getByRole('link', { name: 'Rosa García' }).click();
    await page.waitForURL(new RegExp(`/patients/${patientId}$`));
    await page.goBack();
    await page.getByText('12 of 12 answered').waitFor();
    await before(page, '**/screenings', () => makeIdle(pages.server, member));
    await press('Record the screening');
    await page.getByRole('dialog').getByLabel('Password', { exact: true }).fill(PASSWORD);
    await page.getByRole('dialog').getByRole('button', { name: 'Unlock' }).click();
    await page.getByText('No contraindications found').waitFor();
    expect(await screenings()).toHaveLength(1);
  });
});

it('says that a newer questionnaire is published, and keeps the answers', async () => {
  const fresh = await makeClinic(pages.server);
  patientId = await makePatient(fresh.practitioner);
  await open(fresh.practitioner);
  await answerAll();
  const text = await currentText(fresh.administrator, 'questionnaires');
  await fresh.administrator.api.post('/api/questionnaires', { ...text, title: 'Newer questions' });
  await press('Record the screening');
  await page.getByRole('alert').getByText('A newer version of this questionnaire is published.').waitFor();
  await press('Load the new version');
  await page.getByRole('heading', { name: 'Newer questions' }).waitFor();
  await press('Record the screening');
  await expectToSee(page.getByText('No contraindications found'));
});

describe('a second practitioner’s approval', () => {
  let search: string;
  beforeEach(async () => {
    const id = await makeScreening(clinic.practitioner, patientId, {
      earlier_reaction: { answer: 'yes' },
      cervical_arterial_warning: { answer: 'yes' },
    });
    search = `?screening=${id}`;
  });

  it('clears what waits, and not what is barred', async () => {
    await open(clinic.colleague, search);
    await page.getByText('Screening on hold').waitFor();
    expect(await page.getByText('Needs advice or approval').count()).toBe(4);
    expect(await faultsOf(page, 'screening-waiting')).toEqual([]);
    await keptAfter(page, () => page.getByLabel('Why these findings can be accepted').fill('Mild soreness years ago.'));
    await page.reload();
    await page.getByText('Screening on hold').waitFor();
    expect(await page.getByLabel('Why these findings can be accepted').inputValue()).toBe('Mild soreness years ago.');
    await press('Approve with precautions');
    await page.getByText('Approved by a second practitioner').waitFor();
    await page.getByText('Cleared with precautions: Thoracic').waitFor();
    expect(await page.getByText('Contraindicated', { exact: true }).count()).toBe(1);
    expect(await faultsOf(page, 'screening-approved')).toEqual([]);
  });

  it('isn’t offered to who screened, nor to an administrator', async () => {
    await open(clinic.practitioner, search);
    await page.getByText('another practitioner must approve').waitFor();
    expect(await page.getByLabel('Why these findings can be accepted').count()).toBe(0);
    await pages.close();
    await open(clinic.administrator, search);
    await page.getByText('A practitioner other than the one who screened').waitFor();
    expect(await page.getByRole('link', { name: 'Screen again' }).count()).toBe(0);
  });

  it('says that the patient was screened again since', async () => {
    await clinic.practitioner.api.post(`/api/patients/${patientId}/screenings`, await makeAnswers(clinic.practitioner));
    await open(clinic.colleague, search);
    await page.getByText('The patient has been screened again since.').waitFor();
    expect(await page.getByRole('button', { name: 'Approve with precautions' }).count()).toBe(0);
  });
});

it('isn’t for a receptionist', async () => {
  await open(clinic.receptionist);
  await page.getByText('Only practitioners can screen patients.').waitFor();
  expect(await faultsOf(page, 'screening-not-yours')).toEqual([]);
});

it('has targets for fingers', async () => {
  await open(clinic.practitioner, '', SIZES[3]);
  await groups().first().waitFor();
  const heights = await page.evaluate<number[]>(
    `[...document.querySelectorAll('[role=radiogroup] label, main button')].map((target) => target.getBoundingClientRect().height)`,
  );
  expect(Math.min(...heights)).toBeGreaterThanOrEqual(44);
});
