// node scripts/test-on-nodes.mjs ARGS…    runs npm test with these arguments on each supported line of Node.js, which npm fetches
import { spawnSync } from 'node:child_process';
import { root } from './prepare.mjs';

/** As in .github/workflows/ci.yml. */
const LINES = [20, 22, 24];

const failed = LINES.filter((line) => {
  const test = ['node', 'scripts/test.mjs', ...process.argv.slice(2)];
  // The shell on Windows finds npm, which is a script there.
  const npm = spawnSync('npm', ['exec', '--yes', `--package=node@${line}`, '--', ...test], {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  console.log(`${npm.status === 0 ? 'ok     ' : 'FAILED '} Node.js ${line}`);
  return npm.status !== 0;
});
process.exit(failed.length > 0 ? 1 : 0);
