import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceDurably, syncDirectory, writeDurably } from '../common/files.js';
import { ConfigError } from '../config.js';
import { type OpenedCheckpoint, openCheckpoint } from './format/checkpoint.js';
import { newKey, readSigner, readVerifier, type Signer, type Verifier } from './format/keys.js';
import { readSize, UntrustedError } from './format/text.js';

/** A key that signed before the present one, and the size of the log when it was replaced. */
interface FormerKey {
  readonly verifier: Verifier;
  readonly publicKey: string;
  readonly until: number;
}

/** The keys of the log: never from the database, whose owner they are to convict. Each was valid for a range of sizes. */
export class LogKeys {
  constructor(
    readonly signer: Signer,
    readonly former: readonly FormerKey[],
  ) {}

  /** The secret key, then each former public key with the size up to which it signed; between them spaces or newlines. */
  static parse(text: string): LogKeys {
    const [secret = '', ...rest] = text.trim().split(/\s+/);
    const signer = readSigner(secret);
    if (signer.kind !== 'note') throw new Error('The key is a witness’s');
    const former: FormerKey[] = [];
    for (let i = 0; i < rest.length; i += 2) {
      const publicKey = rest[i] ?? '';
      former.push({ verifier: readVerifier(publicKey), publicKey, until: readSize(rest[i + 1] ?? '') });
    }
    if (former.some(({ verifier }) => verifier.name !== signer.name)) throw new Error('All keys of a log have its name');
    return new LogKeys(signer, former);
  }

  /** The name of the log, which is that of its keys. */
  get origin(): string {
    return this.signer.name;
  }

  /** Reads a checkpoint that the key of its time signed. */
  open(note: string): OpenedCheckpoint {
    const log = [this.signer.verifier, ...this.former.map(({ verifier }) => verifier)];
    const opened = openCheckpoint(note, { origin: this.origin, log, witnesses: [], quorum: 0 });
    const { size } = opened.checkpoint;
    if (!opened.signatures.some(({ by }) => this.isValid(by, size))) {
      throw new UntrustedError(`The key that signed wasn’t the log’s at a size of ${size}`);
    }
    return opened;
  }

  /** With a new key, from this size on. */
  rotate(size: number): string {
    const secret = newKey(this.origin, 'note');
    const former = [...this.former, { publicKey: this.signer.publicKey, until: size }];
    return [secret, ...former.map(({ publicKey, until }) => `${publicKey} ${until}`), ''].join('\n');
  }

  private isValid(by: Verifier, size: number): boolean {
    const since = (index: number): number => this.former[index - 1]?.until ?? 0;
    if (by === this.signer.verifier) return size >= since(this.former.length);
    return this.former.some(({ verifier, until }, index) => verifier === by && size <= until && size >= since(index));
  }
}

const FILE = 'log-key';

/** From LOG_KEY, or from DATA_DIR, where the first start makes one for the log of this address. */
export async function loadLogKeys(dataDir: string, given: string | undefined, baseUrl: string): Promise<LogKeys> {
  if (given) return parse(given, 'LOG_KEY');
  const file = join(dataDir, FILE);
  const text = (await readIfThere(file)) ?? (await createKey(file, dataDir, baseUrl));
  return parse(text, file);
}

/** Of a log that there is. */
export async function readLogKeys(dataDir: string, given: string | undefined): Promise<LogKeys> {
  if (given) return parse(given, 'LOG_KEY');
  const file = join(dataDir, FILE);
  const text = await readIfThere(file);
  if (text === undefined) throw new ConfigError(`There is no key in ${file}: set DATA_DIR or LOG_KEY.`);
  return parse(text, file);
}

/** Puts a new key into DATA_DIR. The old one's secret is gone; what it signed stays. */
export async function rotateLogKey(dataDir: string, size: number): Promise<LogKeys> {
  const file = join(dataDir, FILE);
  const text = await readIfThere(file);
  if (text === undefined) throw new ConfigError(`There is no key in ${file} to be replaced.`);
  const next = parse(text, file).rotate(size);
  await replaceDurably(file, next);
  return LogKeys.parse(next);
}

function parse(text: string, source: string): LogKeys {
  try {
    return LogKeys.parse(text);
  } catch (cause) {
    throw new ConfigError(`${source} holds no key of a log: ${(cause as Error).message}`, { cause });
  }
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new ConfigError(`${file} can't be read: ${(error as Error).message}`, { cause: error });
  }
}

/** Whole or not at all; of two parallel starts, one wins. */
async function createKey(file: string, dataDir: string, baseUrl: string): Promise<string> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  // Part of the name is random: a witness may see many logs of a "localhost".
  const secret = `${newKey(`${new URL(baseUrl).host}/${randomBytes(4).toString('hex')}`, 'note')}\n`;
  const draft = `${file}.${process.pid}`;
  await writeDurably(draft, secret);
  await link(draft, file).catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  });
  await rm(draft);
  // Before anything is signed with it.
  await syncDirectory(file);
  return readFile(file, 'utf8');
}
