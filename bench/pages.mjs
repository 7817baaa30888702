// node bench/pages.mjs [--only NAME] [--width 1280]
//
// What people wait for: pages in Chromium, with an empty cache and then with what it kept, in a clinic with a few dozen patients; then
// the way from one page to another. Medians of five. The server, PostgreSQL and the browser share the machine.
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runnerImport } from 'vite';
import { prepare, root } from '../scripts/prepare.mjs';
import { startServer } from './server.mjs';

const LOADS = 5;
const COLUMNS = ['first paint ms', 'largest paint ms', 'settled ms', 'script kB', 'layout shift'];
const FAMILIES = ['García', 'Hughes', 'Okafor', 'Lindqvist', 'Nowak', 'Fernández-Castillo'];
const GIVEN = ['Rosa', 'Tom', 'Amara', 'Ingrid', 'Piotr', 'María del Carmen'];

const { only, width } = parseArgs({ options: { only: { type: 'string' }, width: { type: 'string', default: '1280' } } }).values;
await prepare();
const { startEmbedded } = await import('../dist/database/embedded.js');
const { migrate } = await import('../dist/database/migrate.js');
// They are TypeScript, as the tests are.
const support = async (name) => (await runnerImport(join(root, 'test', 'support', name))).module;
const { launchBrowser } = await support('browser.ts');
const make = await support('make.ts');

const dataDir = await mkdtemp(join(tmpdir(), 'assent-bench-'));
const postgres = await startEmbedded({ dataDir });
const browser = await launchBrowser();
let server;
try {
  const database = {
    superuser: postgres.superuserUrl.replace(/\/postgres$/, '/assent'),
    owner: postgres.ownerUrl,
    app: postgres.appUrl,
    identity: postgres.identityUrl,
    sealer: postgres.sealerUrl,
  };
  await migrate(database);
  server = { ...(await startServer(database)), database };
  const { practitioner, administrator, patientId, discussionId, sessionId } = await fill();
  const pages = [
    ['sign-in', '/', undefined],
    ['Today', '/', practitioner],
    ['patients, searched', '/patients?q=garc', practitioner],
    ['a patient', `/patients/${patientId}`, practitioner],
    ['screening', `/patients/${patientId}/screening`, practitioner],
    ['consent discussion', `/patients/${patientId}/discussion/${discussionId}`, practitioner],
    ['open session', `/sessions/${sessionId}`, practitioner],
    ['disclosure audit', '/administration/disclosures', administrator],
    ['audit trail', '/administration/events', administrator],
    ['log integrity', '/administration/log', administrator],
  ].filter(([name]) => only === undefined || name === only);

  console.log(`\nmedian of ${LOADS}, Chromium ${browser.version()}, Node ${process.versions.node}, ${availableParallelism()} cores\n`);
  line('', COLUMNS);
  for (const [name, path, person] of pages) {
    const loads = [];
    for (let load = 0; load < LOADS; load++) loads.push(await twice(person, (page) => measure(page, path)));
    for (const [index, cache] of ['empty', 'warm'].entries()) {
      line(
        `${name}, ${cache} cache`,
        COLUMNS.map((_, column) => median(loads.map((load) => load[index][column])).toFixed(column === 4 ? 3 : 0)),
      );
    }
  }
  if (only === undefined) {
    const ways = [];
    for (let load = 0; load < LOADS; load++) ways.push(await twice(practitioner, wayToPatient));
    const [empty, warm] = [0, 1].map((index) => median(ways.map((way) => way[index])).toFixed(0));
    console.log(`\nfrom Today to a patient whose lights are shown: ${empty} ms, with a warm cache ${warm} ms`);
  }
  console.log(`load average ${loadavg()[0].toFixed(1)}`);
} finally {
  server?.stop();
  await browser.close();
  await postgres.stop();
  await rm(dataDir, { recursive: true, force: true });
}

/** In a context of its own, twice: the first fills the cache. */
async function twice(person, work) {
  const context = await browser.newContext({ viewport: { width: Number(width), height: 800 } });
  if (person) await context.addCookies([{ name: 'assent', value: person.token, url: server.url }]);
  const results = [];
  for (let visit = 0; visit < 2; visit++) {
    const page = await context.newPage();
    results.push(await work(page));
    await page.close();
  }
  await context.close();
  return results;
}

async function measure(page, path) {
  await page.addInitScript(() => {
    globalThis.shift = 0;
    globalThis.largest = Number.NaN;
    const taking = {
      'layout-shift': ({ value, hadRecentInput }) => hadRecentInput || (globalThis.shift += value),
      'largest-contentful-paint': ({ startTime }) => (globalThis.largest = startTime),
    };
    for (const [type, take] of Object.entries(taking))
      new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({ type, buffered: true });
  });
  await page.goto(server.url + path);
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.waitForLoadState('networkidle');
  return page.evaluate(() => {
    const resources = performance.getEntriesByType('resource');
    return [
      performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.NaN,
      globalThis.largest,
      Math.max(...resources.map(({ responseEnd }) => responseEnd)),
      resources.filter(({ name }) => name.endsWith('.js')).reduce((sum, { transferSize }) => sum + transferSize, 0) / 1000,
      globalThis.shift,
    ];
  });
}

/** From the click to the frame that shows whether a session may start. Nobody's pointer lay on the link before, which would load the page's script. */
async function wayToPatient(page) {
  await page.goto(server.url);
  await page.locator('main li a[href^="/patients/"]').first().waitFor();
  await page.waitForLoadState('networkidle');
  return page.evaluate(async () => {
    const start = performance.now();
    document.querySelector('main li a[href^="/patients/"]').click();
    do await new Promise(requestAnimationFrame);
    while (!document.querySelector('main [data-tone]'));
    return performance.now() - start;
  });
}

/** A clinic in the middle of its day. Everything went through the API, as in the tests. */
async function fill() {
  const { practitioner, colleague, administrator } = await make.makeClinic(server);
  const treated = [];
  for (const [family, familyName] of FAMILIES.entries()) {
    for (const [given, givenName] of GIVEN.entries()) {
      const by = (family + given) % 3 === 0 ? colleague : practitioner;
      const birthDate = `${1946 + family * 9 + given}-0${given + 1}-1${family}`;
      const patientId = await make.makePatient(by, { familyName, givenName, birthDate });
      // Some were only registered, or aren't cleared for the neck.
      if (given === 5) continue;
      await make.makeScreening(by, patientId, given === 4 ? { cervical_arterial_warning: { answer: 'yes' } } : {});
      const regions = given === 4 ? ['lumbar'] : ['cervical', 'lumbar'];
      await make.makeConsent(by, await make.makeDiscussion(by, patientId, { regions }));
      await treat(by, patientId);
      treated.push(patientId);
    }
  }
  // The first has a longer story, and a discussion that waits for a decision; another is being treated.
  const [patientId, beingTreated] = treated;
  for (let visit = 0; visit < 6; visit++) await treat(practitioner, patientId);
  const discussionId = await make.makeDiscussion(practitioner, patientId, {}, ['stroke']);
  const sessionId = await make.makeSession(practitioner, beingTreated);
  for (const [region, segment] of [
    ['cervical', 'C5/C6'],
    ['lumbar', 'L4/L5'],
  ]) {
    await did(practitioner.api.post(`/api/sessions/${sessionId}/manipulations`, { region, segment, technique: 'mobilisation' }));
  }
  return { practitioner, administrator, patientId, discussionId, sessionId };
}

async function treat(by, patientId) {
  const sessionId = await make.makeSession(by, patientId);
  await did(
    by.api.post(`/api/sessions/${sessionId}/manipulations`, { region: 'lumbar', segment: 'L4/L5', technique: 'hvla_thrust', side: 'left' }),
  );
  await did(by.api.post(`/api/sessions/${sessionId}/end`));
}

async function did(answer) {
  const { status, body } = await answer;
  if (status >= 300) throw new Error(JSON.stringify(body));
}

function line(name, cells) {
  console.log(name.padEnd(32) + cells.map((cell) => String(cell).padStart(18)).join(''));
}

function median(numbers) {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
}
