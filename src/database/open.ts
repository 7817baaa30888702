import type { Config, DatabaseUrls } from '../config.js';
import { startEmbedded } from './embedded.js';
import { migrate } from './migrate.js';

export interface OpenDatabase {
  readonly urls: DatabaseUrls;
  readonly migrations: readonly string[];
  close(): Promise<void>;
}

/** The configured PostgreSQL, or the embedded one, started and up to date. */
export async function openDatabase(config: Config, onLost?: (error: Error) => void): Promise<OpenDatabase> {
  if (config.database) return { urls: config.database, migrations: await migrate(config.database), close: async () => undefined };

  const embedded = await startEmbedded({ dataDir: config.dataDir, onLost });
  try {
    const urls = { app: embedded.appUrl, identity: embedded.identityUrl, owner: embedded.ownerUrl };
    return { urls, migrations: await migrate(urls), close: () => embedded.stop() };
  } catch (error) {
    await embedded.stop();
    throw error;
  }
}
