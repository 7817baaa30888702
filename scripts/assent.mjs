#!/usr/bin/env node
// npx assent ARGS…    prepares this checkout and runs the command line
process.argv.splice(2, 0, 'cli');
await import('./start.mjs');
