import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { loadConfig } from './config.js';
import { EmbeddedPostgresError } from './database/embedded/error.js';
import { openDatabase } from './database/open.js';
import { fail } from './fail.js';
import { freePort, serve } from './serve.js';

/** Above that of requests under way (draining.ts). */
const CLOSE_LIMIT_MS = 25_000;

/** Starts everything and serves until SIGINT, SIGTERM or SIGHUP. */
async function main(): Promise<void> {
  const config = loadConfig(process.env);
  // Found out before anything is started, so that a taken port costs nothing.
  const port = await freePort(config);
  const database = await openDatabase(config);
  try {
    if (!database.ended.aborted) {
      const serving = await serve(config, database.urls, port);
      process.stdout.write(`Assent is ready: ${serving.baseUrl}\n${serving.signIn}\n`);
      if (!database.ended.aborted) await once(database.ended, 'abort');
      // A database that is silent would hold up the end of its connections.
      await Promise.race([serving.close(), delay(CLOSE_LIMIT_MS)]);
    }
  } finally {
    await database.close();
  }
  if (database.ended.reason instanceof EmbeddedPostgresError) throw database.ended.reason;
  process.exit();
}

await main().catch(fail);
