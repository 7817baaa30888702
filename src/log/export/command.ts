import { open, rm } from 'node:fs/promises';
import { stdout } from 'node:process';
import { Client } from 'pg';
import { type Config, ConfigError } from '../../config.js';
import { lookInto } from '../../database/open.js';
import { readOptions } from '../../options.js';
import { latestNote, type Query, queryOn } from '../log-table.js';
import { LogExport } from './log-export.js';

/** npx assent export: the events of all clinics, as the database's owner. That it was done is recorded before anything is written. */
export async function exportCommand(args: string[], config: Config): Promise<void> {
  const { out } = readOptions(args, { out: { type: 'string' } });
  if (!out) throw new ConfigError('Give the file to write: --out FILE');
  const events = await lookInto(config, async ({ owner }) => {
    const client = new Client({ connectionString: owner, application_name: 'assent export' });
    await client.connect();
    try {
      return await exportTo(out, queryOn(client));
    } finally {
      await client.end();
    }
  });
  stdout.write(
    `${out} has ${events} events. It holds patients' data.\nTo verify it anywhere: npx assent verify --export FILE --key THE-LOGS-PUBLIC-KEY\n`,
  );
}

async function exportTo(path: string, query: Query): Promise<number> {
  const latest = await latestNote(query);
  if (!latest) throw new ConfigError('Nothing is in the log yet.');
  const file = await open(path, 'wx', 0o600).catch((error: unknown) => {
    throw new ConfigError(`${path} can't be written: ${(error as Error).message}`);
  });
  try {
    await query(`SELECT audit.record('export', 'success', 'assent export', NULL, NULL, $1)`, [{ size: latest.size }]);
    await query('SET statement_timeout = 0');
    const log = new LogExport(latest.note, { clinic: null, patientId: null, period: { from: null, until: null } });
    await file.write(log.header());
    for (let isLast = false; !isLast;) {
      const page = await log.page(query);
      await file.write(page.lines);
      ({ isLast } = page);
    }
    await file.sync();
    return log.events;
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  } finally {
    await file.close();
  }
}
