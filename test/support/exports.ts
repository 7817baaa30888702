import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Person } from './make.js';
import type { TestServer } from './server.js';
import { asSuperuser } from './sql.js';

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
const VERIFY = fileURLToPath(new URL('../../docs/verify.mjs', import.meta.url));

/** Until all that was recorded is in the log; each question is a round trip. */
export async function sealed(server: TestServer): Promise<void> {
  for (;;) {
    const [row] = await asSuperuser(server, 'SELECT count(*) AS waiting FROM audit.unsealed');
    if (Number(row?.['waiting']) === 0) return;
  }
}

export async function exportOf(by: Person, query = ''): Promise<string> {
  const { status, body } = await by.api.get(`/api/audit/export${query}`);
  if (status !== 200) throw new Error(JSON.stringify(body));
  return body as string;
}

export async function publicKeyOf(by: Person): Promise<string> {
  return (await by.api.get('/api/audit/log')).body.publicKey as string;
}

export interface Verdict {
  readonly status: number | null;
  readonly said: string;
}

/** Lines of an export, as JSON gives them. */
// oxlint-disable-next-line typescript/no-explicit-any -- whatever is written there
export function linesOf(text: string): any[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

export const writtenAs = (lines: readonly unknown[]): string => lines.map((line) => `${JSON.stringify(line)}\n`).join('');

/** A folder for a test file's exports, and both verifiers of them. */
export class Verifiers {
  private constructor(readonly folder: string) {}

  static async open(): Promise<Verifiers> {
    return new Verifiers(await mkdtemp(join(tmpdir(), 'assent-test-')));
  }

  async close(): Promise<void> {
    await rm(this.folder, { recursive: true });
  }

  /** npx assent verify --export: without a database, and without any setting. */
  async assent(text: string | Buffer, keys: readonly string[], ...more: string[]): Promise<Verdict> {
    return this.run(text, (path) => [CLI, 'verify', '--export', path, ...keys.flatMap((key) => ['--key', key]), ...more]);
  }

  /** The one that is written without a line of Assent's. */
  async independent(text: string | Buffer, keys: readonly string[]): Promise<Verdict> {
    return this.run(text, (path) => [VERIFY, path, ...keys]);
  }

  private async run(text: string | Buffer, args: (path: string) => string[]): Promise<Verdict> {
    const path = join(this.folder, 'export.ndjson');
    await writeFile(path, text);
    const { status, stdout, stderr } = spawnSync(process.execPath, args(path), { cwd: this.folder, env: {}, encoding: 'utf8' });
    return { status, said: stdout + stderr };
  }
}
