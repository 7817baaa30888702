import type { Page } from 'playwright-core';
import { makeClearedPatient, makeClinic, makePatient, makeSession, type TestClinic } from '../support/make.js';
import { usePages } from '../support/pages.js';

const pages = usePages();
let clinic: TestClinic;
let page: Page;
beforeAll(async () => {
  clinic = await makeClinic(pages.server);
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

const paths: Record<string, () => Promise<string>> = {
  'a patient': async () => `/patients/${(await makeClearedPatient(clinic.practitioner)).patientId}`,
  registration: async () => '/patients/new',
  'a screening': async () => `/patients/${await makePatient(clinic.practitioner)}/screening`,
  'the beginning of a discussion': async () => `/patients/${(await makeClearedPatient(clinic.practitioner)).patientId}/discussion`,
  'a session': async () => `/sessions/${await makeSession(clinic.practitioner, (await makeClearedPatient(clinic.practitioner)).patientId)}`,
};
it.each(Object.keys(paths))('whatever has the focus on the page of %s is in sight, forwards and backwards', async (name) => {
  const path = (await paths[name]?.()) ?? '';
  const hidden: string[] = [];
  page = await pages.open(path, { as: clinic.practitioner });
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
