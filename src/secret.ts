import { randomBytes } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

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
  await writeFile(`${file}.new`, secret, { mode: 0o600 });
  await rename(`${file}.new`, file);
  return secret;
}
