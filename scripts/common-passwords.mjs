// node scripts/common-passwords.mjs LIST    writes content/common-passwords.bloom from a list of passwords, one a line
//
// Run by hand, for a newer list; content/README.md says which one the present file was made from, and where to get it.
import { readFile, writeFile } from 'node:fs/promises';
import { prepare } from './prepare.mjs';

const BYTES = 1_000_000;
/** Shorter ones are refused for their length, longer ones too. */
const SHORTEST = 8;
const LONGEST = 128;

await prepare();
const { COMMON_PASSWORDS, comparable, positions } = await import('../dist/identity/common-passwords.js');

const list = await readFile(process.argv[2], 'utf8');
const passwords = new Set(list.split(/\r?\n/).map(comparable).filter(isLongEnough));
const filter = Buffer.alloc(BYTES);
for (const password of passwords) {
  for (const bit of positions(password, 8 * BYTES)) filter[bit >> 3] |= 1 << (bit & 7);
}
await writeFile(COMMON_PASSWORDS, filter);
console.log(`${passwords.size} passwords in ${BYTES} bytes: ${COMMON_PASSWORDS}`);

function isLongEnough(password) {
  const { length } = [...password];
  return length >= SHORTEST && length <= LONGEST;
}
