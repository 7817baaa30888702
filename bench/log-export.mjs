// node bench/log-export.mjs [--events 1000000]
//
// Makes an export of that many events, and measures both verifiers on it: a process each, by its own time on the processor and its peak of
// memory.
import { spawn } from 'node:child_process';
import { hash, randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { prepare, root } from '../scripts/prepare.mjs';

const { values } = parseArgs({ options: { events: { type: 'string', default: '1000000' } } });
const events = Number(values.events);

await prepare();
const { writeLine } = await import('../dist/log/export/format.js');
const { entryHash, writeEntry } = await import('../dist/log/entry.js');
const { writeCheckpoint } = await import('../dist/log/format/checkpoint.js');
const { newKey, readSigner } = await import('../dist/log/format/keys.js');
const { RootCalculator } = await import('../dist/log/format/merkle.js');
const { signNote } = await import('../dist/log/format/note.js');

const folder = await mkdtemp(join(tmpdir(), 'assent-bench-'));
try {
  const path = join(folder, 'export.ndjson');
  const key = await write(path);
  const measure = join(folder, 'measure.mjs');
  await writeFile(
    measure,
    `import { writeSync } from 'node:fs';
     process.on('exit', () => {
       const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
       writeSync(2, JSON.stringify({ seconds: (userCPUTime + systemCPUTime) / 1e6, peak: maxRSS }));
     });`,
  );
  const { size } = await stat(path);
  console.log(`${events} events, ${Math.round(size / events)} bytes each`);
  for (const [name, ...args] of [
    ['assent verify', join(root, 'dist', 'cli.js'), 'verify', '--export', path, '--key', key],
    ['docs/verify.mjs', join(root, 'docs', 'verify.mjs'), path, key],
  ]) {
    const { seconds, peak, output } = await run(measure, args);
    console.log(
      `${name}: ${Math.round(events / seconds)} events a second of one core, ${Math.round(peak / 1024)} MB at most; ${output.split('\n')[0]}`,
    );
  }
} finally {
  await rm(folder, { recursive: true });
}

/** The lines come twice: the header needs the root of what follows it. */
async function write(path) {
  const signer = readSigner(newKey('bench.example', 'note'));
  const tree = new RootCalculator();
  const clinicId = 'c0000000-0000-4000-8000-000000000000';
  const nonce = randomBytes(16).toString('hex');
  for (let index = 0; index < events; index += 1) tree.append(Buffer.from(line(index).leaf, 'base64'));
  const checkpoint = signNote(writeCheckpoint({ origin: signer.name, size: events, root: tree.root(), extensions: [] }), [signer]);
  const file = createWriteStream(path);
  const clinic = { id: clinicId, name: 'Bench' };
  file.write(
    writeLine({
      format: 'assent-log-export/1',
      origin: signer.name,
      checkpoint,
      exportedAt: new Date().toISOString(),
      clinic,
      patientId: null,
      period: { from: null, until: null },
    }),
  );
  let text = '';
  for (let index = 0; index < events; index += 1) {
    text += writeLine(line(index));
    if (text.length < 1 << 20) continue;
    if (!file.write(text)) await new Promise((resolve) => file.once('drain', resolve));
    text = '';
  }
  file.end(text + writeLine({ end: true, events }));
  await finished(file);
  return signer.publicKey;

  function line(index) {
    const id = `0192f0c0-0000-7000-8000-${index.toString(16).padStart(12, '0')}`;
    const salt = hash('sha256', `salt ${index}`).slice(0, 32);
    const details = JSON.stringify({
      new: { id, started_at: '2026-01-01T10:00:00.123456+00:00', patient_id: id, nothing_changed: true, regions: ['cervical', 'lumbar'] },
    });
    const entry = writeEntry({
      action: 'insert',
      address: '127.0.0.1',
      clinicId,
      detailsSha256: hash('sha256', Buffer.concat([Buffer.from(salt, 'hex'), Buffer.from(details)])),
      id,
      nonce,
      occurredAt: '2026-01-01T10:00:00.123456Z',
      outcome: 'success',
      patientId: `0192f0c0-0000-7000-8000-${(index % 50_000).toString(16).padStart(12, '0')}`,
      requestId: id,
      staffId: clinicId,
      staffName: 'Ben Practitioner',
      staffRole: 'practitioner',
      subject: 'sessions',
      subjectId: id,
      userAgent: 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
    });
    return { index, leaf: entryHash(entry).toString('base64'), entry, details, salt };
  }
}

/** By its own time on the processor, since others may be at work. */
async function run(measure, args) {
  const child = spawn(process.execPath, ['--import', measure, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  let measured = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text) => (measured += text));
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(output + measured);
  return { ...JSON.parse(measured), output };
}
