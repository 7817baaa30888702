import { existsSync } from 'node:fs';
import { access, constants, mkdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { serverAccount } from './embedded/account.js';
import { openCluster, removeUnfinishedClusters, type Cluster, type Login } from './embedded/cluster.js';
import { EmbeddedPostgresError, errorCode } from './embedded/error.js';
import { findPrograms, type Programs } from './embedded/programs.js';
import { DATABASE, restrictPublic, provision } from './embedded/roles.js';
import { findRunning, launchServer, logTail, POLL_MS, stopServer, type Launch, type RunningServer } from './embedded/server.js';

export interface EmbeddedUrls {
  /** Superuser of the embedded cluster: for the roles and (in tests) for databases, never for serving. */
  readonly superuserUrl: string;
  readonly ownerUrl: string;
  readonly appUrl: string;
  readonly identityUrl: string;
  readonly sealerUrl: string;
}

export interface EmbeddedPostgres extends EmbeddedUrls {
  stop(): Promise<void>;
}

export interface EmbeddedOptions {
  readonly dataDir: string;
  /** Server settings over ours, for tests: `{ fsync: 'off' }`. A server that was found running keeps those it has. */
  readonly settings?: Readonly<Record<string, string>>;
  /** The server ended though nobody called stop(). */
  readonly onLost?: (error: EmbeddedPostgresError) => void;
}

const START_LIMIT_MS = 60_000;
/** A killed owner's connection, and so its lock, ends a moment after the process. */
const LOCK_WAIT_MS = 1000;
/** "ASSENT" in ASCII. Advisory locks belong to a database, and nothing else takes any in the database "postgres". */
const OWNER_LOCK = '0x415353454e54';

/** Failures that pass by themselves: the port was taken, another start was first, a killed server's children linger. */
const PASSING_FAILURE = /could not bind|could not create any TCP\/IP sockets|lock file "postmaster\.pid"|pre-existing shared memory block/;

/**
 * Runs the PostgreSQL that comes with Assent on the cluster below `dataDir`, creating it at the first start.
 * One process at a time owns a cluster. If an owner was killed, the next one takes over the server that it left running.
 */
export async function startEmbedded({ dataDir, settings = {}, onLost }: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const folder = join(await openDataDir(dataDir), 'postgres');
  const account = await serverAccount(join(folder, 'pgdata'));
  const programs = await findPrograms(account);
  const cluster = await openCluster({ folder, programs, account, durable: settings['fsync'] !== 'off' });
  const { lock, pid, port } = await takeServer({ cluster, programs, settings });

  let stopped: Promise<void> | undefined;
  lock.once('end', () => {
    if (stopped) return;
    // PostgreSQL restarts itself after the crash of one of its processes, and then nobody owns it. Not "fast": PostgreSQL 18.4
    // hangs when that comes while it recovers.
    stopped = stopServer(pid, { cluster, programs, mode: 'immediate' });
    onLost?.(new EmbeddedPostgresError(`PostgreSQL ended unexpectedly: see ${cluster.logFile}.`));
  });
  await removeUnfinishedClusters(folder);
  return {
    ...urlsOf(cluster, port),
    // The lock is held until the server ends it, so that nobody takes over a server that is stopping.
    stop: () => (stopped ??= stopServer(pid, { cluster, programs, mode: 'fast' })),
  };
}

/** The cluster that another process runs below `dataDir`. Undefined: none does. */
export async function findEmbedded(dataDir: string): Promise<EmbeddedUrls | undefined> {
  const folder = join(dataDir, 'postgres');
  if (!existsSync(folder)) return undefined;
  const account = await serverAccount(join(folder, 'pgdata'));
  const cluster = await openCluster({ folder, programs: await findPrograms(account), account, durable: true });
  const running = await findRunning(cluster);
  return running?.ready ? urlsOf(cluster, running.port) : undefined;
}

function urlsOf({ passwords }: Cluster, port: number): EmbeddedUrls {
  const url = (login: Login, database: string) => `postgres://${login}:${passwords[login]}@127.0.0.1:${port}/${database}`;
  return {
    superuserUrl: url('postgres', 'postgres'),
    ownerUrl: url('assent_owner', 'assent'),
    appUrl: url('assent_app', 'assent'),
    identityUrl: url('assent_identity', 'assent'),
    sealerUrl: url('assent_sealer', 'assent'),
  };
}

async function openDataDir(dataDir: string): Promise<string> {
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    await access(dataDir, constants.R_OK | constants.W_OK | constants.X_OK);
    return await realpath(dataDir);
  } catch (error) {
    throw new EmbeddedPostgresError(
      `The data folder ${dataDir} can't be used (${errorCode(error)}): ` +
        'start Assent as the user who owns it, or set DATA_DIR to another folder.',
      { cause: error },
    );
  }
}

interface OwnedServer extends RunningServer {
  /** The connection that holds the owner's lock. */
  readonly lock: Client;
}

/** Starts a server unless one is running, and becomes its owner. */
async function takeServer({ cluster, programs, settings }: TakeOptions): Promise<OwnedServer> {
  const deadline = Date.now() + START_LIMIT_MS;
  let launch: Launch | undefined;
  while (Date.now() < deadline) {
    const running = await findRunning(cluster);
    if (running?.ready) {
      const lock = await becomeOwner(cluster, running.port);
      if (lock) return { lock, ...running };
    } else if (!running && (!launch || launch.exited)) {
      if (launch) await refuseLastingFailure(cluster, launch);
      launch = await launchServer(cluster, { programs, settings });
    }
    await delay(POLL_MS);
  }
  throw new EmbeddedPostgresError(
    `PostgreSQL wasn't ready after ${START_LIMIT_MS / 1000} s. If it is still recovering from a crash, start Assent again ` +
      `in a while. The end of ${cluster.logFile}:\n${await logTail(cluster.logFile, 0)}`,
  );
}

interface TakeOptions {
  readonly cluster: Cluster;
  readonly programs: Programs;
  readonly settings: Readonly<Record<string, string>>;
}

/** Undefined when the server went away meanwhile: look again. */
async function becomeOwner(cluster: Cluster, port: number): Promise<Client | undefined> {
  const options = {
    host: '127.0.0.1',
    port,
    user: 'postgres',
    password: cluster.passwords.postgres,
    application_name: 'assent owner',
    ssl: false,
    lock_timeout: LOCK_WAIT_MS,
    connectionTimeoutMillis: START_LIMIT_MS,
  };
  const client = new Client({ ...options, database: 'postgres' });
  // The connection's end is watched; without this, its error would end the process.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query(`SELECT pg_advisory_lock(${OWNER_LOCK})`);
    await provision(client, cluster.passwords);
    const inside = new Client({ ...options, database: DATABASE });
    await inside.connect();
    try {
      await restrictPublic(inside);
    } finally {
      await inside.end();
    }
    return client;
  } catch (error) {
    await client.end().catch(() => undefined);
    return explain(error, cluster);
  }
}

function explain(error: unknown, { folder, pgdata }: Cluster): undefined {
  const code = errorCode(error) ?? '';
  if (code === '55P03') {
    throw new EmbeddedPostgresError(`Another Assent is running with this data folder (${folder}): stop it first or set DATA_DIR.`);
  }
  if (code === '28P01') {
    throw new EmbeddedPostgresError(`The server on ${pgdata} refuses the password in secrets.json: restore both from the same backup.`, {
      cause: error,
    });
  }
  // Starting up, shutting down or gone. pg has no code for a connection that breaks.
  if (/^(57P0[123]|ECONN.*|EPIPE)$/.test(code) || String(error).includes('Connection terminated')) return undefined;
  throw error;
}

async function refuseLastingFailure({ logFile }: Cluster, { logStart }: Launch): Promise<void> {
  const tail = await logTail(logFile, logStart);
  if (PASSING_FAILURE.test(tail)) return;
  throw new EmbeddedPostgresError(`PostgreSQL didn't start. The end of ${logFile}:\n${tail}`);
}
