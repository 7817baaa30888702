// npm run bench [-- --seconds 10 --rounds 3 --clients 16 --keys --audit]
//
// The whole flow at 16 clients: over HTTP against the built server, and as the same statements sent straight to
// PostgreSQL. The two take turns in one run, because machines are noisy and only the ratio travels. PostgreSQL, the server
// and the load generator are a process each. With --keys a third turn sends an Idempotency-Key with each request; with --audit two more turns record and
// seal nothing.
import { fork } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Client } from 'pg';
import { prepare, root } from '../scripts/prepare.mjs';
import { memoryOf, startServer } from './server.mjs';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '10' },
    rounds: { type: 'string', default: '3' },
    clients: { type: 'string', default: '16' },
    keys: { type: 'boolean', default: false },
    audit: { type: 'boolean', default: false },
  },
});
const seconds = Number(values.seconds);
const rounds = Number(values.rounds);
const clients = Number(values.clients);

await prepare();
const { startEmbedded } = await import('../dist/database/embedded.js');
const { migrate } = await import('../dist/database/migrate.js');
const { addStaff, createClinic } = await import('../dist/clinics/create-clinic.js');
const { hashToken, newToken } = await import('../dist/identity/tokens.js');

const dataDir = await mkdtemp(join(tmpdir(), 'assent-bench-'));
const postgres = await startEmbedded({ dataDir });
const database = { owner: postgres.ownerUrl, app: postgres.appUrl, identity: postgres.identityUrl, sealer: postgres.sealerUrl };
let server;
try {
  await migrate(database);
  const tokens = await employPractitioners(clients);
  server = await startServer(database);
  const load = { tokens, url: server.url, databaseUrl: postgres.appUrl };

  // Warms up the code, the caches and the tables of both sides.
  await run('http.mjs', { ...load, seconds: 3 });
  await run('sql.mjs', { ...load, seconds: 3 });

  const http = [];
  const keyed = [];
  const sql = [];
  const unrecorded = { http: [], sql: [] };
  for (let round = 0; round < rounds; round++) {
    http.push(await run('http.mjs', { ...load, seconds }));
    if (values.keys) keyed.push(await run('http.mjs', { ...load, seconds, keys: true }));
    sql.push(await run('sql.mjs', { ...load, seconds }));
    if (!values.audit) continue;
    const record = await stopRecording();
    unrecorded.http.push(await run('http.mjs', { ...load, seconds }));
    unrecorded.sql.push(await run('sql.mjs', { ...load, seconds }));
    await record();
  }
  report(http, sql, await memoryOf(server.pid));
  if (values.keys) reportKeys(http, keyed);
  if (values.audit) reportAudit({ http, sql }, unrecorded);
} finally {
  server?.stop();
  await postgres.stop();
  await rm(dataDir, { recursive: true, force: true });
}

/** One practitioner a client, licensed and signed in. */
async function employPractitioners(count) {
  const tokens = Array.from({ length: count }, newToken);
  const people = [];
  await createClinic(
    postgres.ownerUrl,
    { clinic: 'Bench', timeZone: 'Europe/London', administrator: { name: 'Admin', email: 'admin@bench.example' } },
    async (client, { clinicId }) => {
      for (const index of tokens.keys()) {
        const profession = 'chiropractor';
        const person = { name: `Practitioner ${index}`, email: `p${index}@bench.example`, role: 'practitioner', profession };
        const { id } = await addStaff(client, clinicId, person);
        people.push(id);
        await client.query(
          `INSERT INTO app.licences (practitioner_id, profession, authority, number, valid)
           VALUES ($1, $2, 'Board', $3, tstzrange(clock_timestamp(), clock_timestamp() + interval '1 day'))`,
          [id, profession, String(index)],
        );
      }
      return [];
    },
  );
  const owner = new Client({ connectionString: postgres.ownerUrl });
  await owner.connect();
  await owner.query('UPDATE app.staff SET active = tstzrange(now(), NULL) WHERE id = ANY ($1)', [people]);
  await owner.query(
    `INSERT INTO auth.session (id, token, "userId", staff_id, methods, "expiresAt")
     SELECT gen_random_uuid(), token, user_id, staff.id, 'password totp', now() + interval '1 day'
       FROM unnest($1::uuid[], $2::text[]) AS one (id, token) JOIN app.staff ON staff.id = one.id`,
    [people, tokens.map(hashToken)],
  );
  await owner.end();
  const client = new Client({ connectionString: postgres.superuserUrl.replace(/\/postgres$/, '/assent') });
  await client.connect();
  await client.query('VACUUM ANALYZE');
  await client.end();
  return tokens;
}

/** No event of a change, a look or a refusal, and so nothing to seal. Returns how to go back. */
async function stopRecording() {
  const client = new Client({ connectionString: postgres.ownerUrl });
  await client.connect();
  const { rows: tables } = await client.query(`SELECT tgrelid::regclass AS name FROM pg_trigger WHERE tgname = 'audit'`);
  const { rows } = await client.query(
    `SELECT pg_get_functiondef(oid) AS whole, pg_get_function_arguments(oid) AS arguments FROM pg_proc WHERE oid = 'audit.record'::regproc`,
  );
  const switchTriggers = (to) => client.query(tables.map(({ name }) => `ALTER TABLE ${name} ${to} TRIGGER audit`).join(';'));
  await switchTriggers('DISABLE');
  await client.query(`CREATE OR REPLACE FUNCTION audit.record(${rows[0].arguments}) RETURNS void LANGUAGE plpgsql AS 'BEGIN END'`);
  return async () => {
    await client.query(rows[0].whole);
    await switchTriggers('ENABLE');
    await client.end();
  };
}

/** Runs a load generator in a process of its own, and returns the durations of its requests in milliseconds, by step. */
function run(script, load) {
  const child = fork(join(root, 'bench', script));
  child.send(load);
  return new Promise((resolve, reject) => {
    child.once('message', resolve);
    child.once('exit', (code) => reject(new Error(`${script} ended with ${code}.`)));
  });
}

function report(http, sql, memory) {
  const steps = Object.keys(http[0].steps);
  console.log(`\n${clients} clients, ${rounds} × ${seconds} s each, Node ${process.versions.node}, ${availableParallelism()} cores\n`);
  line('milliseconds', 'http p50', 'http p99', 'sql p50', 'sql p99');
  for (const step of steps) {
    const [h, s] = [http, sql].map((runs) => runs.flatMap((one) => one.steps[step]).sort((a, b) => a - b));
    line(step, ...[h, s].flatMap((all) => [0.5, 0.99].map((part) => all[Math.floor(part * (all.length - 1))].toFixed(1))));
  }
  console.log();
  line('', 'http', 'sql', 'ratio');
  for (const [name, rate, digits] of [
    ['flows/s', flowsPerSecond, 1],
    ['requests/s', requestsPerSecond, 0],
  ]) {
    const [h, s] = [http, sql].map((runs) => median(runs.map(rate)));
    line(name, h.toFixed(digits), s.toFixed(digits), (h / s).toFixed(2));
  }
  line('server memory', memory.now);
  line('  at its peak', memory.peak);
}

function reportKeys(http, keyed) {
  const [without, withKeys] = [http, keyed].map((runs) => median(runs.map(requestsPerSecond)));
  console.log();
  line('', 'no keys', 'keys', 'ratio');
  line('requests/s', without.toFixed(0), withKeys.toFixed(0), (withKeys / without).toFixed(2));
}

function reportAudit(recorded, unrecorded) {
  console.log();
  line('flows/s', 'recorded', 'not', 'ratio');
  for (const way of ['http', 'sql']) {
    const [on, off] = [recorded, unrecorded].map((turns) => median(turns[way].map(flowsPerSecond)));
    line(way, on.toFixed(1), off.toFixed(1), (on / off).toFixed(2));
  }
}

function line(name, ...numbers) {
  console.log(name.padEnd(24) + numbers.map((value) => String(value).padStart(10)).join(''));
}

function flowsPerSecond({ steps, seconds: took }) {
  return steps.end.length / took;
}

function requestsPerSecond({ steps, seconds: took }) {
  return Object.values(steps).reduce((sum, all) => sum + all.length, 0) / took;
}

function median(numbers) {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
}
