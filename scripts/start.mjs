// node scripts/start.mjs              prepares this checkout and serves
// node scripts/start.mjs cli ARGS…    prepares it and runs dist/cli.js with these arguments
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { prepare, root } from './prepare.mjs';

const [node, , name = 'main', ...args] = process.argv;
await prepare();

const entry = join(root, 'dist', `${name}.js`);
process.argv = [node, entry, ...args];
await import(pathToFileURL(entry).href);
