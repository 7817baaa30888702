import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PROJECT_ROOT } from '../config.js';

/**
 * A Bloom filter, which is nothing but its bits: each password of the list sets HASHES of them. It knows every password of the
 * list, and takes 1 in 3,000 others for one of them. content/README.md says which list it is; scripts/common-passwords.mjs makes it.
 */
export const COMMON_PASSWORDS = join(PROJECT_ROOT, 'content', 'common-passwords.bloom');
const HASHES = 12;

/** Kept once it is read: a megabyte. */
let filter: Buffer | undefined;

export async function isCommon(password: string): Promise<boolean> {
  filter ??= await readFile(COMMON_PASSWORDS);
  const bytes = filter;
  return positions(password, 8 * bytes.length).every((bit) => (bytes.readUInt8(bit >> 3) & (1 << (bit & 7))) !== 0);
}

/** The bits that stand for a password, in a filter of so many. */
export function positions(password: string, bits: number): number[] {
  const digest = createHash('sha512').update(comparable(password)).digest();
  return Array.from({ length: HASHES }, (_, index) => digest.readUInt32LE(4 * index) % bits);
}

/** Who guesses tries upper case too: a common password isn't better for it. */
export function comparable(password: string): string {
  return password.normalize('NFKC').toLowerCase();
}
