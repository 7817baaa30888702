// node bench/log.mjs [--events 1000000]
//
// The signed log at a size: how fast events are sealed, how fast everything is verified and in how much memory, and what a proof
// costs. The events are looks at a patient's record, as they are recorded, of one clinic; each has details.
import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Client } from 'pg';
import { prepare, root } from '../scripts/prepare.mjs';

const { values } = parseArgs({
  options: { events: { type: 'string', default: '1000000' }, verify: { type: 'string' }, data: { type: 'string' } },
});

if (values.verify) await verifyHere(values.verify, values.data);
else await measure(Number(values.events));

async function measure(count) {
  await prepare();
  const { startEmbedded } = await import('../dist/database/embedded.js');
  const { migrate } = await import('../dist/database/migrate.js');
  const { createClinic } = await import('../dist/clinics/create-clinic.js');
  const { hashToken, newToken } = await import('../dist/identity/tokens.js');
  const dataDir = await mkdtemp(join(tmpdir(), 'assent-bench-'));
  const postgres = await startEmbedded({ dataDir });
  try {
    await migrate({ owner: postgres.ownerUrl, app: postgres.appUrl, identity: postgres.identityUrl, sealer: postgres.sealerUrl });
    const administrator = { name: 'Admin', email: 'admin@bench.example' };
    const created = await createClinic(postgres.ownerUrl, { clinic: 'Bench', timeZone: 'Europe/London', administrator }, async () => []);
    const owner = new Client({ connectionString: postgres.ownerUrl });
    await owner.connect();
    const token = newToken();
    await owner.query(`UPDATE app.staff SET active = tstzrange(now(), NULL) WHERE id = $1`, [created.administratorId]);
    await owner.query(
      `INSERT INTO auth.session (id, token, "userId", staff_id, methods, "expiresAt")
       SELECT gen_random_uuid(), $2, user_id, id, 'password totp', now() + interval '1 day' FROM app.staff WHERE id = $1`,
      [created.administratorId, hashToken(token)],
    );
    console.log(`${count} events, Node ${process.versions.node}, ${availableParallelism()} cores`);
    line('recording (set-based SQL)', await seconds(() => recordAll(owner, count, created)), count);
    await owner.query('ANALYZE audit.events, audit.unsealed');
    line('sealing', await seconds(() => sealAll(postgres, dataDir, owner)), count);
    await owner.query('VACUUM ANALYZE');
    await owner.end();
    report(await verifyElsewhere(postgres, dataDir), count);
    await proofs(postgres, dataDir, token, created.clinicId);
  } finally {
    await postgres.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

/** As audit.record does it, thousands at a time. */
async function recordAll(owner, count, { clinicId, administratorId }) {
  for (let done = 0; done < count; done += 50_000) {
    await owner.query(
      `WITH event AS (
         INSERT INTO audit.events (clinic_id, staff_id, staff_name, staff_role, action, subject, subject_id, patient_id, address, user_agent,
                                   request_id, details, salt, details_sha256)
         SELECT $1, $2, 'Ada Admin', 'administrator', 'read', 'getPatient', patient::text, patient, '192.0.2.7',
                'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', gen_random_uuid(), details, salt,
                sha256(salt || convert_to(details, 'UTF8'))
           FROM (SELECT gen_random_uuid() AS patient, uuid_send(gen_random_uuid()) AS salt, format('{"page": %s, "found": 17}', n) AS details
                   FROM generate_series(1, $3::integer) AS n) AS made
         RETURNING events.*)
       INSERT INTO audit.unsealed
       SELECT id, occurred_at, sha256('\\x00'::bytea || convert_to(audit.entry(event::audit.events), 'UTF8')) FROM event`.replace(
        'audit.entry(event::audit.events)',
        `audit.entry(ROW(${await columnsOf(owner)})::audit.events)`,
      ),
      [clinicId, administratorId, Math.min(50_000, count - done)],
    );
  }
}

async function columnsOf(owner) {
  const { rows } = await owner.query(
    `SELECT string_agg('event.' || attname, ', ' ORDER BY attnum) AS columns FROM pg_attribute
      WHERE attrelid = 'audit.events'::regclass AND attnum > 0 AND NOT attisdropped`,
  );
  return rows[0].columns;
}

/** By the server's own sealer. */
async function sealAll(postgres, dataDir, owner) {
  const { Sealer } = await import('../dist/log/sealer.js');
  const { loadLogKeys } = await import('../dist/log/log-keys.js');
  const keys = await loadLogKeys(dataDir, undefined, 'https://bench.example');
  const sealer = new Sealer({ databaseUrl: postgres.sealerUrl, keys, rereadKeys: async () => keys, anchors: [] });
  sealer.onApplicationBootstrap();
  // Not the queue: reading it would keep finished rows from being vacuumed.
  const [{ count }] = (await owner.query('SELECT count(*) FROM audit.events')).rows;
  let size;
  do {
    await delay(200);
    size = (await owner.query('SELECT tree_size FROM audit.checkpoints ORDER BY id DESC LIMIT 1')).rows[0]?.tree_size;
    if (process.stdout.isTTY) process.stdout.write(`\r${size} of ${count}\r`);
  } while (size !== count);
  await sealer.onApplicationShutdown();
}

/** In a process of its own, for its memory. PostgreSQL's part is that of its backends. */
async function verifyElsewhere(postgres, dataDir) {
  const child = fork(new URL(import.meta.url).pathname, ['--verify', postgres.ownerUrl, '--data', dataDir]);
  const observer = new Client({ connectionString: postgres.superuserUrl });
  await observer.connect();
  const backends = new Map();
  let result;
  const ended = new Promise((resolve, reject) => {
    child.once('message', (message) => resolve((result = message)));
    child.once('exit', (code) => reject(new Error(`Verification ended with ${code}.`)));
  });
  while (!result) {
    const { rows } = await observer.query(`SELECT pid FROM pg_stat_activity WHERE application_name = 'assent verify'`);
    for (const { pid } of rows) {
      const usage = await usageOf(pid).catch(() => undefined);
      if (usage) backends.set(pid, usage);
    }
    await Promise.race([ended, delay(200)]);
  }
  await observer.end();
  return { ...result, backends: [...backends.values()] };
}

async function verifyHere(databaseUrl, dataDir) {
  const { verify } = await import('../dist/log/verify/verify.js');
  const { readLogKeys } = await import('../dist/log/log-keys.js');
  const keys = await readLogKeys(dataDir);
  const found = [];
  const ends = {};
  const started = performance.now();
  await verify({
    databaseUrl,
    keys,
    anchors: [],
    report: (finding) => found.push(finding),
    progress: (phase) => {
      ends[phase] = { at: (performance.now() - started) / 1_000, cpu: process.cpuUsage() };
    },
  });
  if (found.length > 0) throw new Error(JSON.stringify(found.slice(0, 10)));
  process.send({ ends, total: (performance.now() - started) / 1_000, cpu: process.cpuUsage(), rss: process.resourceUsage().maxRSS });
}

function busy({ user, system }) {
  return (user + system) / 1e6;
}

function report({ ends, total, cpu, rss, backends }, count) {
  const database = backends.reduce((sum, { seconds: one }) => sum + one, 0);
  line('verifying the log', ends.log.at, count);
  line('verifying all', total, count);
  console.log(
    `  CPU: Node ${busy(ends.log.cpu).toFixed(1)} s of the log, ${busy(cpu).toFixed(1)} s of all; PostgreSQL ${database.toFixed(1)} s of all`,
  );
  console.log(`  entries per second and core (all CPU of both): ${Math.round(count / (busy(cpu) + database))}`);
  console.log(`  memory at its peak: Node ${Math.round(rss / 1024)} MB; a backend's own ${Math.max(...backends.map((b) => b.memory))} MB`);
}

async function usageOf(pid) {
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).replace(/^.*\) /, '').split(' ');
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  // Clock ticks are hundredths on Linux. Shared buffers aren't the backend's own.
  return {
    seconds: (Number(fields[11]) + Number(fields[12])) / 100,
    memory: Math.round(Number(/^RssAnon:\s+(\d+)/m.exec(status)?.[1] ?? 0) / 1024),
  };
}

async function proofs(postgres, dataDir, token, clinicId) {
  const owner = new Client({ connectionString: postgres.ownerUrl });
  await owner.connect();
  const { rows } = await owner.query('SELECT event_id FROM audit.leaves WHERE clinic_id = $1 ORDER BY random() LIMIT 300', [clinicId]);
  await owner.end();
  const server = fork(join(root, 'dist', 'main.js'), {
    env: {
      ...process.env,
      PORT: '0',
      ASSENT_DEMO: 'off',
      DATA_DIR: dataDir,
      DATABASE_URL: postgres.appUrl,
      DATABASE_IDENTITY_URL: postgres.identityUrl,
      DATABASE_SEALER_URL: postgres.sealerUrl,
      DATABASE_OWNER_URL: postgres.ownerUrl,
      AUTH_SECRET: randomBytes(32).toString('hex'),
    },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  let output = '';
  const url = await new Promise((resolve, reject) => {
    server.once('exit', (code) => reject(new Error(`The server ended with ${code}.`)));
    server.stdout.on('data', (data) => {
      output += data;
      const ready = /^Assent is ready: (\S+)$/m.exec(output)?.[1];
      if (ready) resolve(ready);
    });
  });
  const times = [];
  let bytes = 0;
  for (const { event_id: id } of rows) {
    const started = performance.now();
    const response = await fetch(`${url}/api/audit/proof/${id}`, { headers: { cookie: `assent=${token}` } });
    const proof = await response.text();
    times.push(performance.now() - started);
    if (response.status !== 200) throw new Error(proof);
    bytes = Math.max(bytes, proof.length);
  }
  server.removeAllListeners('exit');
  server.kill('SIGTERM');
  times.sort((a, b) => a - b);
  const [p50, p99] = [0.5, 0.99].map((part) => times[Math.floor(part * (times.length - 1))].toFixed(1));
  console.log(`a proof: at most ${bytes} bytes, ${p50} ms (p99 ${p99}) over HTTP, one at a time`);
}

async function seconds(work) {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1_000;
}

function line(name, took, count) {
  console.log(
    `${name.padEnd(28)} ${took.toFixed(1).padStart(8)} s ${Math.round(count / took)
      .toString()
      .padStart(9)} a second`,
  );
}
