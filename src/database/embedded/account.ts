import { lchown, readdir, readFile, realpath, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { EmbeddedPostgresError, errorCode } from './error.js';

/** PostgreSQL refuses to run as root. When Assent runs as root, PostgreSQL's processes switch to this account. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** The account for the cluster in `pgdata` (which may not exist yet), or undefined when Assent itself isn't root. */
export async function serverAccount(pgdata: string): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const owner = await ownerOf(pgdata);
  if (owner && owner.uid !== 0) return owner;
  const account = await unprivilegedAccount();
  // A backup restored as root leaves root's files, which the server couldn't read.
  if (owner) await giveTo(account, pgdata);
  return account;
}

/** Whether the permissions of the folder and of all folders above it let the account in. */
export async function canEnter(account: Account, folder: string): Promise<boolean> {
  const path = await realpath(folder);
  const { uid, gid, mode } = await stat(path);
  const searchBit = uid === account.uid ? 0o100 : gid === account.gid ? 0o010 : 0o001;
  if (!(mode & searchBit)) return false;
  return path === dirname(path) || canEnter(account, dirname(path));
}

async function ownerOf(path: string): Promise<Account | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function unprivilegedAccount(): Promise<Account> {
  const lines = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  for (const name of ['postgres', '_postgres', 'nobody']) {
    const [, , uid, gid] = lines.find(([first]) => first === name) ?? [];
    // macOS gives nobody the id -2, which chown can't take.
    if (Number(uid) > 0 && Number(gid) > 0) return { uid: Number(uid), gid: Number(gid) };
  }
  throw new EmbeddedPostgresError(
    'PostgreSQL refuses to run as root, and this system has neither an account "postgres" nor "nobody" to run it as: ' +
      'start Assent as an ordinary user, or set DATABASE_URL to a PostgreSQL 18 server.',
  );
}

async function giveTo({ uid, gid }: Account, folder: string): Promise<void> {
  // Without withFileTypes, readdir would follow links out of the folder.
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    await lchown(join(entry.parentPath, entry.name), uid, gid);
  }
  await lchown(folder, uid, gid);
}
