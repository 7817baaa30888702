import { mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { Result } from 'axe-core';
import type { Browser, Locator, Page, Route } from 'playwright-core';
import { type Visit, visit } from './browser.js';
import type { Person } from './make.js';
import { markupFaults } from './markup.js';
import type { TestServer } from './server.js';

/** Desktop, a tablet both ways, a phone. */
export const SIZES = [
  { width: 1440, height: 900 },
  { width: 1024, height: 768 },
  { width: 768, height: 1024 },
  { width: 390, height: 844 },
] as const;
const SCHEMES = ['light', 'dark'] as const;
const SCREENSHOTS = fileURLToPath(new URL('../../screenshots/', import.meta.url));
const ALL_RULES = `{ resultTypes: ['violations'] }`;
/** The rules that a change of colours alone can break. */
const OF_COLOURS = `{ resultTypes: ['violations'], runOnly: ['color-contrast', 'link-in-text-block'] }`;
const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

interface OpenOptions {
  /** Who is signed in; nobody if left out. */
  readonly as?: Pick<Person, 'token'>;
  readonly size?: (typeof SIZES)[number];
}

/** Opens a page in a browser of its own, signed in as somebody. */
export async function openPage(
  browser: Browser,
  { url }: TestServer,
  path: string,
  { as, size = SIZES[0] }: OpenOptions = {},
): Promise<Visit> {
  const cookies = as ? [{ name: 'assent', value: as.token, domain: new URL(url).hostname, path: '/' }] : [];
  const opened = await visit(browser, url + path, {
    viewport: size,
    reducedMotion: 'reduce',
    // The smaller ones are used with fingers.
    hasTouch: size.width < 1024,
    storageState: { cookies: cookies.map((cookie) => ({ ...cookie, ...COOKIE })), origins: [] },
  });
  // Shorter than a test's own, so that what isn't found is named. A busy machine is slow, and that is no fault.
  opened.page.context().setDefaultTimeout(120_000);
  return opened;
}

const COOKIE = { expires: -1, httpOnly: true, secure: false, sameSite: 'Lax' } as const;

/** Waits for it as a person would, and fails with its name if it doesn't come. */
export function expectToSee(what: Locator): Promise<void> {
  return what.waitFor();
}

/** Types or chooses something, and waits until the draft of it is kept on the device. */
export async function keptAfter(page: Page, act: () => Promise<unknown>): Promise<void> {
  const kept = () => page.evaluate<string | null>(`sessionStorage.getItem('assent.drafts')`);
  const before = await kept();
  await act();
  while ((await kept()) === before);
}

/** Something happens when the act has left the page, so that nothing else that the page asks for meets it first. */
export function before(page: Page, url: string, happens: () => Promise<unknown>): Promise<void> {
  return atFirstAct(page, url, async (route) => {
    await happens();
    await route.fallback();
  });
}

/** The server does the act, and its answer never arrives. */
export function loseAnswer(page: Page, url: string): Promise<void> {
  return atFirstAct(page, url, async (route) => {
    await route.fetch();
    await route.abort('internetdisconnected');
  });
}

async function atFirstAct(page: Page, url: string, handle: (route: Route) => Promise<void>): Promise<void> {
  let isFirst = true;
  await page.route(url, async (route) => {
    if (!isFirst || route.request().method() === 'GET') return route.fallback();
    isFirst = false;
    return handle(route);
  });
}

/** The server's refusals, and that there is no network, are written to the console by the browser itself. */
const NO_DEFECT = /^console: Failed to load resource: (the server responded with a status of 4\d\d|net::ERR_INTERNET_DISCONNECTED)/;

/** Closes the page, and throws if anything went wrong on it: an error, a violation of its policy, a request elsewhere. */
export async function closePage(visit: Visit): Promise<void> {
  const defects = visit.problems.filter((problem) => !NO_DEFECT.test(problem));
  await visit.close();
  if (defects.length > 0) throw new Error(defects.join('\n'));
}

/** In the page: what a finger could miss, as it is less than 44 px high or wide. Links within a sentence are as high as its lines. */
const SMALL_TARGETS = `(() => {
  const targets = document.querySelectorAll(
    'a[href], button, input, select, textarea, summary, [role=button], [role=radio], [role=tab], [role=menuitem], [role=option]',
  );
  const covered = document.querySelector('dialog[open]');
  return [...targets]
    .filter((target) => target.checkVisibility({ visibilityProperty: true }) && !target.disabled && target.tabIndex >= 0)
    .filter((target) => !covered || covered.contains(target))
    .filter((target) => !(target.matches('a') && getComputedStyle(target).display === 'inline'))
    .filter((target) => {
      const hit = target.matches('[type=radio], [type=checkbox]') ? [target, ...target.labels] : [target];
      const edges = hit.map((part) => part.getBoundingClientRect());
      const width = Math.max(...edges.map(({ right }) => right)) - Math.min(...edges.map(({ left }) => left));
      const height = Math.max(...edges.map(({ bottom }) => bottom)) - Math.min(...edges.map(({ top }) => top));
      return Math.min(width, height) < 43.9;
    })
    .map((target) => target.outerHTML.slice(0, 200));
})()`;

/**
 * Looks at the page in each size, light and dark: what axe finds, of any impact (in the dark, of colours); whether it is wider than
 * the screen; on tablets, targets too small for fingers; and, once, what HTML forbids in its markup. With SCREENSHOTS=1 in the environment
 * it also takes pictures, in screenshots/.
 */
export async function faultsOf(page: Page, name: string): Promise<string[]> {
  /** What is wrong, and where it was found first. */
  const faults = new Map<string, string>();
  const note = (fault: string, where: string) => faults.has(fault) || faults.set(fault, where);
  for (const fault of await markupFaults(page)) note(fault, name);
  const before = page.viewportSize();
  await page.evaluate(await readFile(AXE, 'utf8'));
  const devtools = await page.context().newCDPSession(page);
  for (const size of SIZES) {
    await page.setViewportSize(size);
    const fingers = size.width < 1440;
    await devtools.send('Emulation.setTouchEmulationEnabled', { enabled: fingers });
    if (fingers)
      for (const target of await page.evaluate<string[]>(SMALL_TARGETS)) note(`too small for a finger: ${target}`, `${name}-${size.width}`);
    for (const colorScheme of SCHEMES) {
      await page.emulateMedia({ colorScheme });
      await page.locator(`html[data-mantine-color-scheme=${colorScheme}]`).waitFor({ state: 'attached' });
      const where = `${name}-${size.width}x${size.height}-${colorScheme}`;
      await takePicture(page, where);
      const overflow = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
      if (overflow > 0) note(`${overflow} px wider than the screen`, where);
      // Only this leaves the page: what passed is megabytes of JSON.
      const violations = await page.evaluate<Result[]>(
        `axe.run(${colorScheme === 'dark' ? OF_COLOURS : ALL_RULES}).then(({ violations }) => violations)`,
      );
      for (const { id, impact, nodes } of violations) {
        for (const { html, failureSummary } of nodes) note(`${id} (${impact}) ${html} ${failureSummary}`, where);
      }
    }
  }
  await page.emulateMedia({ colorScheme: null });
  await devtools.send('Emulation.setTouchEmulationEnabled', { enabled: (before?.width ?? 1440) < 1024 });
  await devtools.detach();
  if (before) await page.setViewportSize(before);
  return [...faults].map(([fault, where]) => `${where}: ${fault}`);
}

/** With SCREENSHOTS=1 in the environment: the whole page, or what is in sight. */
export async function takePicture(page: Page, name: string, fullPage = true): Promise<void> {
  if (!process.env['SCREENSHOTS']) return;
  await mkdir(SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: `${SCREENSHOTS}${name}.png`, fullPage });
}
