import { parseArgs, type ParseArgsConfig } from 'node:util';
import { ConfigError } from './config.js';

export const USAGE = `Usage:
  npm run migrate             brings the database up to date
  npm run setup -- [options]  creates a clinic; asks for what is missing
    --clinic NAME       or ASSENT_CLINIC
    --time-zone ZONE    or ASSENT_TIME_ZONE, an IANA name such as Europe/London
    --admin-name NAME   or ASSENT_ADMIN_NAME
    --admin-email EMAIL or ASSENT_ADMIN_EMAIL
    --additional        besides the clinics that the database already holds
  The answer is a link with which the administrator sets a password, within 72 hours.
  npx assent verify           that nothing in the record was altered; exit status 0: nothing, 1: something, 2: it couldn't be told
    --checkpoint FILE   besides, against a signed state of the log that was kept elsewhere
    --export FILE       in its place an export of the log, without a database; with
    --key KEY           the log's public key, which you have from elsewhere; repeat it for former ones
    --witness KEY       the public key of a witness who must have cosigned; repeat it for more
  npx assent export           writes the log of all clinics into a file that can be verified anywhere
    --out FILE          which holds patients' data
  npx assent witness          watches the logs of others, and cosigns what only continues what it saw
    --log KEY           the public key of a log; repeat it for more
    --name NAME         of the witness, the first time
    --folder FOLDER     for its key and what it saw; witness if it isn't given
    --host HOST, --port PORT
  npx assent rotate-log-key   gives the log another key; stop the server before`;

/** The options of a command. What it doesn't know is said, and not ignored. */
export function readOptions<const T extends NonNullable<ParseArgsConfig['options']>>(
  args: string[],
  options: T,
): ReturnType<typeof parseArgs<{ args: string[]; options: T }>>['values'] {
  try {
    return parseArgs({ args, options }).values;
  } catch (error) {
    throw new ConfigError(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  }
}
