import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { newKey, readSigner } from '../../src/log/format/keys.js';
import { addCheckpoint, type Witnessed } from '../../src/log/witness/client.js';
import { WitnessState } from '../../src/log/witness/state.js';
import { WitnessedLog } from '../support/witnessed-log.js';

const log = new WitnessedLog('clinic.example/log', 'entry');
const fork = new WitnessedLog(log.origin, 'other entry', log.signer);
const secret = newKey('witness.example/w1', 'cosignature');
const keys = [readSigner(secret).verifier];

let directory: string;
let path: string;
let child: ChildProcess;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'assent-witness-'));
  path = join(directory, 'state.json');
  await WitnessState.create(path);
});

afterEach(async () => {
  await kill();
  await rm(directory, { recursive: true, force: true });
});

async function start(): Promise<string> {
  const script = join(import.meta.dirname, '..', 'support', 'witness-process.mjs');
  child = spawn(process.execPath, [script, path, log.origin, log.signer.publicKey, secret], { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const url of createInterface({ input: child.stdout ?? process.stdin })) return url;
  throw new Error('The witness didn’t start');
}

async function kill(): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

// Each time it is killed while one more request is on its way, which is then somewhere between its arrival and its answer.
it.each([1, 4, 9, 16, 25])('a witness that is killed after %i cosignatures forgets none of them', async (count) => {
  const url = await start();
  for (let size = 1; size <= count; size += 1) {
    expect(await addCheckpoint({ url, keys }, log.request(size - 1, size))).toMatchObject({ outcome: 'cosigned' });
  }
  const last = addCheckpoint({ url, keys }, log.request(count, count + 1)).catch((): undefined => undefined);
  const killed = kill();
  const answer: Witnessed | undefined = await last;
  await killed;

  const remembered = (await WitnessState.open(path)).latest(log.origin)?.size ?? 0;
  expect([count, count + 1]).toContain(remembered);
  // A cosignature that left is remembered.
  expect(answer === undefined || remembered === count + 1).toBe(true);

  const again = { url: await start(), keys };
  expect(await addCheckpoint(again, fork.request(remembered, remembered))).toEqual({ outcome: 'conflict', size: remembered });
  expect(await addCheckpoint(again, log.request(0, 1))).toEqual({ outcome: 'conflict', size: remembered });
  expect(await addCheckpoint(again, log.request(remembered, remembered + 1))).toMatchObject({ outcome: 'cosigned' });
});
