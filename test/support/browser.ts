import { type Browser, type BrowserContextOptions, chromium, type LaunchOptions, type Page } from 'playwright-core';
import { shippedChromium } from './chromium.js';

/**
 * A browser without a window: the one that CHROME_PATH names, else on Linux the one that a package ships, else one that is
 * installed. It ends with the process that launched it, however that ends: the pipe between them closes.
 */
export async function launchBrowser(): Promise<Browser> {
  const complaints: string[] = [];
  for (const find of candidates()) {
    try {
      return await launch(await find());
    } catch (error) {
      complaints.push((error as Error).message);
    }
  }
  throw new Error(['No browser starts. CHROME_PATH may name a Chrome, a Chromium or an Edge.', ...complaints].join('\n\n'));
}

function candidates(): (() => LaunchOptions | Promise<LaunchOptions>)[] {
  const named = process.env['CHROME_PATH'];
  if (named) return [() => ({ executablePath: named })];
  const installed = ['chrome', 'msedge'].map((channel) => () => ({ channel }));
  if (process.platform !== 'linux') return installed;
  const distributed = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].map((executablePath) => () => ({ executablePath }));
  return [...(process.arch === 'x64' ? [shippedChromium] : []), ...installed, ...distributed];
}

/**
 * Chromium refuses its sandbox to root. Others may have to do without it too: in a container, or where AppArmor keeps user
 * namespaces from programs that it doesn't know. It matters little here, where all pages are our own.
 */
async function launch(options: LaunchOptions): Promise<Browser> {
  const args = ['--disable-gpu'];
  if (process.getuid?.() !== 0) {
    const browser = await chromium.launch({ ...options, args, chromiumSandbox: true }).catch(() => undefined);
    if (browser) return browser;
  }
  return chromium.launch({ ...options, args, chromiumSandbox: false });
}

export interface Visit {
  readonly page: Page;
  /** What went wrong so far: errors, violations of the page's policy (CSP), requests to another origin. */
  readonly problems: string[];
  /** Forgets the cookies too. */
  close(): Promise<void>;
}

/** Opens a page as somebody new, without cookies. */
export async function visit(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Visit> {
  const opened = await newVisit(browser, url, options);
  await opened.page.goto(url);
  return opened;
}

/** An empty page for somebody new, who is to stay at the origin of this address. */
export async function newVisit(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Visit> {
  const context = await browser.newContext(options);
  const problems: string[] = [];
  // A violation is written to the console as an error.
  context.on('console', (message) => {
    if (message.type() === 'error') problems.push(`console: ${message.text()}`);
  });
  context.on('weberror', (error) => problems.push(`error: ${error.error().message}`));
  context.on('request', (request) => {
    const { protocol, origin } = new URL(request.url());
    if (protocol !== 'data:' && origin !== new URL(url).origin) problems.push(`request: ${request.url()}`);
  });
  return { page: await context.newPage(), problems, close: () => context.close() };
}
