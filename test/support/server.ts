import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { createDatabase, type TestDatabase } from './database.js';

export const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

export interface TestServer {
  readonly url: string;
  readonly database: TestDatabase;
  stop(): Promise<void>;
}

export interface ServerProcess extends TestServer {
  /** What the server wrote to its standard error so far: defects, with their stacks. */
  readonly errors: () => string;
  /** What it wrote to its standard output. */
  readonly output: () => string;
  /** SIGKILL, from which it can't tidy up. */
  kill(): Promise<void>;
}

interface ServerOptions {
  /** A database that other servers share; whoever made it drops it. */
  readonly shared?: TestDatabase;
  readonly env?: Readonly<Record<string, string>>;
}

/** The real server, as built, on a database of its own. It runs in the process of this worker's servers (server-host.mjs). */
export async function startServer({ shared, env = {} }: ServerOptions = {}): Promise<TestServer> {
  const database = shared ?? (await createDatabase());
  const url = await askHost('POST', JSON.stringify({ ...environmentOf(database), ...env }));
  return {
    url,
    database,
    stop: async () => {
      await askHost('DELETE', url);
      if (!shared) await database.drop();
    },
  };
}

/** The same in a process of its own, whose end and standard error a test needs. */
export async function startServerProcess({ shared, env = {} }: ServerOptions = {}): Promise<ServerProcess> {
  const database = shared ?? (await createDatabase());
  const child = spawn(process.execPath, [MAIN], {
    env: { PATH: process.env['PATH'], ...environmentOf(database), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let errors = '';
  let output = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const ended = new Promise<number | null>((resolve) => {
    child.once('exit', resolve);
  });
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      const ready = /^Assent is ready: (\S+)$/m.exec(output)?.[1];
      if (ready) resolve(ready);
    });
    void ended.then((code) => reject(new Error(`The server ended with ${code}: ${errors}`)));
  });
  return {
    url,
    database,
    errors: () => errors,
    output: () => output,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
      if (!shared) await database.drop();
    },
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** A server that one test needs for itself. It stops however the test ends. */
export async function withServer<T>(options: ServerOptions, use: (server: TestServer) => Promise<T>): Promise<T> {
  const server = await startServer(options);
  try {
    return await use(server);
  } finally {
    await server.stop();
  }
}

export async function withServerProcess<T>(options: ServerOptions, use: (server: ServerProcess) => Promise<T>): Promise<T> {
  const server = await startServerProcess(options);
  try {
    return await use(server);
  } finally {
    await server.stop();
  }
}

function environmentOf(database: TestDatabase): Record<string, string> {
  return {
    PORT: '0',
    ASSENT_DEMO: 'off',
    DATA_DIR: database.dataDir,
    DATABASE_URL: database.app,
    DATABASE_IDENTITY_URL: database.identity,
    DATABASE_SEALER_URL: database.sealer,
    DATABASE_OWNER_URL: database.owner,
    AUTH_SECRET: randomBytes(32).toString('hex'),
    LOG_LEVEL: 'warn',
  };
}

async function askHost(method: string, body: string): Promise<string> {
  const hosts = JSON.parse(process.env['ASSENT_TEST_HOSTS'] ?? '[]') as string[];
  const answer = await fetch(hosts[Number(process.env['JEST_WORKER_ID']) - 1] ?? '', { method, body });
  const said = await answer.text();
  if (!answer.ok) throw new Error(said);
  return said;
}
