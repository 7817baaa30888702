import type { Browser, Page } from 'playwright-core';
import { launchBrowser, type Visit } from '../support/browser.js';
import { makeClearedPatient, makeClinic, makePatient, makeSession, type TestClinic } from '../support/make.js';
import { closePage, openPage } from '../support/pages.js';
import { startServer, type TestServer } from '../support/server.js';

let server: TestServer;
let browser: Browser;
let clinic: TestClinic;
let visit: Visit;
let page: Page;
beforeAll(async () => {
  [server, browser] = await Promise.all([startServer(), launchBrowser()]);
  clinic = await makeClinic(server);
});
afterEach(() => closePage(visit));
afterAll(async () => {
  await browser.close();
  await server.stop();
});

/** A tablet's screen both ways, enlarged to 200 %, and as it is. */
const SCREENS = [
  { width: 512, height: 384 },
  { width: 384, height: 512 },
  { width: 1024, height: 768 },
];

/** In the page: what has the focus, and whether any of its upper, middle and lower part is on the screen and uncovered. */
const FOCUSED = `(() => {
  const focused = document.activeElement;
  if (!focused || focused === document.body) return undefined;
  const { left, right, top, bottom } = focused.getBoundingClientRect();
  const parts = [focused, ...(focused.labels ?? [])];
  const isSeen = [top + 4, (top + bottom) / 2, bottom - 4].some((y) => {
    const there = document.elementFromPoint((left + right) / 2, y);
    return parts.some((part) => part.contains(there) || (there?.contains(part) && there !== document.body && there.tagName !== 'HTML'));
  });
  return { isSeen, html: focused.outerHTML.slice(0, 200) };
})()`;

const TABS = 45;

const pages: Record<string, () => Promise<string>> = {
  'a patient': async () => `/patients/${(await makeClearedPatient(clinic.practitioner)).patientId}`,
  registration: async () => '/patients/new',
  'a screening': async () => `/patients/${await makePatient(clinic.practitioner)}/screening`,
  'the beginning of a discussion': async () => `/patients/${(await makeClearedPatient(clinic.practitioner)).patientId}/discussion`,
  'a session': async () => `/sessions/${await makeSession(clinic.practitioner, (await makeClearedPatient(clinic.practitioner)).patientId)}`,
};
it.each(Object.keys(pages))('whatever has the focus on the page of %s is in sight, forwards and backwards', async (name) => {
  const path = (await pages[name]?.()) ?? '';
  const hidden: string[] = [];
  visit = await openPage(browser, server, path, { as: clinic.practitioner });
  ({ page } = visit);
  await page.getByRole('heading', { level: 1 }).waitFor();
  for (const screen of SCREENS) {
    await page.setViewportSize(screen);
    for (const key of [...Array<string>(TABS).fill('Tab'), ...Array<string>(TABS).fill('Shift+Tab')]) {
      await page.keyboard.press(key);
      const focused = await page.evaluate<{ isSeen: boolean; html: string } | undefined>(FOCUSED);
      if (focused && !focused.isSeen) hidden.push(`${screen.width} ${key} ${focused.html}`);
    }
  }
  expect(hidden).toEqual([]);
});
