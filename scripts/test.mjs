// node scripts/test.mjs ARGS…    prepares this checkout and runs Jest with these arguments
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { prepare, root } from './prepare.mjs';

await prepare();

// Through the environment, because Jest's workers need the options too.
const nodeOptions = [process.env.NODE_OPTIONS, '--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
const jest = spawn(process.execPath, [join(root, 'node_modules', 'jest', 'bin', 'jest.js'), ...process.argv.slice(2)], {
  cwd: root,
  env: { ...process.env, NODE_OPTIONS: nodeOptions.filter(Boolean).join(' ') },
  stdio: 'inherit',
});

// Ctrl-C reaches Jest by itself; we stay until it has cleaned up. Other signals come to us alone.
process.on('SIGINT', () => undefined);
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => jest.kill(signal));

jest.once('exit', (code, signal) => {
  if (!signal) process.exit(code);
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
});
