import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, mkdtemp, readdir, readFile, realpath, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { replaceDurably, syncDirectory, writeDurably } from '../../common/files.js';
import type { Account } from './account.js';
import { canEnter } from './account.js';
import { EmbeddedPostgresError, errorCode } from './error.js';
import type { Programs } from './programs.js';

/** A PostgreSQL cluster below the data folder: the files, and who may read them. */
export interface Cluster {
  readonly folder: string;
  readonly pgdata: string;
  readonly logFile: string;
  /** How PostgreSQL's programs, started in `pgdata`, name that folder. */
  readonly pgdataArgument: string;
  readonly account: Account | undefined;
  readonly passwords: Passwords;
}

export const LOGINS = ['postgres', 'assent_owner', 'assent_app', 'assent_identity', 'assent_sealer'] as const;
export type Login = (typeof LOGINS)[number];
export type Passwords = Readonly<Record<Login, string>>;

interface ClusterOptions {
  readonly folder: string;
  readonly programs: Programs;
  readonly account: Account | undefined;
  /** False leaves flushing to the operating system: for tests. */
  readonly durable: boolean;
}

/** Opens the cluster in the folder; creates it first if there is none. */
export async function openCluster(options: ClusterOptions): Promise<Cluster> {
  const { folder, account } = options;
  const passwords = (await readPasswords(folder)) ?? (await createCluster(options));
  const pgdata = await realpath(join(folder, 'pgdata'));
  await refuseOtherMajor(pgdata, options.programs);
  return {
    folder,
    pgdata,
    logFile: join(folder, 'server.log'),
    pgdataArgument: await pgdataArgument(pgdata, account),
    account,
    passwords,
  };
}

/** Removes what an initdb that was killed left behind. Safe once a cluster exists: an initdb still running is bound to lose. */
export async function removeUnfinishedClusters(folder: string): Promise<void> {
  const parent = dirname(folder);
  for (const entry of await readdir(parent)) {
    if (!/^postgres\.initdb-[A-Za-z0-9]{6}$/.test(entry)) continue;
    // A killed Assent's initdb may still be writing; the next start gets what is left.
    await rm(join(parent, entry), { recursive: true, force: true }).catch(() => undefined);
  }
}

/** PostgreSQL's programs get no secret from our environment, and none of the PG… variables that steer them. */
export function serverEnvironment(): NodeJS.ProcessEnv {
  const names = ['PATH', 'TMPDIR', 'TEMP', 'TMP', 'SystemRoot', 'SystemDrive', 'ComSpec', 'USERPROFILE', 'APPDATA'];
  const kept = names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]]));
  // English messages: the start recognises some of them.
  return { ...Object.fromEntries(kept), LC_ALL: 'C' };
}

/**
 * Builds the cluster beside its place and renames it, so that a cluster which exists is complete.
 * When two starts build in parallel, the second to finish uses the first one's.
 */
async function createCluster(options: ClusterOptions): Promise<Passwords> {
  const { folder, account } = options;
  const unfinished = await mkdtemp(`${folder}.initdb-`);
  try {
    // The server's account must get through to pgdata, and can't list or read what else is here.
    if (account) await chmod(unfinished, 0o711);
    const passwords = await fillCluster(unfinished, options);
    await rename(unfinished, folder);
    await syncDirectory(folder);
    return passwords;
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    const passwords = await readPasswords(folder);
    if (passwords) return passwords;
    if (['ENOTEMPTY', 'EEXIST'].includes(errorCode(error) ?? '')) {
      throw new EmbeddedPostgresError(
        `${folder} exists but holds no database of Assent: move it away, or set DATA_DIR to another folder.`,
        { cause: error },
      );
    }
    throw error;
  }
}

async function fillCluster(unfinished: string, options: ClusterOptions): Promise<Passwords> {
  const { account } = options;
  const pgdata = join(unfinished, 'pgdata');
  const passwordFile = join(unfinished, 'superuser-password');
  const passwords = Object.fromEntries(LOGINS.map((login) => [login, newPassword()])) as Record<Login, string>;

  await mkdir(pgdata, { mode: 0o700 });
  await writeDurably(passwordFile, passwords.postgres, 'wx');
  if (account) {
    await chown(pgdata, account.uid, account.gid);
    await chown(passwordFile, account.uid, account.gid);
  }
  await initdb(pgdata, options);
  await rm(passwordFile);
  await writeDurably(join(unfinished, 'secrets.json'), `${JSON.stringify(passwords, undefined, 2)}\n`, 'wx');
  return passwords;
}

function newPassword(): string {
  return randomBytes(24).toString('base64url');
}

async function initdb(pgdata: string, { programs, account, durable }: ClusterOptions): Promise<void> {
  const settings = [
    `--pgdata=${await pgdataArgument(pgdata, account)}`,
    '--username=postgres',
    // Relative, because the server's account may be unable to come from above.
    '--pwfile=../superuser-password',
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    // The same order and the same upper and lower case on every operating system, now and after its upgrades.
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--no-instructions',
    ...(durable ? [] : ['--no-sync']),
  ];
  try {
    await promisify(execFile)(programs.initdb, settings, { cwd: pgdata, env: serverEnvironment(), ...account });
  } catch (error) {
    const { stderr = '' } = error as { stderr?: string };
    throw new EmbeddedPostgresError(
      errorCode(error) === 'ENOENT'
        ? `${programs.initdb} doesn't run on this system (it needs the GNU C library, which Alpine Linux lacks): ` +
            'set DATABASE_URL to a PostgreSQL 18 server, or use docker compose.'
        : `The database couldn't be created in ${dirname(dirname(pgdata))}: ${stderr.trim() || String(error)}`,
      { cause: error },
    );
  }
}

/**
 * An account other than ours may be unable to enter the folders above pgdata. On Linux it needn't: the process is put
 * into pgdata before it gives up root, and this name leads there directly.
 */
async function pgdataArgument(pgdata: string, account: Account | undefined): Promise<string> {
  if (!account) return pgdata;
  if (process.platform === 'linux') return '/proc/self/cwd';
  if (await canEnter(account, pgdata)) return pgdata;
  throw new EmbeddedPostgresError(
    `PostgreSQL refuses to run as root, and the unprivileged account it would run as can't enter ${pgdata}: ` +
      'start Assent as an ordinary user, or set DATA_DIR to a folder that others can enter.',
  );
}

async function readPasswords(folder: string): Promise<Passwords | undefined> {
  const file = join(folder, 'secrets.json');
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw new EmbeddedPostgresError(
      `${file} can't be read (${errorCode(error)}): start Assent as the user who owns ${folder}, or set DATA_DIR to another folder.`,
      { cause: error },
    );
  }
  const passwords = JSON.parse(text) as Partial<Record<Login, string>>;
  // A cluster that is older than this role.
  if (!passwords.assent_sealer) {
    passwords.assent_sealer = newPassword();
    await replaceDurably(file, `${JSON.stringify(passwords, undefined, 2)}\n`);
  }
  const missing = LOGINS.filter((login) => !passwords[login]);
  if (missing.length === 0) return passwords as Passwords;
  throw new EmbeddedPostgresError(`${file} lacks the password of ${missing.join(', ')}: restore the file from a backup.`);
}

async function refuseOtherMajor(pgdata: string, { major }: Programs): Promise<void> {
  const existing = (await readFile(join(pgdata, 'PG_VERSION'), 'utf8')).trim();
  if (existing === major) return;
  throw new EmbeddedPostgresError(
    `${pgdata} was made by PostgreSQL ${existing}, but this Assent brings PostgreSQL ${major}: ` +
      `dump it with the Assent that made it and load it into a new data folder, or use pg_upgrade.`,
  );
}
