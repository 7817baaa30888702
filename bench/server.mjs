// The built server as a process of its own, and its memory.
import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from '../scripts/prepare.mjs';

export function startServer(database) {
  const child = fork(join(root, 'dist', 'main.js'), {
    env: {
      ...process.env,
      PORT: '0',
      ASSENT_DEMO: 'off',
      DATABASE_URL: database.app,
      DATABASE_IDENTITY_URL: database.identity,
      DATABASE_SEALER_URL: database.sealer,
      DATABASE_OWNER_URL: database.owner,
      AUTH_SECRET: randomBytes(32).toString('hex'),
    },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  return new Promise((resolve, reject) => {
    let output = '';
    child.once('exit', (code) => reject(new Error(`The server ended with ${code}.`)));
    child.stdout.on('data', (data) => {
      output += data;
      const url = /^Assent is ready: (\S+)$/m.exec(output)?.[1];
      if (url) resolve({ url, pid: child.pid, stop: () => child.kill('SIGTERM') });
    });
  });
}

export async function memoryOf(pid) {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const read = (name) => {
    const kilobytes = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1];
    return kilobytes ? `${Math.round(Number(kilobytes) / 1024)} MB` : 'unknown on this system';
  };
  return { now: read('VmRSS'), peak: read('VmHWM') };
}
