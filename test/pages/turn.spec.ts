import type { Page } from 'playwright-core';
import {
  makeClinic,
  makeDisclosure,
  makeDiscussion,
  makePatient,
  makeRepresentative,
  makeScreening,
  PASSWORD,
  signIn,
  type TestClinic,
} from '../support/make.js';
import { expectToSee, faultsOf, keptAfter, loseAnswer, SIZES, usePages } from '../support/pages.js';
import { asSuperuser } from '../support/sql.js';
import { startSso, useProvider } from '../support/sso.js';
import { makeMember, type Member } from '../support/visitor.js';

const TABLET = SIZES[2];
const UNDERSTOOD = 'I may be sore, and in rare cases have a stroke. I could also do exercises.';

const pages = usePages();
let clinic: TestClinic;
let member: Member;
let page: Page;
let patientId: string;
beforeAll(async () => {
  clinic = await makeClinic(pages.server);
});
beforeEach(async () => {
  member = await makeMember(pages.server, clinic, { role: 'practitioner' });
  patientId = await makePatient(clinic.practitioner);
});

async function open(path: string, prepare?: (page: Page) => Promise<unknown>): Promise<void> {
  page = await pages.open(`/patients/${patientId}${path}`, { as: member, size: TABLET, prepare });
}

const press = (name: string) => page.getByRole('button', { name, exact: true }).click();
const heading = (name: string) => page.getByRole('heading', { name, exact: true }).waitFor();
const choose = (name: string) => page.getByRole('button', { name: new RegExp(`^${name}`) }).click();
/** Where a practitioner comes to once consent is given. */
const given = () => page.waitForURL(/\/session$/);
const decisions = async () =>
  (await clinic.practitioner.api.get(`/api/patients/${patientId}/consents`)).body.items as Record<string, unknown>[];

/** A patient who was screened and told everything, and the page from which the tablet is handed over. */
async function openTurn({ screened = {}, values = {}, leaveOut = [] as string[] } = {}): Promise<string> {
  await makeScreening(clinic.practitioner, patientId, screened);
  const discussionId = await makeDiscussion(clinic.practitioner, patientId, values, leaveOut);
  await open(`/discussion/${discussionId}/turn`);
  return discussionId;
}

async function handOver({ witness = false } = {}): Promise<void> {
  if (witness) await page.getByLabel('A witness signs too').check();
  await press('Confirm, lock and hand over');
}

/** From the first screen to the decision. */
async function readOn(next = 'Next'): Promise<void> {
  for (let step = 0; step < 2; step += 1) await press(next);
}

async function draw(): Promise<void> {
  const box = await page.locator('canvas').boundingBox();
  if (!box) throw new Error('There is nowhere to sign.');
  await page.mouse.move(box.x + 30, box.y + 60);
  await page.mouse.down();
  for (const [x, y] of [
    [60, 20],
    [90, 90],
    [130, 40],
    [200, 70],
  ] as const)
    await page.mouse.move(box.x + x, box.y + y, { steps: 4 });
  await page.mouse.up();
}

async function sayYes(choice = 'Yes, I agree to all of it'): Promise<void> {
  await choose(choice);
  await page.getByLabel('What I understood').fill(UNDERSTOOD);
}

async function unlock(button = 'Staff: unlock'): Promise<void> {
  await press(button);
  await heading('Locked');
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await press('Unlock');
}

describe('the whole way', () => {
  it('leads from the screening to consent, with each risk marked as it is spoken', async () => {
    await open('/screening');
    await page.getByRole('radiogroup').first().waitFor();
    for (const group of await page.getByRole('radiogroup').all())
      await group.getByRole('radio', { name: 'No', exact: true }).check({ force: true });
    await press('Record the screening');
    await page.getByRole('link', { name: 'Discuss the risks' }).click();

    await heading('New consent discussion');
    await page.getByLabel('Goal, in the patient’s words').fill('Turn the head further.');
    await press('Start the discussion');
    await page.getByRole('alert').getByText('Choose at least one region.').waitFor();
    await press('Cervical (neck)');
    await press('Lumbar (lower back)');
    await page.getByRole('checkbox', { name: 'Mobilisation' }).check({ force: true });
    await press('Start the discussion');

    await page.getByText('0 of 5 risks discussed').waitFor();
    for (let done = 1; done <= 5; done += 1) {
      await page
        .getByRole('button', { name: /^Discussed: / })
        .first()
        .click();
      await page.getByText(`${done} of 5 risks discussed`).waitFor();
    }
    await page.getByRole('link', { name: 'Go to the decision' }).click();

    await heading('Hand over the tablet');
    await handOver();

    await heading('Hello Rosa García');
    expect(await page.getByRole('link').count()).toBe(0);
    expect(await page.getByRole('navigation').count()).toBe(0);
    await readOn();
    const sizes = await Promise.all(
      [/^Yes, I agree to all of it/, /^No, I do not agree/].map((name) => page.getByRole('button', { name }).boundingBox()),
    );
    expect(sizes[0]).toMatchObject({ width: sizes[1]?.width, height: sizes[1]?.height });
    await choose('Yes, I agree to all of it');
    await heading('Your signature');
    await press('Sign and agree');
    await page.getByRole('alert').getByText('Please sign in the box.').waitFor();
    await draw();
    await press('Sign and agree');
    await page.getByRole('alert').getByText('Please write a few words.').waitFor();
    await page.getByLabel('What I understood').fill(UNDERSTOOD);
    await page.getByRole('button', { name: 'Sign and agree' }).dblclick();

    await heading('Thank you, Rosa García');
    expect(await decisions()).toEqual([]);
    await press('Staff: unlock');
    await heading('Locked');
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await page.getByRole('button', { name: 'Unlock' }).dblclick();

    await page.getByText('Consent given.').waitFor();
    await given();
    const [consent, ...others] = await decisions();
    expect(others).toEqual([]);
    expect(consent).toMatchObject({ decision: 'given', regions: ['cervical', 'lumbar'], teachBack: UNDERSTOOD, capacityConfirmed: true });
    const { body } = await clinic.practitioner.api.get(`/api/consents/${String(consent?.['id'])}`);
    expect(body.signature).toMatchObject({
      name: 'Rosa García',
      strokes: [expect.arrayContaining([[expect.any(Number), expect.any(Number), 0]])],
    });
  });
});

describe('a machine finds no fault', () => {
  it('where the tablet is handed over', async () => {
    await openTurn();
    await page.getByText('By handing over, you confirm').waitFor();
    expect(await faultsOf(page, 'turn-hand-over')).toEqual([]);
  });

  it('in what the decider reads', async () => {
    await openTurn();
    await handOver();
    await heading('Hello Rosa García');
    expect(await faultsOf(page, 'turn-about')).toEqual([]);
    await press('Next');
    expect(await faultsOf(page, 'turn-risks')).toEqual([]);
  });

  it('from the decision to its record', async () => {
    await openTurn();
    await handOver();
    await readOn();
    await heading('What do you decide?');
    expect(await faultsOf(page, 'turn-decide')).toEqual([]);
    await sayYes();
    await draw();
    expect(await faultsOf(page, 'turn-sign')).toEqual([]);
    await press('Sign and agree');
    expect(await faultsOf(page, 'turn-done')).toEqual([]);
    await press('Staff: unlock');
    await heading('Locked');
    expect(await faultsOf(page, 'turn-unlock')).toEqual([]);
  });
});

describe('the decider’s turn', () => {
  it('records a no as easily, with the same steps', async () => {
    await openTurn();
    await handOver();
    await readOn();
    await choose('No, I do not agree');
    await heading('You have decided not to go ahead');
    expect(await faultsOf(page, 'turn-refuse')).toEqual([]);
    await press('Confirm my decision');
    await unlock();
    await page.getByText('The patient said no').waitFor();
    expect(await faultsOf(page, 'discussion-refused')).toEqual([]);
    expect(await decisions()).toMatchObject([{ decision: 'refused', regions: [] }]);
  });

  it('records a part, of those regions that can be chosen', async () => {
    await openTurn({
      screened: { cervical_arterial_warning: { answer: 'yes' } },
      values: { regions: ['cervical', 'thoracic', 'lumbar'] },
    });
    await handOver();
    await readOn();
    await choose('Yes, to some of it');
    await press('Next');
    await page.getByRole('alert').getByText('Please choose at least one part').waitFor();
    expect(await page.getByRole('button', { name: /^Neck/ }).isDisabled()).toBe(true);
    expect(await faultsOf(page, 'turn-part')).toEqual([]);
    await press('Lower back');
    await press('Next');
    await page.getByLabel('What I understood').fill(UNDERSTOOD);
    await draw();
    await press('Sign and agree');
    await unlock();
    await given();
    expect(await decisions()).toMatchObject([{ decision: 'given', regions: ['lumbar'] }]);
  });

  it('stays where it is when the decider goes back', async () => {
    await makeScreening(clinic.practitioner, patientId);
    await open(`/discussion/${await makeDiscussion(clinic.practitioner, patientId)}`);
    await page.getByRole('link', { name: 'Go to the decision' }).click();
    await handOver();
    await heading('Hello Rosa García');
    await page.evaluate('history.back()');
    await press('Next');
    await heading('Possible risks');
    expect(page.url()).toMatch(/\/turn$/);
  });

  it('only takes a no while a risk wasn’t discussed', async () => {
    await openTurn({ leaveOut: ['stroke'] });
    await page.getByText('One risk has not been discussed yet.').waitFor();
    expect(await page.getByText('By handing over, you confirm').count()).toBe(0);
    await press('Lock and hand over');
    await readOn();
    await page.getByText('Not all the risks have been discussed yet').waitFor();
    expect(await page.getByRole('group', { name: 'What do you decide?' }).getByRole('button').count()).toBe(1);
    await choose('No, I do not agree');
    await press('Confirm my decision');
    await unlock();
    await page.getByText('The patient said no').waitFor();
    // Nobody said that these were so.
    expect(await decisions()).toMatchObject([
      { decision: 'refused', capacityConfirmed: false, alternativesDiscussed: false, rightToWithdrawTold: false },
    ]);
  });

  it('goes back to the practitioner with a question, and on from the same place', async () => {
    const discussionId = await openTurn();
    await handOver();
    await press('Next');
    await press('I have a question');
    await page.getByLabel('My question').fill('Can I drive afterwards?');
    expect(await faultsOf(page, 'turn-ask')).toEqual([]);
    await press('Ask my practitioner');
    await heading('Please give the tablet to your practitioner');
    await unlock();
    await heading('You have the tablet back');
    await page.getByText('Can I drive afterwards?', { exact: true }).first().waitFor();
    await page.getByRole('combobox', { name: 'Risk it concerns' }).click();
    await page.getByRole('option', { name: 'Headache' }).click();
    await page.getByLabel('Your answer').fill('Yes, unless you feel dizzy.');
    expect(await faultsOf(page, 'turn-asked')).toEqual([]);
    await press('Save the question');
    await page.getByLabel('Your answer').waitFor({ state: 'detached' });
    await press('Lock and hand back');
    await heading('Possible risks');
    expect(await member.visitor.state()).not.toBe('full');
    const { body } = await clinic.practitioner.api.get(`/api/discussions/${discussionId}`);
    expect(body.risks.find(({ code }: { code: string }) => code === 'headache')).toMatchObject({
      question: 'Can I drive afterwards?',
      answer: 'Yes, unless you feel dizzy.',
    });
  });

  it('keeps the decision when the network fails, and records it once though the answer was lost', async () => {
    await openTurn();
    await handOver();
    await readOn();
    await sayYes();
    await page.getByLabel('I cannot draw').check();
    await press('Sign and agree');
    await page.route('**/consent', (route) => route.abort('internetdisconnected'), { times: 1 });
    await unlock();
    await heading('The decision isn’t recorded yet');
    await page.getByRole('alert').getByText('The server can’t be reached.').waitFor();
    expect(await faultsOf(page, 'turn-not-recorded')).toEqual([]);
    await loseAnswer(page, '**/consent');
    await press('Try again');
    await page.getByRole('button', { name: 'Try again' }).and(page.locator(':not([data-loading])')).waitFor();
    await press('Try again');
    await given();
    const [consent, ...others] = await decisions();
    expect(others).toEqual([]);
    const { body } = await clinic.practitioner.api.get(`/api/consents/${String(consent?.['id'])}`);
    expect(body.signature).toEqual({ name: 'Rosa García', strokes: [] });
  });

  it('can be changed until the tablet is given back', async () => {
    await openTurn();
    await handOver();
    await readOn();
    await sayYes();
    await draw();
    await press('Sign and agree');
    await press('Change my decision');
    await choose('No, I do not agree');
    await press('Confirm my decision');
    await unlock();
    await page.getByText('The patient said no').waitFor();
    expect(await decisions()).toMatchObject([{ decision: 'refused' }]);
  });

  it('is a representative’s and a witness’s too', async () => {
    const id = await makeRepresentative(clinic.practitioner, patientId);
    await openTurn();
    await page.getByRole('radio', { name: /^Lucía García/ }).check({ force: true });
    await page.waitForURL(`**/turn?decider=${id}`);
    await handOver({ witness: true });
    await heading('Hello Lucía García');
    await page.getByText('You decide for Rosa García.').waitFor();
    await readOn();
    await sayYes();
    await draw();
    await press('Sign and agree');
    await heading('For the witness');
    expect(await faultsOf(page, 'turn-witness')).toEqual([]);
    await page.getByLabel('Your name').fill('Wilma Witness');
    await draw();
    await press('Sign as a witness');
    await unlock();
    await given();
    const [consent] = await decisions();
    expect(consent).toMatchObject({ decidedBy: { kind: 'representative', id }, capacityConfirmed: false });
    const { body } = await clinic.practitioner.api.get(`/api/consents/${String(consent?.['id'])}`);
    expect(body.witness).toMatchObject({ name: 'Wilma Witness', strokes: [expect.any(Array)] });
  });

  it('shows the server’s refusal with its remedy, and the decision can be given up', async () => {
    await openTurn();
    await handOver();
    await readOn();
    await sayYes();
    await draw();
    await press('Sign and agree');
    await makeDisclosureInBetween();
    await unlock();
    await page.getByRole('alert').getByText('The information that must be discussed has changed since the consent was given.').waitFor();
    await page.getByRole('alert').getByText('Start a new discussion, discuss every risk').waitFor();
    await press('Discard it');
    await page.getByRole('dialog').getByRole('button', { name: 'Discard it' }).click();
    await heading('Consent discussion');
    expect(await decisions()).toEqual([]);
  });

  /** In a clinic of its own it would touch nobody; here the later tests begin discussions on the newer one. */
  const makeDisclosureInBetween = () => makeDisclosure(clinic.administrator, { requiresReconsent: true });
});

describe('what the decider can reach', () => {
  beforeEach(async () => {
    await openTurn();
    await handOver();
    await heading('Hello Rosa García');
  });

  it('is nothing at the server', async () => {
    const status = await page.evaluate<number>(`fetch('/api/patients').then(({ status }) => status)`);
    expect(status).toBe(401);
  });

  it.each(['/', '/patients', '/account'])('is the lock at %s', async (path) => {
    await page.goto(pages.server.url + path);
    await heading('Locked');
    expect(await page.getByRole('navigation').count()).toBe(0);
    expect(await page.getByText('Rosa').count()).toBe(0);
  });

  it('is the lock after a reload, and after the next hand-over where they were', async () => {
    await readOn();
    await choose('Yes, to some of it');
    await keptAfter(page, () => press('Neck'));
    await page.reload();
    await unlockAgain();
    await heading('Hand over the tablet');
    await page.getByText('Rosa García continues where they left off.').waitFor();
    await handOver();
    await heading('What do you decide?');
    expect(await page.getByRole('button', { name: 'Neck', exact: true }).getAttribute('aria-pressed')).toBe('true');
  });

  it('is no decision that a reload cut off, which waits for the practitioner', async () => {
    await readOn();
    await sayYes();
    await draw();
    await keptAfter(page, () => press('Sign and agree'));
    await heading('Thank you, Rosa García');
    await page.reload();
    await unlockAgain();
    await page.getByText('Rosa García agreed to: ').waitFor();
    expect(await faultsOf(page, 'turn-cut-off')).toEqual([]);
    await press('Discard it');
    await page.getByRole('dialog', { name: 'Discard the decision?' }).getByRole('button', { name: 'Cancel' }).click();
    expect(await decisions()).toEqual([]);
    await press('Record the decision');
    await given();
    expect(await decisions()).toMatchObject([{ decision: 'given', teachBack: UNDERSTOOD }]);
    expect(await page.evaluate('sessionStorage.getItem("assent.drafts")')).not.toMatch(/sore|Rosa/);
  });

  it('is no decision while the practitioner unlocks by single sign-on, which leaves the page', async () => {
    const { provider } = await startSso(pages.server);
    await useProvider(clinic, provider);
    await readOn();
    await sayYes();
    await draw();
    await keptAfter(page, () => press('Sign and agree'));
    await asSuperuser(pages.server, `UPDATE auth.session SET methods = 'provider' WHERE staff_id = $1`, [member.id]);
    await page.reload();
    await heading('Locked');
    // What the provider does isn't this test's: here is who comes back from it.
    await page.route('**/api/auth/sso/*', (route) => route.abort());
    await page.getByRole('link', { name: 'Confirm with your provider' }).click();
    const { token } = await signIn(pages.server, member.id, 'provider');
    await page.context().addCookies([{ name: 'assent', value: token, url: pages.server.url }]);
    await page.goto(pages.server.url);
    await press('Record the decision');
    await given();
    expect(await decisions()).toMatchObject([{ decision: 'given', teachBack: UNDERSTOOD }]);
    await provider.stop();
  });

  it('is no question that a reload cut off', async () => {
    await press('I have a question');
    await page.getByLabel('My question').fill('Can I drive afterwards?');
    await keptAfter(page, () => press('Ask my practitioner'));
    await heading('Please give the tablet to your practitioner');
    await page.reload();
    await unlockAgain();
    await press('Go to the question');
    await page.getByText('Can I drive afterwards?', { exact: true }).first().waitFor();
    await press('Lock and hand back');
    await expectToSee(page.getByRole('heading', { name: 'Hello Rosa García' }));
  });

  const unlockAgain = async () => {
    await heading('Locked');
    expect(await page.getByText('Rosa').count()).toBe(0);
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await press('Unlock');
  };

  it('is nothing of the practitioner’s for somebody else who signs in', async () => {
    const other = await makeMember(pages.server, clinic);
    await readOn();
    await choose('No, I do not agree');
    await press('Confirm my decision');
    await press('Staff: unlock');
    await heading('Locked');
    await page.evaluate(
      `fetch('/api/auth/sign-out', { method: 'POST' })
        .then(() => fetch('/api/auth/sign-in', { method: 'POST', headers: { 'content-type': 'application/json' }, body: ${JSON.stringify(
          JSON.stringify({ email: other.email, password: PASSWORD }),
        )} }))
        .then(() => new BroadcastChannel('assent').postMessage('login'))`,
    );
    await page.getByRole('heading', { name: /^Hello, / }).waitFor();
    expect(await decisions()).toEqual([]);
  });
});

describe('for whoever sees or hears badly', () => {
  it('letters grow, and nothing is lost beside the screen', async () => {
    await openTurn();
    await handOver();
    await heading('Hello Rosa García');
    for (let size = 0; size < 3; size += 1) await press('Larger text');
    expect(await page.getByRole('button', { name: 'Larger text' }).isDisabled()).toBe(true);
    expect(await faultsOf(page, 'turn-large')).toEqual([]);
    await press('Smaller text');
    await readOn();
    expect(await faultsOf(page, 'turn-large-decide')).toEqual([]);
  });

  it('text is read aloud where the device has a voice of its own', async () => {
    await makeScreening(clinic.practitioner, patientId);
    const discussionId = await makeDiscussion(clinic.practitioner, patientId);
    await open(`/discussion/${discussionId}/turn`, (page) =>
      page.addInitScript(`
        const said = [];
        Object.assign(globalThis, { said });
        Object.defineProperty(globalThis, 'speechSynthesis', { value: {
          getVoices: () => [{ name: 'Far', lang: 'en-US', localService: false }, { name: 'Near', lang: 'en-GB', localService: true }],
          speak: (utterance) => said.push(utterance.voice.name + ': ' + utterance.text), cancel() {}, addEventListener() {}, removeEventListener() {} } });
        globalThis.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } addEventListener() {} };`),
    );
    await handOver();
    await heading('Hello Rosa García');
    await press('Read aloud');
    await page.getByRole('button', { name: 'Stop reading' }).waitFor();
    expect(await page.evaluate<string[]>('said')).toEqual(
      expect.arrayContaining(['Near: Hello Rosa García', 'Near: Your proposed treatment']),
    );
  });
});

describe('in Spanish', () => {
  it('the turn is in the patient’s language once a Spanish disclosure is published', async () => {
    const own = await makeClinic(pages.server);
    member = await makeMember(pages.server, own, { role: 'practitioner' });
    patientId = await makePatient(own.practitioner, { preferredLanguage: 'es' });
    await makeScreening(own.practitioner, patientId);
    await makeDisclosure(own.administrator, { language: 'es', title: 'Antes de decidir', introduction: 'En qué consiste la terapia.' });
    await open('/discussion');
    await press('Lumbar (lower back)');
    await page.getByRole('checkbox', { name: 'Mobilisation' }).check({ force: true });
    await page.getByLabel('Goal, in the patient’s words').fill('Menos dolor.');
    expect(await page.getByRole('combobox', { name: 'Language of the text' }).inputValue()).toBe('Spanish');
    await press('Start the discussion');
    await page.getByText('0 of 5 risks discussed').waitFor();
    for (let done = 1; done <= 5; done += 1) {
      await page
        .getByRole('button', { name: /^Discussed: / })
        .first()
        .click();
      await page.getByText(`${done} of 5 risks discussed`).waitFor();
    }
    await page.getByRole('link', { name: 'Go to the decision' }).click();
    await handOver();
    await heading('Hola, Rosa García');
    await page.getByText('En qué consiste la terapia.').waitFor();
    expect(await faultsOf(page, 'turn-spanish')).toEqual([]);
    await readOn('Siguiente');
    await choose('Sí, acepto');
    await page.getByLabel('Lo que he entendido').fill('Puedo tener dolor.');
    await draw();
    await press('Firmar y aceptar');
    await heading('Gracias, Rosa García');
    await unlock('Personal: desbloquear');
    await given();
    const { body } = await own.practitioner.api.get(`/api/patients/${patientId}/consents`);
    expect(body.items).toMatchObject([{ decision: 'given', regions: ['lumbar'], teachBack: 'Puedo tener dolor.' }]);
  });
});
