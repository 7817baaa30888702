// node bench/pages.mjs
//
// What a person waits for: the sign-in and the start page in Chromium, with an empty cache and then with what it kept. Medians of
// nine loads each; the server, PostgreSQL and the browser share the machine.
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { runnerImport } from 'vite';
import { prepare, root } from '../scripts/prepare.mjs';
import { startServer } from './server.mjs';

const LOADS = 9;
const COLUMNS = ['first paint ms', 'settled ms', 'script kB', 'layout shift'];

await prepare();
const { startEmbedded } = await import('../dist/database/embedded.js');
const { migrate } = await import('../dist/database/migrate.js');
const { foundClinic } = await import('../dist/clinics/found.js');
const { hashToken, newToken } = await import('../dist/identity/tokens.js');
// It is TypeScript, as the tests are.
const { launchBrowser } = (await runnerImport(join(root, 'test', 'support', 'browser.ts'))).module;

const dataDir = await mkdtemp(join(tmpdir(), 'assent-bench-'));
const postgres = await startEmbedded({ dataDir });
const browser = await launchBrowser();
let server;
try {
  const database = { owner: postgres.ownerUrl, app: postgres.appUrl, identity: postgres.identityUrl, sealer: postgres.sealerUrl };
  await migrate(database);
  const token = await employ();
  server = await startServer(database);
  console.log(`\nmedian of ${LOADS}, Chromium ${browser.version()}, Node ${process.versions.node}, ${availableParallelism()} cores\n`);
  line('', COLUMNS);
  for (const [name, cookie] of [
    ['sign-in', undefined],
    ['start page', token],
  ]) {
    const loads = [];
    for (let load = 0; load < LOADS; load++) loads.push(await measure(cookie));
    for (const [index, cache] of ['empty', 'warm'].entries()) {
      line(
        `${name}, ${cache} cache`,
        COLUMNS.map((_, column) => median(loads.map((load) => load[index][column])).toFixed(column === 3 ? 3 : 0)),
      );
    }
  }
} finally {
  server?.stop();
  await browser.close();
  await postgres.stop();
  await rm(dataDir, { recursive: true, force: true });
}

/** In a context of its own, twice: the first fills the cache. */
async function measure(token) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  if (token) await context.addCookies([{ name: 'assent', value: token, url: server.url }]);
  const results = [];
  for (let visit = 0; visit < 2; visit++) {
    const page = await context.newPage();
    await page.addInitScript(() => {
      globalThis.shift = 0;
      new PerformanceObserver((list) => {
        for (const { value, hadRecentInput } of list.getEntries()) if (!hadRecentInput) globalThis.shift += value;
      }).observe({ type: 'layout-shift', buffered: true });
    });
    await page.goto(server.url);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.waitForLoadState('networkidle');
    results.push(
      await page.evaluate(() => {
        const scripts = performance.getEntriesByType('resource').filter(({ name }) => name.endsWith('.js'));
        return [
          performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.NaN,
          Math.max(...performance.getEntriesByType('resource').map(({ responseEnd }) => responseEnd)),
          scripts.reduce((sum, { transferSize }) => sum + transferSize, 0) / 1000,
          globalThis.shift,
        ];
      }),
    );
    await page.close();
  }
  await context.close();
  return results;
}

/** An administrator who is signed in. */
async function employ() {
  const token = newToken();
  const { administratorId } = await foundClinic(
    postgres.ownerUrl,
    { clinic: 'Bench', timeZone: 'Europe/London', administrator: { name: 'Ada Admin', email: 'ada@bench.example' } },
    () => [],
  );
  const owner = new Client({ connectionString: postgres.ownerUrl });
  await owner.connect();
  await owner.query('UPDATE app.staff SET active = tstzrange(now(), NULL)');
  await owner.query(
    `INSERT INTO auth.session (id, token, "userId", staff_id, methods, "expiresAt")
     SELECT gen_random_uuid(), $1, user_id, id, 'password totp', now() + interval '1 day' FROM app.staff WHERE id = $2`,
    [hashToken(token), administratorId],
  );
  await owner.end();
  return token;
}

function line(name, cells) {
  console.log(name.padEnd(26) + cells.map((cell) => String(cell).padStart(16)).join(''));
}

function median(numbers) {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
}
