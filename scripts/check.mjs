// node scripts/check.mjs    format, lint, types, unused code, what is derived from the code (OpenAPI, entities), the description of
// the API, and how much script the pages load
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { prepare, root } from './prepare.mjs';

await prepare();

const CHECKS = [
  ['format', 'oxfmt', '--check', '.'],
  ['lint', 'oxlint', '--type-aware', '--deny-warnings'],
  ['types', 'tsc', '--project', 'tsconfig.json'],
  ['types of the pages', 'tsc', '--project', 'web/tsconfig.json'],
  ['unused code', 'knip'],
  ['folders', join(root, 'scripts', 'folders.mjs')],
  ['openapi.json and entities', join(root, 'scripts', 'drift.mjs')],
  ['openapi.json by Redocly', '@redocly/cli', 'lint', 'openapi.json', '--config', 'scripts/redocly.yaml'],
  [
    'openapi.json by Spectral',
    '@stoplight/spectral-cli',
    'lint',
    'openapi.json',
    '--ruleset',
    'scripts/spectral.yaml',
    '--fail-severity',
    'hint',
  ],
  ['size of the pages', join(root, 'scripts', 'page-size.mjs')],
];

// By default Redocly asks for newer versions and reports how it is used.
const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };

const failed = CHECKS.filter(([name, command, ...args]) => {
  const script = command.endsWith('.mjs') ? [command] : binary(command);
  const { status, stdout, stderr } = spawnSync(process.execPath, [...script, ...args], { cwd: root, env, encoding: 'utf8' });
  console.log(`${status === 0 ? 'ok     ' : 'FAILED '} ${name}`);
  if (status !== 0) console.log(`${stdout}${stderr}`);
  return status !== 0;
});
process.exit(failed.length > 0 ? 1 : 0);

/** The script behind a command of node_modules/.bin, which is a shell script on Windows. */
function binary(command) {
  const folder = join(root, 'node_modules', command === 'tsc' ? 'typescript' : command);
  const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return [join(folder, typeof bin === 'string' ? bin : (bin[command] ?? Object.values(bin)[0]))];
}
