import type { Config, DatabaseUrls } from '../config.js';
import { type EmbeddedUrls, findEmbedded, startEmbedded } from './embedded.js';
import { migrate } from './migrate.js';

export interface OpenDatabase {
  readonly urls: DatabaseUrls;
  /** What migrate() applied. */
  readonly applied: readonly string[];
  /** Aborted when the program should close and end: by a signal, or with the error that ended the embedded PostgreSQL. */
  readonly ended: AbortSignal;
  close(): Promise<void>;
}

/** The configured PostgreSQL, or the embedded one, started and up to date. From then on a signal is the caller's to obey. */
export async function openDatabase(config: Config): Promise<OpenDatabase> {
  const end = new AbortController();
  if (config.database) {
    // A signal that comes earlier ends the process immediately, even if the server doesn't answer. Nothing is left behind.
    const applied = await migrate(config.database);
    endOnSignal(end);
    return { urls: config.database, applied, ended: end.signal, close: async () => undefined };
  }

  // Before the start: a signal during it must not leave a server without an owner.
  endOnSignal(end);
  const embedded = await startEmbedded({ dataDir: config.dataDir, onLost: (error) => end.abort(error) });
  try {
    const urls = toUrls(embedded);
    return { urls, applied: await migrate(urls), ended: end.signal, close: () => embedded.stop() };
  } catch (error) {
    await embedded.stop();
    throw error;
  }
}

/** For commands that look on while a server may be running, or not. */
export async function lookInto<T>(config: Config, use: (urls: DatabaseUrls) => Promise<T>): Promise<T> {
  const running = config.database ?? toUrls(await findEmbedded(config.dataDir));
  if (running) return use(running);
  const database = await openDatabase(config);
  try {
    return await use(database.urls);
  } finally {
    await database.close();
  }
}

function toUrls(embedded: EmbeddedUrls): DatabaseUrls;
function toUrls(embedded: EmbeddedUrls | undefined): DatabaseUrls | undefined;
function toUrls(embedded: EmbeddedUrls | undefined): DatabaseUrls | undefined {
  return embedded && { app: embedded.appUrl, identity: embedded.identityUrl, sealer: embedded.sealerUrl, owner: embedded.ownerUrl };
}

function endOnSignal(end: AbortController): void {
  // Not once: Ctrl-C reaches us from the terminal and then again from npm.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => end.abort());
}
