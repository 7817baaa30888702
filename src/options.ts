import { parseArgs, type ParseArgsConfig } from 'node:util';
import { ConfigError } from './config.js';

export const USAGE = `Usage:
  npm run migrate             brings the database up to date
  npm run setup -- [options]  creates a clinic; asks for missing values
    --clinic NAME       or ASSENT_CLINIC
    --time-zone ZONE    or ASSENT_TIME_ZONE, an IANA name such as Europe/London
    --admin-name NAME   or ASSENT_ADMIN_NAME
    --admin-email EMAIL or ASSENT_ADMIN_EMAIL
    --additional        in addition to the clinics that the database already holds
  The answer is a link with which the administrator sets a password, within 72 hours.
  npx assent verify           checks that no record was altered; exit status 0: none, 1: some, 2: it couldn't be checked
    --checkpoint FILE   also compares a signed state of the log that was kept elsewhere
    --export FILE       verifies an export of the log instead, without a database; needs
    --key KEY           the log's public key, received separately; repeat it for former keys
    --witness KEY       the public key of a witness that must have cosigned; repeat it for more
  npx assent export           writes the log of all clinics into a file that can be verified anywhere
    --out FILE          the file; it will hold patients' data
  npx assent witness          witnesses other logs: cosigns a state only if it extends the last one it saw
    --log KEY           the public key of a log; repeat it for more
    --name NAME         the witness's name, needed the first time
    --folder FOLDER     for its key and state; witness if not given
    --host HOST, --port PORT
  npx assent rotate-log-key   gives the log a new key; stop the server first`;

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
