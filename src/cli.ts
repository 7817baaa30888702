import { stdin, stdout } from 'node:process';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { parseArgs } from 'node:util';
import { type Founding, foundClinic } from './clinics/found.js';
import { explain } from './common/constraints.js';
import { ConfigError, loadConfig } from './config.js';
import { openDatabase } from './database/open.js';
import { fail } from './fail.js';
import { isSignInAddress } from './identity/sign-in-address.js';

const USAGE = `Usage:
  npm run migrate             brings the database up to date
  npm run setup -- [options]  founds a clinic; asks for what is missing
    --clinic NAME       or ASSENT_CLINIC
    --time-zone ZONE    or ASSENT_TIME_ZONE, an IANA name such as Europe/London
    --admin-name NAME   or ASSENT_ADMIN_NAME
    --admin-email EMAIL or ASSENT_ADMIN_EMAIL
    --additional        besides the clinics that the database already holds
  The administrator's password comes from ASSENT_ADMIN_PASSWORD or is asked for; at least 12 characters.`;
const SHORTEST_PASSWORD = 12;

async function main([command, ...args]: string[]): Promise<void> {
  if (command === 'migrate') return migrate();
  if (command === 'setup') return setup(args);
  throw new ConfigError(USAGE);
}

async function migrate(): Promise<void> {
  const database = await openDatabase(loadConfig(process.env));
  await database.close();
  stdout.write(database.migrations.length > 0 ? `Applied ${database.migrations.join(', ')}\n` : 'The database is up to date.\n');
}

async function setup(args: string[]): Promise<void> {
  const config = loadConfig(process.env);
  const founding = await askForClinic(args);
  const database = await openDatabase(config);
  try {
    await foundClinic(database.urls.owner, founding);
  } catch (error) {
    const known = explain(error);
    if (!known) throw error;
    const hint =
      known.code === 'clinic.already-set-up'
        ? ' For a demo clinic, start over with another DATA_DIR; for one more clinic, add --additional.'
        : '';
    throw new ConfigError(`${known.message}${known.detail ? ` ${known.detail}` : hint}`);
  } finally {
    await database.close();
  }
  stdout.write(`${founding.clinic} is set up. Start it with npm start, and sign in as ${founding.administrator.email}.\n`);
}

async function askForClinic(args: string[]): Promise<Founding> {
  const values = readOptions(args);
  const terminal = stdin.isTTY ? openTerminal() : undefined;
  const ask = async (
    given: string | undefined,
    variable: string,
    question: string,
    check: (answer: string) => string | undefined,
    secret = false,
  ): Promise<string> => {
    // A password is kept as it is given: signing in doesn't trim it either.
    const clean = (answer: string) => (secret ? answer : answer.trim().normalize('NFC'));
    let answer = clean(given ?? process.env[variable] ?? (await terminal?.ask(`${question}: `, secret)) ?? '');
    let problem = check(answer);
    while (problem && terminal) {
      answer = clean(await terminal.ask(`${problem}\n${question}: `, secret));
      problem = check(answer);
    }
    if (problem) throw new ConfigError(`${question}: ${problem}\n\n${USAGE}`);
    return answer;
  };
  try {
    return {
      clinic: await ask(values.clinic, 'ASSENT_CLINIC', 'Name of the clinic', isName),
      timeZone: await ask(values['time-zone'], 'ASSENT_TIME_ZONE', 'Time zone (e.g. Europe/London)', isTimeZone),
      additional: values.additional,
      administrator: {
        name: await ask(values['admin-name'], 'ASSENT_ADMIN_NAME', 'Name of the first administrator', isName),
        email: await ask(values['admin-email'], 'ASSENT_ADMIN_EMAIL', 'Email address of the first administrator', (email) =>
          isSignInAddress(email) ? undefined : 'That is no email address.',
        ),
        password: await ask(
          undefined,
          'ASSENT_ADMIN_PASSWORD',
          `Password of the first administrator (at least ${SHORTEST_PASSWORD} characters)`,
          isPassword,
          true,
        ),
      },
    };
  } finally {
    terminal?.close();
  }
}

function readOptions(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        clinic: { type: 'string' },
        'time-zone': { type: 'string' },
        'admin-name': { type: 'string' },
        'admin-email': { type: 'string' },
        additional: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new ConfigError(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  }
}

/** Ctrl-C and Ctrl-D at a question: nothing is open yet. */
function cancel(): never {
  stdout.write('\nNothing was set up.\n');
  process.exit(1);
}

/** Secrets aren't echoed. */
function openTerminal() {
  let muted = false;
  const output = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      if (!muted) stdout.write(chunk);
      done();
    },
  });
  const lines = createInterface({ input: stdin, output, terminal: true });
  lines.once('close', cancel);
  return {
    async ask(question: string, secret: boolean): Promise<string> {
      const answer = lines.question(question);
      muted = secret;
      await answer;
      muted = false;
      if (secret) stdout.write('\n');
      return answer;
    },
    close(): void {
      lines.off('close', cancel);
      lines.close();
    },
  };
}

function isName(name: string): string | undefined {
  return name !== '' && [...name].length <= 200 ? undefined : 'It must have 1 to 200 characters.';
}

/** Not by Intl.supportedValuesOf, which lists one name of each zone, the older one at that: Asia/Calcutta and not Asia/Kolkata. */
function isTimeZone(zone: string): string | undefined {
  try {
    return /^[A-Z]/i.test(zone) && new Intl.DateTimeFormat('en', { timeZone: zone }) ? undefined : 'That is no IANA time zone.';
  } catch {
    return 'That is no IANA time zone.';
  }
}

function isPassword(password: string): string | undefined {
  return password.length >= SHORTEST_PASSWORD && password.length <= 128
    ? undefined
    : `It must have ${SHORTEST_PASSWORD} to 128 characters.`;
}

await main(process.argv.slice(2)).catch(fail);
