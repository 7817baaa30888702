import { mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { Result } from 'axe-core';
import type { Browser, Locator, Page, Route } from 'playwright-core';
import { launchBrowser, newVisit, type Visit } from './browser.js';
import type { Person } from './make.js';
import { markupFaults } from './markup.js';
import { startServer, type TestServer } from './server.js';
import type { Member } from './visitor.js';

/** Desktop, a tablet both ways, a phone. */
export const SIZES = [
  { width: 1440, height: 900 },
  { width: 1024, height: 768 },
  { width: 768, height: 1024 },
  { width: 390, height: 844 },
] as const;
const SCREENSHOTS = fileURLToPath(new URL('../../screenshots/', import.meta.url));
// A fault is named by its HTML.
const ALL_RULES = `{ resultTypes: ['violations'], selectors: false }`;
/** The rules that a change of colours alone can break. */
const OF_COLOURS = `{ resultTypes: ['violations'], selectors: false, runOnly: ['color-contrast', 'link-in-text-block'] }`;
const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** Shorter than a test's own, so that what isn't found is named. A busy machine is slow, and that is no fault. */
const PATIENCE_MS = 120_000;

type Size = (typeof SIZES)[number];

interface OpenOptions {
  /** Who is signed in; nobody if left out. */
  readonly as?: Pick<Person, 'token'> | Pick<Member, 'visitor'> | undefined;
  readonly size?: Size | undefined;
  /** Another server than the spec's own. */
  readonly at?: TestServer | undefined;
  /** What the page gets before it is opened, such as a script or an authenticator. No other test gets this page then. */
  readonly prepare?: ((page: Page) => Promise<unknown>) | undefined;
}

export interface Pages {
  readonly server: TestServer;
  /** Opens a page as somebody, and waits for its heading. */
  open(path: string, options?: OpenOptions): Promise<Page>;
  /** Closes what is open, and throws if anything went wrong on it: an error, a violation of its policy, a request elsewhere. */
  close(): Promise<void>;
  /** What went wrong so far on what is open, with what the server refused. */
  problems(): string[];
}

interface OpenPage extends Visit {
  readonly at: TestServer;
  readonly hasTouch: boolean;
  /** No other test gets it. */
  readonly isOwn: boolean;
}

/** The pages of a spec. Its server and browser start before its tests; what a test leaves open is closed, and checked, after it. */
export function usePages(): Pages {
  let opened: OpenPage[] = [];
  /** Left by earlier tests and emptied. A page opens in half the time where the browser has compiled its scripts before. */
  let emptied: OpenPage[] = [];
  let server: TestServer;
  let browser: Browser;

  async function open(path: string, { as, size = SIZES[0], at = server, prepare }: OpenOptions = {}): Promise<Page> {
    // Smaller screens are used with fingers.
    const hasTouch = size.width < 1024;
    const left = prepare ? undefined : emptied.find((one) => one.at === at && one.hasTouch === hasTouch);
    emptied = emptied.filter((one) => one !== left);
    const one = left ?? { ...(await newPage(browser, at, hasTouch)), at, hasTouch, isOwn: prepare !== undefined };
    opened.push(one);
    const { page } = one;
    const token = as && ('visitor' in as ? as.visitor.cookies.get('assent') : as.token);
    if (token !== undefined)
      await page.context().addCookies([{ name: 'assent', value: token, url: at.url, httpOnly: true, sameSite: 'Lax' }]);
    await page.setViewportSize(size);
    await prepare?.(page);
    await page.goto(at.url + path);
    await page.evaluate(HEADING);
    return page;
  }

  async function close(): Promise<void> {
    const closed = opened;
    opened = [];
    const defects = closed.flatMap(({ problems }) => problems.filter((problem) => !NO_DEFECT.test(problem)));
    await Promise.all(
      closed.map(async (one) => {
        if (one.isOwn) return one.close();
        await empty(one);
        emptied.push(one);
      }),
    );
    if (defects.length > 0) throw new Error(defects.join('\n'));
  }

  beforeAll(async () => {
    [server, browser] = await Promise.all([startServer(), launchBrowser()]);
  });
  afterEach(close);
  afterAll(async () => {
    await browser.close();
    await server.stop();
  });
  return {
    get server() {
      return server;
    },
    open,
    close,
    problems: () => opened.flatMap(({ problems }) => problems),
  };
}

/** In the page: waits for a heading to be shown, frame by frame. Playwright itself looks every half second. */
const HEADING = `new Promise((resolve, reject) => {
  const end = performance.now() + ${PATIENCE_MS};
  const look = () => {
    if ([...document.querySelectorAll('h1')].some((heading) => heading.checkVisibility())) resolve();
    else if (performance.now() < end) requestAnimationFrame(look);
    else reject(new Error('There is no heading on ' + location.pathname));
  };
  look();
})`;

/** The server's refusals, and that there is no network, are written to the console by the browser itself. */
const NO_DEFECT = /^console: Failed to load resource: (the server responded with a status of 4\d\d|net::ERR_INTERNET_DISCONNECTED)/;

async function newPage(browser: Browser, { url }: TestServer, hasTouch: boolean): Promise<Visit> {
  const made = await newVisit(browser, url, { reducedMotion: 'reduce', hasTouch });
  made.page.context().setDefaultTimeout(PATIENCE_MS);
  return made;
}

/** Leaves nothing of a test: no other tab, no cookie, nothing that the page kept on the device or that the test changed about it. */
async function empty({ page, problems, at }: OpenPage): Promise<void> {
  const context = page.context();
  for (const other of context.pages()) if (other !== page) await other.close();
  await page.unrouteAll();
  await context.setOffline(false);
  await page.emulateMedia({ colorScheme: null, media: null });
  // A page of the same origin, without a script of its own.
  await page.goto(`${at.url}/health/live`);
  await page.evaluate('localStorage.clear(); sessionStorage.clear()');
  await context.clearCookies();
  await context.clearPermissions();
  problems.length = 0;
}

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
  // What stands in for an answer that is under way isn't the page yet.
  await page.locator('.mantine-Skeleton-root').first().waitFor({ state: 'detached' });
  for (const fault of await markupFaults(page)) note(fault, name);
  const before = page.viewportSize();
  // Each size begins with the colours of the one before: they change half as often.
  const schemes: ('light' | 'dark')[] = ['dark', 'light'];
  await page.evaluate(await readFile(AXE, 'utf8'));
  const devtools = await page.context().newCDPSession(page);
  for (const size of SIZES) {
    await page.setViewportSize(size);
    const fingers = size.width < 1440;
    await devtools.send('Emulation.setTouchEmulationEnabled', { enabled: fingers });
    if (fingers)
      for (const target of await page.evaluate<string[]>(SMALL_TARGETS)) note(`too small for a finger: ${target}`, `${name}-${size.width}`);
    schemes.reverse();
    for (const colorScheme of schemes) {
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
