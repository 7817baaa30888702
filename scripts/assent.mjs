#!/usr/bin/env node
// npx assent ARGS…    runs the command line; in a checkout, prepares it before
import { existsSync } from 'node:fs';

if (existsSync(new URL('start.mjs', import.meta.url))) {
  process.argv.splice(2, 0, 'cli');
  await import('./start.mjs');
} else {
  await import('../dist/cli.js');
}
