import type { Config, DatabaseUrls } from '../config.js';
import { startEmbedded } from './embedded.js';
import { migrate } from './migrate.js';

export interface OpenDatabase {
  readonly urls: DatabaseUrls;
  readonly migrations: readonly string[];
  /** Aborted when the program should close and end: by a signal, or with the error that ended the embedded PostgreSQL. */
  readonly ended: AbortSignal;
  close(): Promise<void>;
}

/** The configured PostgreSQL, or the embedded one, started and up to date. From then on a signal is the caller's to obey. */
export async function openDatabase(config: Config): Promise<OpenDatabase> {
  const end = new AbortController();
  if (config.database) {
    // A signal that comes earlier ends the process at once, even if the server doesn't answer. Nothing is left behind.
    const migrations = await migrate(config.database);
    endOnSignal(end);
    return { urls: config.database, migrations, ended: end.signal, close: async () => undefined };
  }

  // Before the start: a signal during it must not leave a server without an owner.
  endOnSignal(end);
  const embedded = await startEmbedded({ dataDir: config.dataDir, onLost: (error) => end.abort(error) });
  try {
    const urls = { app: embedded.appUrl, identity: embedded.identityUrl, owner: embedded.ownerUrl };
    return { urls, migrations: await migrate(urls), ended: end.signal, close: () => embedded.stop() };
  } catch (error) {
    await embedded.stop();
    throw error;
  }
}

function endOnSignal(end: AbortController): void {
  // Not once: Ctrl-C reaches us from the terminal and then again from npm.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => end.abort());
}
