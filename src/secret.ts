import { randomBytes } from 'node:crypto';
import { readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { syncDirectory, writeDurably } from './common/files.js';

/**
 * The key that signs sign-in cookies: made at the first start and kept in DATA_DIR, for its owner's eyes only.
 * Only the owner of the embedded PostgreSQL asks, so no two do so at once; with DATABASE_URL, AUTH_SECRET is set.
 */
export async function loadSecret(dataDir: string): Promise<string> {
  const file = join(dataDir, 'auth-secret');
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
  // Renamed when complete: a start killed in between would leave an empty key, with which anybody can sign.
  const secret = randomBytes(36).toString('base64url');
  await writeDurably(`${file}.new`, secret);
  await rename(`${file}.new`, file);
  await syncDirectory(file);
  return secret;
}
