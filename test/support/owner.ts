import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Client } from 'pg';
import type { EmbeddedPostgres } from '../../src/database/embedded.js';
import { errorCode } from '../../src/database/embedded/error.js';

/** A process of its own, so that it can be killed. It stops in order when the test disconnects. */
const OWNER = `
  const { startEmbedded } = await import(${JSON.stringify(new URL('../../dist/database/embedded.js', import.meta.url).href)});
  try {
    const server = await startEmbedded({
      dataDir: process.argv[1],
      settings: { fsync: 'off', ...JSON.parse(process.argv[2]) },
      onLost: (error) => process.send({ lost: error.message }),
    });
    process.once('disconnect', () => server.stop());
    if (process.connected) process.send({ urls: server });
    else await server.stop();
  } catch (error) {
    console.error(error.message);
    process.exit(1);
  }
`;

type Urls = Omit<EmbeddedPostgres, 'stop'>;

export interface Owner extends Urls {
  readonly child: ChildProcess;
  stop(): Promise<void>;
  kill(): Promise<void>;
}

export function launchOwner(dataDir: string, settings: Readonly<Record<string, string>> = {}): ChildProcess {
  return spawn(process.execPath, ['--input-type=module', '-e', OWNER, dataDir, JSON.stringify(settings)], {
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
  });
}

/** Rejects with what the process said if it ends before its server is ready. */
export async function startOwner(child: ChildProcess): Promise<Owner> {
  let complaint = '';
  child.stderr?.setEncoding('utf8').on('data', (text) => (complaint += text));
  const urls = await new Promise<Urls>((resolve, reject) => {
    child.once('message', (message) => resolve((message as { urls: Urls }).urls));
    child.once('close', () => reject(new Error(complaint)));
  });
  return {
    ...urls,
    child,
    stop: () => end(child, () => child.disconnect()),
    kill: () => end(child, () => child.kill('SIGKILL')),
  };
}

export async function end(child: ChildProcess, how: () => void): Promise<void> {
  const exit = once(child, 'exit');
  how();
  await exit;
}

export function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    // A server that was killed before leaves its postmaster.pid.
    if (errorCode(error) !== 'ESRCH') throw error;
  }
}

export async function query(connectionString: string, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}
