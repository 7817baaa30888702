import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stdout } from 'node:process';
import { writeDurably } from '../../common/files.js';
import { ConfigError } from '../../config.js';
import { readOptions } from '../../options.js';
import { isKeyName, newKey, readSigner, readVerifier, type Signer, type Verifier } from '../format/keys.js';
import { serveWitness } from './server.js';
import { WitnessState } from './state.js';
import { Witness } from './witness.js';

const onDefect = (error: unknown): void => console.error(error);

/** npx assent witness: cosigns other clinics' logs. Needs no database. */
export async function witnessCommand(args: string[]): Promise<void> {
  const values = readOptions(args, {
    name: { type: 'string' },
    folder: { type: 'string', default: 'witness' },
    log: { type: 'string', multiple: true, default: [] },
    host: { type: 'string', default: 'localhost' },
    port: { type: 'string', default: '3001' },
  });
  const port = portOf(values.port);
  const logs = logsOf(values.log);
  const { signer, state } = await openFolder(values.folder, values.name);
  const server = await serveWitness(new Witness(logs, signer, state), { host: values.host, port, onDefect }).catch((cause: Error) => {
    throw new ConfigError(`The port ${port} of ${values.host} can't be used: ${cause.message}`, { cause });
  });
  stdout.write(
    `The witness ${signer.name} is ready. The clinics that it watches put into LOG_ANCHORS:\n  witness+${server.url}#${signer.publicKey}\n`,
  );
  const end = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => end.abort());
  await once(end.signal, 'abort');
  await server.stop();
}

interface Folder {
  readonly signer: Signer;
  readonly state: WitnessState;
}

/** The key comes last: a witness that has its key has its memory too. Without that memory it could cosign a forked log. */
async function openFolder(folder: string, name: string | undefined): Promise<Folder> {
  const [key, memory] = [join(folder, 'key'), join(folder, 'state.json')];
  if (!existsSync(key)) {
    if (!name) throw new ConfigError('A new witness needs a name, best its address without https://: --name witness.example.org');
    if (!isKeyName(name)) throw new ConfigError('A witness’s name has no spaces and no plus.');
    await mkdir(folder, { recursive: true, mode: 0o700 });
    if (!existsSync(memory)) await WitnessState.create(memory);
    await writeDurably(key, `${newKey(name, 'cosignature')}\n`, 'wx');
  }
  const signer = await readIn(key, async () => readSigner((await readFile(key, 'utf8')).trim()));
  return { signer, state: await readIn(memory, () => WitnessState.open(memory)) };
}

async function readIn<T>(file: string, read: () => Promise<T>): Promise<T> {
  return read().catch((cause: Error) => {
    throw new ConfigError(
      `${file} can't be read: ${cause.message}. Restore it, but no older one; or begin as a new witness, with another name and folder.`,
      { cause },
    );
  });
}

function portOf(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= 65_535)) throw new ConfigError(`--port must be a port number, and ${text} is none.`);
  return port;
}

/** By the name of the log, which is that of its key. */
function logsOf(keys: readonly string[]): Map<string, Verifier[]> {
  const logs = new Map<string, Verifier[]>();
  for (const key of keys) {
    const verifier = readLogKey(key);
    logs.set(verifier.name, [...(logs.get(verifier.name) ?? []), verifier]);
  }
  if (logs.size === 0) throw new ConfigError('Which logs? Give the public key of each: --log clinic.example/0123abcd+…');
  return logs;
}

function readLogKey(key: string): Verifier {
  try {
    const verifier = readVerifier(key);
    if (verifier.kind === 'note') return verifier;
  } catch {
    // Said below.
  }
  throw new ConfigError(`--log is followed by the public key of a log, and ${key} is none.`);
}
