import { stdin, stdout } from 'node:process';
import { createInterface } from 'node:readline/promises';
import { type Config, ConfigError } from '../config.js';
import { openDatabase } from '../database/open.js';
import { isSignInAddress } from '../identity/sign-in-address.js';
import { readOptions, USAGE } from '../options.js';
import { SETUP_RULES } from './clinic.rules.js';
import { type NewClinic, createClinic } from './create-clinic.js';

/** npm run setup: creates a clinic. */
export async function setupCommand(args: string[], config: Config): Promise<void> {
  const newClinic = await askForClinic(args);
  const database = await openDatabase(config);
  try {
    const { token } = await createClinic(database.urls.owner, newClinic);
    const link = new URL(`/invitation#${token}`, config.baseUrl ?? `http://localhost:${config.port}`);
    stdout.write(
      `${newClinic.clinic} is set up. Start it with npm start. Within 72 hours, ${newClinic.administrator.email} sets a password at\n  ${link.href}\n`,
    );
  } catch (error) {
    const known = SETUP_RULES.explain(error);
    if (!known) throw error;
    const hint =
      known.code === 'clinic.already-set-up'
        ? ' For a demo clinic, start over with another DATA_DIR; for one more clinic, add --additional.'
        : '';
    throw new ConfigError(`${known.message}${known.detail ? ` ${known.detail}` : hint}`);
  } finally {
    await database.close();
  }
}

async function askForClinic(args: string[]): Promise<NewClinic> {
  const values = readOptions(args, {
    clinic: { type: 'string' },
    'time-zone': { type: 'string' },
    'admin-name': { type: 'string' },
    'admin-email': { type: 'string' },
    additional: { type: 'boolean', default: false },
  });
  const terminal = stdin.isTTY ? openTerminal() : undefined;
  const ask = async (
    given: string | undefined,
    variable: string,
    question: string,
    check: (answer: string) => string | undefined,
  ): Promise<string> => {
    let answer = clean(given ?? process.env[variable] ?? (await terminal?.ask(`${question}: `)) ?? '');
    let problem = check(answer);
    while (problem && terminal) {
      answer = clean(await terminal.ask(`${problem}\n${question}: `));
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
      },
    };
  } finally {
    terminal?.close();
  }
}

/** Ctrl-C and Ctrl-D at a question: nothing is open yet. */
function cancel(): never {
  stdout.write('\nNothing was set up.\n');
  process.exit(1);
}

function openTerminal() {
  const lines = createInterface({ input: stdin, output: stdout });
  lines.once('close', cancel);
  return {
    ask: (question: string): Promise<string> => lines.question(question),
    close(): void {
      lines.off('close', cancel);
      lines.close();
    },
  };
}

function isName(name: string): string | undefined {
  return name !== '' && [...name].length <= 200 ? undefined : 'It must have 1 to 200 characters.';
}

function clean(answer: string): string {
  return answer.trim().normalize('NFC');
}

/** Not by Intl.supportedValuesOf, which lists one name of each zone, the older one at that: Asia/Calcutta and not Asia/Kolkata. */
function isTimeZone(zone: string): string | undefined {
  try {
    return /^[A-Z]/i.test(zone) && new Intl.DateTimeFormat('en', { timeZone: zone }) ? undefined : 'That is no IANA time zone.';
  } catch {
    return 'That is no IANA time zone.';
  }
}
