// node scripts/start.mjs              prepares this checkout and serves
// node scripts/start.mjs cli ARGS…    prepares it and runs dist/cli.js with these arguments
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { prepare, root } from './prepare.mjs';

const [node, , name = 'main', ...args] = process.argv;
await prepare();

// Doesn't replace what the environment sets.
const settings = join(root, '.env');
if (existsSync(settings)) process.loadEnvFile(settings);

const entry = join(root, 'dist', `${name}.js`);
process.argv = [node, entry, ...args];
await import(pathToFileURL(entry).href);
