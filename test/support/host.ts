import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cp, mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { TestDatabase } from './database.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const run = promisify(execFile);

export interface Host {
  /** A copy of examples/host with the packed Assent among its dependencies, compiled. */
  readonly folder: string;
  /** Of the package. */
  readonly files: readonly string[];
  remove(): Promise<void>;
}

/** Packs Assent and installs it as npm would, with the dependencies of this checkout in place of downloaded ones. */
export async function installHost(): Promise<Host> {
  const folder = await mkdtemp(join(tmpdir(), 'assent-host-'));
  await cp(join(ROOT, 'examples', 'host'), folder, { recursive: true });
  const { stdout } = await run('npm', ['pack', '--json', '--silent', '--pack-destination', folder], { cwd: ROOT, maxBuffer: 2 ** 26 });
  const [pack] = JSON.parse(stdout.slice(stdout.indexOf('['))) as { filename: string; files: { path: string }[] }[];
  const modules = join(folder, 'node_modules');
  for (const name of await packagesOf(join(ROOT, 'node_modules'))) {
    await mkdir(join(modules, name, '..'), { recursive: true });
    await symlink(join(ROOT, 'node_modules', name), join(modules, name), 'junction');
  }
  await run('tar', ['-xzf', join(folder, pack?.filename ?? ''), '-C', modules]);
  // npm calls the folder in a package "package".
  await cp(join(modules, 'package'), join(modules, 'assent'), { recursive: true });
  await run(process.execPath, [join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc'), '--project', folder]).catch(
    ({ stdout: errors }: { stdout: string }) => {
      throw new Error(errors);
    },
  );
  return { folder, files: pack?.files.map(({ path }) => path) ?? [], remove: () => rm(folder, { recursive: true, force: true }) };
}

async function packagesOf(folder: string): Promise<string[]> {
  const names = (await readdir(folder)).filter((name) => !name.startsWith('.'));
  const lists = names.map(async (name) =>
    name.startsWith('@') ? (await readdir(join(folder, name))).map((of) => `${name}/${of}`) : [name],
  );
  return (await Promise.all(lists)).flat();
}

export interface RunningHost {
  readonly url: string;
  /** Ends it as its operator would. */
  stop(): Promise<void>;
}

export async function startHost({ folder }: Host, database: TestDatabase, env: Readonly<Record<string, string>>): Promise<RunningHost> {
  const child = spawn(process.execPath, [join(folder, 'dist', 'main.js')], {
    env: {
      PATH: process.env['PATH'],
      PORT: '0',
      BASE_URL: 'http://localhost:3000',
      DATA_DIR: database.dataDir,
      DATABASE_URL: database.app,
      DATABASE_IDENTITY_URL: database.identity,
      DATABASE_SEALER_URL: database.sealer,
      DATABASE_OWNER_URL: database.owner,
      AUTH_SECRET: randomBytes(32).toString('hex'),
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const ended = new Promise<number | null>((resolve) => {
    child.once('exit', resolve);
  });
  const port = await new Promise<string>((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const found = /^Listening on \S+:(\d+)$/m.exec(text)?.[1];
      if (found) resolve(found);
    });
    void ended.then((code) => reject(new Error(`The host ended with ${code}: ${errors}`)));
  });
  return {
    url: `http://localhost:${port}`,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
