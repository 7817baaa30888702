import { stdout } from 'node:process';
import { Client } from 'pg';
import { type Config, ConfigError } from '../config.js';
import { lookInto } from '../database/open.js';
import { type LogKeys, readLogKeys, rotateLogKey } from './log-keys.js';
import { latestCheckpoint, queryOn } from './log-table.js';
import { SEALER_LOCK } from './sealer.js';

/** npx assent rotate-log-key: from the last checkpoint on, another key signs. */
export async function rotateCommand(config: Config): Promise<void> {
  if (config.logKey) throw new ConfigError('LOG_KEY is set: unset it, or put a new key before the old one there. See docs/LOG.md.');
  const { size, keys } = await lookInto(config, async ({ sealer }) => {
    const client = new Client({ connectionString: sealer });
    await client.connect();
    try {
      const [row] = (await client.query<{ free: boolean }>('SELECT pg_try_advisory_lock($1) AS free', [SEALER_LOCK])).rows;
      if (!row?.free) throw new ConfigError('A server is signing with the old key: stop it first.');
      const head = await latestCheckpoint(queryOn(client));
      const size = head ? sizeOf(await readLogKeys(config.dataDir, undefined), head.note) : 0;
      // Before the lock is given back, so that no server begins with the old key.
      return { size, keys: await rotateLogKey(config.dataDir, size) };
    } finally {
      await client.end();
    }
  });
  const { signer } = keys;
  stdout.write(`From ${size} entries on, this key signs. Give it to everyone who verifies:\n  ${signer.publicKey}\n`);
}

/** As it was signed, not as the database says: up to it the old key is believed for ever. */
function sizeOf(keys: LogKeys, note: string): number {
  try {
    return keys.open(note).checkpoint.size;
  } catch (error) {
    throw new ConfigError(`The last checkpoint isn't this key's, and nothing was changed: ${(error as Error).message}`);
  }
}
