// npm run bench:reports [-- --sessions 1000000 --events 10000000 --keep] [-- --on '{…}']
//
// The disclosure report, a consent's history and the list of events on a clinic with four years of work: how long the built server takes to answer, one request after
// another over HTTP. --keep leaves the server running, and prints what --on takes to measure it again; end it with Ctrl-C.
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Client } from 'pg';
import { prepare } from '../scripts/prepare.mjs';
import { fill } from './fill.mjs';
import { memoryOf, startServer } from './server.mjs';

const { values } = parseArgs({
  options: {
    sessions: { type: 'string', default: '1000000' },
    events: { type: 'string', default: '10000000' },
    practitioners: { type: 'string', default: '40' },
    keep: { type: 'boolean', default: false },
    on: { type: 'string' },
  },
});

await prepare();
const { startEmbedded } = await import('../dist/database/embedded.js');
const { migrate } = await import('../dist/database/migrate.js');
const { addStaff, createClinic } = await import('../dist/clinics/create-clinic.js');
const { hashToken, newToken } = await import('../dist/identity/tokens.js');

const dataDir = values.on ? undefined : await mkdtemp(join(tmpdir(), 'assent-bench-'));
const postgres = values.on
  ? JSON.parse(values.on)
  : // What is measured reads; only the filling need not be durable.
    await startEmbedded({ dataDir, settings: { fsync: 'off', full_page_writes: 'off', max_wal_size: '8GB' } });
const { ownerUrl, appUrl, identityUrl, sealerUrl, superuserUrl } = postgres;
const superuser = new Client({ connectionString: superuserUrl.replace(/\/postgres$/, '/assent') });
let server;
try {
  const database = { owner: ownerUrl, app: appUrl, identity: identityUrl, sealer: sealerUrl };
  await migrate(database);
  await superuser.connect();
  if (!values.on) {
    const [practitioners, sessions, events] = [values.practitioners, values.sessions, values.events].map(Number);
    await fill(superuser, { ...(await found(practitioners)), practitioners, sessions, events });
  }
  server = await startServer(database);
  await measure(await signIn());
  if (values.keep) {
    console.log(`\n--on '${JSON.stringify({ ownerUrl, appUrl, identityUrl, sealerUrl, superuserUrl })}'`);
    await once(process, 'SIGINT');
  }
} finally {
  server?.stop();
  await superuser.end();
  if (dataDir) {
    await postgres.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function found(practitioners) {
  return createClinic(
    postgres.ownerUrl,
    { clinic: 'Bench', timeZone: 'Europe/London', administrator: { name: 'Admin', email: 'admin@bench.example' } },
    async (client, { clinicId }) => {
      for (let index = 0; index < practitioners; index += 1) {
        const profession = 'chiropractor';
        const person = { name: `Practitioner ${index}`, email: `p${index}@bench.example`, role: 'practitioner', profession };
        const { id } = await addStaff(client, clinicId, person);
        await client.query(
          `INSERT INTO app.licences (practitioner_id, profession, authority, number, valid)
           VALUES ($1, $2, 'Board', $3, tstzrange(clock_timestamp() - interval '5 years', clock_timestamp() + interval '1 year'))`,
          [id, profession, String(index)],
        );
      }
      return [];
    },
  );
}

async function signIn() {
  const token = newToken();
  await superuser.query('UPDATE app.staff SET active = tstzrange(now(), NULL)');
  await superuser.query(
    `INSERT INTO auth.session (id, token, "userId", staff_id, methods, "expiresAt")
     SELECT gen_random_uuid(), $1, user_id, id, 'password totp', now() + interval '1 day' FROM app.staff WHERE role = 'administrator'`,
    [hashToken(token)],
  );
  return token;
}

async function measure(token) {
  const headers = { cookie: `assent=${token}` };
  const call = async (path) => {
    const answer = await fetch(`${server.url}/api${path}`, { headers });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  };
  const time = async (name, path, times = 15) => {
    const took = [];
    let body;
    for (let round = 0; round < times; round += 1) {
      const began = performance.now();
      body = await call(path);
      took.push(performance.now() - began);
    }
    const [first] = took;
    took.sort((a, b) => a - b);
    const count = body.items?.length ?? body.events?.length ?? body.sessions;
    line(name, first.toFixed(0), took[Math.floor(took.length / 2)].toFixed(0), took.at(-1).toFixed(0), count);
    return body;
  };
  const ids = async (sql) => (await superuser.query(sql)).rows[0].id;
  const month = `from=${daysAgo(31)}`;
  const year = `from=${daysAgo(365)}`;

  console.log(`\n${values.sessions} sessions, ${values.events} events, Node ${process.versions.node}, ${availableParallelism()} cores\n`);
  line('milliseconds', 'first', 'p50', 'max', 'rows');
  const report = '/reports/disclosures';
  const { items } = await time('first page', report);
  await time('a month', `${report}?from=${daysAgo(800)}&until=${daysAgo(770)}`);
  await time('practitioner', `${report}?practitionerId=${items[0].practitioner.id}`);
  await time('patient', `${report}?patientId=${items[0].patient.id}`);
  await time('region, common', `${report}?region=lumbar`);
  await time('region, rare', `${report}?region=sacral`);
  await time('version, newest', `${report}?disclosureVersion=5`);
  await time('version, oldest', `${report}?disclosureVersion=1`);
  await time('version, unknown', `${report}?disclosureVersion=77`);
  await time('practitioner, region, version', `${report}?practitionerId=${items[0].practitioner.id}&region=sacral&disclosureVersion=1`);
  await time('deep cursor', `${report}?cursor=${await ids('SELECT id FROM app.sessions ORDER BY started_at LIMIT 1 OFFSET 1000')}`);
  await time('refusals', '/reports/refusals');
  await time('refusals, practitioner', `/reports/refusals?practitionerId=${items[0].practitioner.id}`);
  await time('refusals, patient', `/reports/refusals?patientId=${items[0].patient.id}`);
  await time('totals, a month', `${report}/totals?${month}`, 5);
  await time('totals, a year', `${report}/totals?${year}`, 3);
  await time('totals, a month, practitioner', `${report}/totals?${month}&practitionerId=${items[0].practitioner.id}`, 5);
  await time('totals, everything', `${report}/totals`, 2).catch((error) => console.log(`totals, everything: ${error.message}`));
  await time('consent history, newest', `/consents/${items[0].consent.id}/history`);
  await time(
    'consent history, oldest',
    `/consents/${await ids('SELECT consent_id AS id FROM app.sessions ORDER BY started_at LIMIT 1')}/history`,
  );

  const events = '/audit/events';
  const { patient, practitioner } = items[0];
  const old = `from=${daysAgo(800)}&until=${daysAgo(770)}`;
  await time('events', events);
  await time('events, patient', `${events}?patientId=${patient.id}`);
  await time('events, person', `${events}?staffId=${practitioner.id}`);
  await time('events, action', `${events}?action=refusal`);
  await time('events, rare action', `${events}?action=erasure`);
  await time('events, a month', `${events}?${old}`);
  await time('events, a month, person, action', `${events}?${old}&staffId=${practitioner.id}&action=refusal`);
  await time('events, patient, action', `${events}?patientId=${patient.id}&action=insert`);
  await time('events, deep cursor', `${events}?cursor=${await ids('SELECT id FROM audit.events ORDER BY id LIMIT 1 OFFSET 1000')}`);
  await time('events, common word', `${events}?text=stroke`);
  await time('events, rare word', `${events}?text=question7777`);
  await time('events, common word, patient', `${events}?text=stroke&patientId=${patient.id}`);
  await time('events, unknown word', `${events}?text=nowhere`);

  const from = await superuser.query('SELECT started_at FROM app.sessions ORDER BY started_at DESC LIMIT 1 OFFSET 99999');
  const since = from.rows[0]?.started_at.toISOString() ?? daysAgo(3000);
  await download(headers, since, 'CSV, 100,000 lines');
  await download(headers, daysAgo(3000), 'CSV, everything');
}

/** The file, read as fast as it comes. */
async function download(headers, from, name) {
  // Forgets the peak so far, where the system can.
  await writeFile(`/proc/${server.pid}/clear_refs`, '5').catch(() => undefined);
  const before = await memoryOf(server.pid);
  const began = performance.now();
  const [lines, bytes] = await new Promise((resolve, reject) => {
    get(`${server.url}/api/reports/disclosures.csv?from=${from}`, { headers }, (answer) => {
      let lines = 0;
      let bytes = 0;
      answer.on('data', (chunk) => {
        bytes += chunk.length;
        for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) lines += 1;
      });
      answer.once('error', reject);
      answer.once('end', () => resolve([lines, bytes]));
    }).once('error', reject);
  });
  const seconds = (performance.now() - began) / 1000;
  const { peak } = await memoryOf(server.pid);
  console.log(
    `${name}: ${lines} lines, ${Math.round(bytes / 1e6)} MB in ${seconds.toFixed(1)} s, ${Math.round(lines / seconds)} lines/s; memory ${before.now} before, ${peak} at its peak`,
  );
}

function daysAgo(days) {
  return new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10);
}

function line(name, ...cells) {
  console.log(name.padEnd(32) + cells.map((value) => String(value).padStart(10)).join(''));
}
