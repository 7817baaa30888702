import { stdout } from 'node:process';
import { setupCommand } from './clinics/setup-command.js';
import { ConfigError, loadConfig } from './config.js';
import { openDatabase } from './database/open.js';
import { fail } from './fail.js';
import { exportCommand } from './log/export/command.js';
import { rotateCommand } from './log/rotate-command.js';
import { verifyCommand } from './log/verify/command.js';
import { witnessCommand } from './log/witness/command.js';
import { USAGE } from './options.js';

async function main([command, ...args]: string[]): Promise<void> {
  switch (command) {
    case 'migrate':
      return migrate();
    case 'setup':
      return setupCommand(args, loadConfig(process.env));
    case 'verify':
      return verify(args);
    case 'export':
      return exportCommand(args, loadConfig(process.env));
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
  stdout.write(database.applied.length > 0 ? `Applied ${database.applied.join(', ')}\n` : 'The database is up to date.\n');
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
