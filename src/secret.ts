import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceDurably } from './common/files.js';

/**
 * The secret from which keys are derived that encrypt the secrets of second factors and of single sign-on, encrypt drafts, and sign the
 * cookies of known devices: made at the first start and kept in DATA_DIR, for its owner's eyes only.
 * Only the owner of the embedded PostgreSQL asks, so no two processes create it; with DATABASE_URL, AUTH_SECRET is set.
 */
export async function loadSecret(dataDir: string): Promise<string> {
  const file = join(dataDir, 'auth-secret');
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
  // Never half of it: anybody can guess an empty secret.
  const secret = randomBytes(36).toString('base64url');
  await replaceDurably(file, secret);
  return secret;
}
