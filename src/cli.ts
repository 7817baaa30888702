import { stdout } from 'node:process';
import { SETUP_USAGE, setupCommand } from './clinics/setup-command.js';
import { ConfigError, loadConfig } from './config.js';
import { openDatabase } from './database/open.js';
import { fail } from './fail.js';
import { rotateCommand } from './log/rotate-command.js';
import { verifyCommand } from './log/verify/command.js';
import { witnessCommand } from './log/witness/command.js';

const USAGE = `Usage:
  npm run migrate             brings the database up to date
${SETUP_USAGE}
  npx assent verify           that nothing in the record was altered; exit status 0: nothing, 1: something, 2: it couldn't be told
    --checkpoint FILE   besides, against a signed state of the log that was kept elsewhere
  npx assent witness          watches the logs of others, and cosigns what only continues what it saw
    --log KEY           the public key of a log; repeat it for more
    --name NAME         of the witness, the first time
    --folder FOLDER     for its key and what it saw; witness if it isn't given
    --host HOST, --port PORT
  npx assent rotate-log-key   gives the log another key; stop the server before`;

async function main([command, ...args]: string[]): Promise<void> {
  switch (command) {
    case 'migrate':
      return migrate();
    case 'setup':
      return setupCommand(args, loadConfig(process.env));
    case 'verify':
      return verify(args);
    case 'witness':
      return witnessCommand(args);
    case 'rotate-log-key':
      return rotateCommand(loadConfig(process.env));
    default:
      throw new ConfigError(USAGE);
  }
}

async function migrate(): Promise<void> {
  const database = await openDatabase(loadConfig(process.env));
  await database.close();
  stdout.write(database.migrations.length > 0 ? `Applied ${database.migrations.join(', ')}\n` : 'The database is up to date.\n');
}

/** For cron: what couldn't be checked is no finding. */
async function verify(args: string[]): Promise<void> {
  try {
    process.exit(await verifyCommand(args, loadConfig(process.env)));
  } catch (error) {
    fail(error, 2);
  }
}

await main(process.argv.slice(2)).catch(fail);
