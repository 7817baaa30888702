import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile, readlink, rm, stat, type FileHandle } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { serverEnvironment, type Cluster } from './cluster.js';
import { errorCode } from './error.js';
import type { Programs } from './programs.js';

/** A PostgreSQL server that runs on a cluster, started by any process. */
export interface RunningServer {
  readonly pid: number;
  readonly port: number;
  readonly ready: boolean;
}

/** A server that this process started. */
export interface Launch {
  exited: boolean;
  /** Where its own messages begin in the log. */
  readonly logStart: number;
}

export const POLL_MS = 20;
const LOG_LIMIT_BYTES = 10 * 1024 * 1024;
const LOG_TAIL_BYTES = 2000;
/** PostgreSQL writes postmaster.pid in one go: a file that stays empty for longer was left by a crash. */
const EMPTY_PID_FILE_LIMIT_MS = 5000;

const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  max_connections: '100',
  shared_buffers: '128MB',
  password_encryption: 'scram-sha-256',
  timezone: 'UTC',
  log_timezone: 'UTC',
  // An error's message and detail quote values, and those are about patients. Assent's own log has what a defect needs.
  log_min_messages: 'log',
  log_error_verbosity: 'terse',
  log_parameter_max_length: '0',
  cluster_name: 'assent',
  // Loopback serves every platform; Windows has no sockets by default.
  ...(process.platform === 'win32' ? {} : { unix_socket_directories: '' }),
};

/** The server that postmaster.pid names, if it is alive. */
export async function findRunning({ pgdata }: Cluster): Promise<RunningServer | undefined> {
  const file = join(pgdata, 'postmaster.pid');
  const lines = await linesOf(file);
  if (!lines) return undefined;
  const pid = Math.abs(Number(lines[0]));
  if (!pid) return findBeginning(file);
  if (await isPostmaster(pid, pgdata)) return { pid, port: Number(lines[3]), ready: lines[7]?.trim() === 'ready' };
  // A leftover. PostgreSQL replaces one that names no process, but is put off by any process that has got that number since.
  if (isProcess(pid)) await rm(file, { force: true });
  return undefined;
}

/** Starts the server and doesn't wait: findRunning tells when it is ready. */
export async function launchServer(
  cluster: Cluster,
  { programs, settings }: { programs: Programs; settings: Readonly<Record<string, string>> },
): Promise<Launch> {
  const all = Object.entries({ ...SETTINGS, ...settings, port: String(await freePort()) });
  const options = all.flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const log = await openLog(cluster.logFile);
  try {
    const launch: Launch = { exited: false, logStart: (await log.stat()).size };
    const child =
      process.platform === 'win32'
        ? // An administrator's postgres.exe refuses to run; pg_ctl sheds the rights first.
          spawn(programs.pgCtl, ['start', '-w', '-D', cluster.pgdata, '-l', cluster.logFile, '-o', options.join(' ')], {
            env: serverEnvironment(),
            stdio: 'ignore',
            windowsHide: true,
          })
        : spawn(programs.postgres, ['-D', cluster.pgdataArgument, ...options], {
            cwd: cluster.pgdata,
            env: serverEnvironment(),
            stdio: ['ignore', log.fd, log.fd],
            // In its own process group: Ctrl-C in the terminal then reaches Assent alone, which stops the server in order.
            detached: true,
            ...cluster.account,
          });
    child.once('exit', (code) => {
      // On Windows it was pg_ctl, which leaves when the server is ready.
      launch.exited = process.platform !== 'win32' || code !== 0;
    });
    await once(child, 'spawn');
    child.unref();
    return launch;
  } finally {
    await log.close();
  }
}

interface StopOptions {
  readonly cluster: Cluster;
  readonly programs: Programs;
  readonly mode: 'fast' | 'immediate';
}

/**
 * Ends all connections and resolves when the server is gone. "fast" writes everything to disk first; "immediate" leaves it to
 * the recovery of the next start.
 */
export async function stopServer(pid: number, { cluster: { pgdata }, programs, mode }: StopOptions): Promise<void> {
  if (!(await isPostmaster(pid, pgdata))) return;
  if (process.platform === 'win32') {
    await promisify(execFile)(programs.pgCtl, ['stop', '-w', '-m', mode, '-D', pgdata]);
    return;
  }
  process.kill(pid, mode === 'fast' ? 'SIGINT' : 'SIGQUIT');
  while (await isPostmaster(pid, pgdata)) await delay(POLL_MS);
}

/** The end of what the server wrote since `start`. */
export async function logTail(logFile: string, start: number): Promise<string> {
  const log = await open(logFile, 'r');
  try {
    const end = (await log.stat()).size;
    const from = Math.max(start, end - LOG_TAIL_BYTES);
    const { buffer, bytesRead } = await log.read(Buffer.alloc(LOG_TAIL_BYTES), 0, LOG_TAIL_BYTES, from);
    return buffer.toString('utf8', 0, bytesRead).trim();
  } finally {
    await log.close();
  }
}

async function linesOf(file: string): Promise<string[] | undefined> {
  try {
    return (await readFile(file, 'utf8')).split('\n');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function findBeginning(file: string): Promise<RunningServer | undefined> {
  const mtimeMs = await stat(file).then(
    (found) => found.mtimeMs,
    () => 0,
  );
  if (Math.abs(Date.now() - mtimeMs) < EMPTY_PID_FILE_LIMIT_MS) return { pid: 0, port: 0, ready: false };
  await rm(file, { force: true });
  return undefined;
}

/** Whether the process is alive and is the server of this cluster: numbers are reused after a crash or a restart. */
async function isPostmaster(pid: number, pgdata: string): Promise<boolean> {
  if (process.platform === 'linux') return isPostmasterOnLinux(pid, pgdata);
  if (!isProcess(pid)) return false;
  if (process.platform === 'win32') {
    const { stdout } = await promisify(execFile)('tasklist', ['/NH', '/FO', 'CSV', '/FI', `PID eq ${pid}`]);
    return stdout.includes('postgres.exe');
  }
  const command = await promisify(execFile)('ps', ['-ww', '-o', 'command=', '-p', String(pid)]).catch(() => undefined);
  return command?.stdout.includes(`-D ${pgdata} `) ?? false;
}

async function isPostmasterOnLinux(pid: number, pgdata: string): Promise<boolean> {
  try {
    const status = await readFile(`/proc/${pid}/stat`, 'utf8');
    // A zombie has ended; it may stay forever where process 1 doesn't collect orphans, as in many containers.
    if (!/^\d+ \(postgres\) [^ZX]/.test(status)) return false;
    return (await readlink(`/proc/${pid}/cwd`)) === pgdata;
  } catch (error) {
    // A container's root may lack the right to look where another account's process is.
    return errorCode(error) === 'EACCES';
  }
}

function isProcess(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Free at this moment; a start that finds it taken picks another. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function openLog(logFile: string): Promise<FileHandle> {
  const log = await open(logFile, 'a', 0o600);
  if ((await log.stat()).size > LOG_LIMIT_BYTES) await log.truncate();
  return log;
}
