import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { stdout } from 'node:process';
import { ConfigError } from '../../config.js';
import { readOptions } from '../../options.js';
import { writeDurably } from '../files.js';
import { newKey, readSigner, readVerifier, type Signer, type Verifier } from '../format/keys.js';
import { serveWitness } from './server.js';
import { WitnessState } from './state.js';
import { Witness } from './witness.js';

/** npx assent witness: cosigns other clinics' logs. Needs no database. */
export async function witnessCommand(args: string[]): Promise<void> {
  const values = readOptions(args, {
    name: { type: 'string' },
    folder: { type: 'string', default: 'witness' },
    log: { type: 'string', multiple: true, default: [] },
    host: { type: 'string', default: 'localhost' },
    port: { type: 'string', default: '3001' },
  });
  await mkdir(values.folder, { recursive: true, mode: 0o700 });
  const signer = await openKey(`${values.folder}/key`, values.name);
  const state = `${values.folder}/state.json`;
  const server = await serveWitness(
    new Witness(logsOf(values.log), signer, existsSync(state) ? await WitnessState.open(state) : await WitnessState.create(state)),
    { host: values.host, port: Number(values.port), onDefect: (error) => console.error(error) },
  );
  stdout.write(
    `The witness ${signer.name} is ready. The clinics that it watches put into LOG_ANCHORS:\n  witness+${server.url}#${signer.publicKey}\n`,
  );
  const end = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => end.abort());
  await once(end.signal, 'abort');
  await server.stop();
}

async function openKey(file: string, name: string | undefined): Promise<Signer> {
  if (!existsSync(file)) {
    if (!name) throw new ConfigError('A new witness needs a name, best its address without https://: --name witness.example.org');
    await writeDurably(file, `${newKey(name, 'cosignature')}\n`, 'wx');
  }
  return readSigner((await readFile(file, 'utf8')).trim());
}

/** By the name of the log, which is that of its key. */
function logsOf(keys: readonly string[]): Map<string, Verifier[]> {
  const logs = new Map<string, Verifier[]>();
  for (const key of keys) {
    const verifier = readVerifier(key);
    logs.set(verifier.name, [...(logs.get(verifier.name) ?? []), verifier]);
  }
  if (logs.size === 0) throw new ConfigError('Which logs? Give the public key of each: --log clinic.example/0123abcd+…');
  return logs;
}
