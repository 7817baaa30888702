import type { Locator, Page } from 'playwright-core';
import { makeClinic, PASSWORD, type TestClinic } from '../support/make.js';
import { SIZES, takePicture, usePages } from '../support/pages.js';
import { makeMember, type Member } from '../support/visitor.js';

const pages = usePages();
let clinic: TestClinic;
let member: Member;
let page: Page;
/** Where fingers go, and how often, besides typing and the signature. */
let taps: Map<string, number>;
let stage: string;
beforeAll(async () => {
  clinic = await makeClinic(pages.server);
  member = await makeMember(pages.server, clinic, { role: 'practitioner' });
});

async function tap(what: Locator): Promise<void> {
  taps.set(stage, (taps.get(stage) ?? 0) + 1);
  await what.tap();
}

/** What is in sight before the tap that ends a stage: docs/FLOW.md shows it. */
const picture = () => takePicture(page, `flow-${stage}`, false);

const button = (name: string | RegExp) => page.getByRole('button', { name, exact: true });
const link = (name: string) => page.getByRole('link', { name, exact: true });
const label = (text: string) => page.locator('label', { hasText: text });

async function register(): Promise<void> {
  stage = 'registration';
  await tap(page.getByRole('link', { name: 'Register a patient' }).first());
  await page.getByLabel('Given name').fill('Ana');
  await page.getByLabel('Family name').fill('Souza');
  await page.getByLabel('Birth date').fill('1978-10-02');
  await picture();
  await tap(button('Register and screen'));
}

async function screen(): Promise<void> {
  stage = 'screening';
  for (const questions of ['1, 2, 3, and 4', '5, 6, 7, and 8', '9, 10, 11, and 12']) await tap(button(`Answer no to ${questions}`));
  await picture();
  await tap(button('Record the screening'));
}

async function discuss(): Promise<void> {
  stage = 'discussion';
  await tap(link('Discuss the risks'));
  await page.getByLabel('Goal, in the patient’s words').fill('Turn the head further.');
  await tap(button('Cervical (neck)'));
  await tap(label('Mobilisation'));
  await tap(button('Start the discussion'));
  for (let done = 1; done <= 5; done += 1) {
    await tap(page.getByRole('button', { name: /^Discussed: / }).first());
    await page.getByText(`${done} of 5 risks discussed`).waitFor();
  }
  await picture();
  await tap(link('Go to the decision'));
}

async function decide(): Promise<void> {
  stage = 'hand-over';
  await button('Confirm, lock and hand over').waitFor();
  await picture();
  await tap(button('Confirm, lock and hand over'));
  stage = 'patient';
  await page.getByRole('heading', { name: 'Hello Ana Souza' }).waitFor();
  for (let step = 0; step < 2; step += 1) await tap(button('Next'));
  await tap(button(/^Yes, I agree/));
  await page.getByLabel('What I understood').fill('I may be sore, and in rare cases have a stroke.');
  await sign();
  await picture();
  await tap(button('Sign and agree'));
  await tap(button('Staff: unlock'));
  stage = 'unlocking';
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await picture();
  await tap(button('Unlock'));
}

async function sign(): Promise<void> {
  const box = await page.locator('canvas').boundingBox();
  if (!box) throw new Error('There is nowhere to sign.');
  await page.mouse.move(box.x + 30, box.y + 60);
  await page.mouse.down();
  await page.mouse.move(box.x + 160, box.y + 20, { steps: 8 });
  await page.mouse.up();
}

async function start(): Promise<void> {
  stage = 'start';
  await tap(page.getByRole('radio', { name: 'No, nothing has changed' }));
  await picture();
  await tap(button('Yes, start the session'));
  await page.getByRole('heading', { name: /^Session in progress, started/ }).waitFor();
}

describe('from a new patient to the session', () => {
  it('is done with 25 taps', async () => {
    taps = new Map();
    page = await pages.open('/patients', { as: member, size: SIZES[2] });
    await register();
    await screen();
    await discuss();
    await decide();
    await start();
    // docs/FLOW.md has this list.
    expect(Object.fromEntries(taps)).toEqual({
      registration: 2,
      screening: 4,
      discussion: 10,
      'hand-over': 1,
      patient: 5,
      unlocking: 1,
      start: 2,
    });
    expect([...taps.values()].reduce((sum, count) => sum + count)).toBe(25);
    const [patient] = (await clinic.practitioner.api.get('/api/patients?query=Souza')).body.items;
    const sessions = (await clinic.practitioner.api.get(`/api/patients/${patient.id}/sessions`)).body.items;
    expect(sessions).toMatchObject([{ endedAt: null }]);
  });
});
