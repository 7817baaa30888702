import { access, constants } from 'node:fs/promises';
import { stdout } from 'node:process';
import { ConfigError } from '../../config.js';
import { type KeyKind, readVerifier, timeOf, type Verifier } from '../format/keys.js';
import { ExportCheck } from './export-check.js';
import { NoExportError } from './export-lines.js';

interface Offline {
  readonly path: string;
  readonly keys: readonly string[];
  readonly witnesses: readonly string[];
}

/** After so many, the rest is counted. */
const MOST_SAID = 100;

/** npx assent verify --export: a file alone, and keys from elsewhere. Returns the exit status. */
export async function verifyExportCommand({ path, keys, witnesses }: Offline): Promise<number> {
  if (keys.length === 0) throw new ConfigError('Give the log’s public key, received separately from this file: --key KEY');
  const trust = { keys: keys.map((key) => readKey(key, 'note')), witnesses: witnesses.map((key) => readKey(key, 'cosignature')) };
  await access(path, constants.R_OK).catch((error: unknown) => {
    throw new ConfigError(`${path} can't be read: ${(error as Error).message}`);
  });
  let findings = 0;
  const check = new ExportCheck(trust, (where, problem) => {
    findings += 1;
    if (findings <= MOST_SAID) stdout.write(`${where} ${problem}\n`);
  });
  const started = Date.now();
  await check.run(path).catch((error: unknown) => {
    throw error instanceof NoExportError ? new ConfigError(`${path}: ${error.message}`) : error;
  });
  const seconds = (Date.now() - started) / 1_000;
  const speed = `in ${seconds.toFixed(1)} s (${Math.round(check.events / seconds)} events a second)`;
  if (findings > 0) stdout.write(`${findings} findings among ${check.events} events, ${speed}.\n`);
  else
    stdout.write(`All is as it was recorded: ${check.events} events, ${speed}.\n${summaryOf(check)}${notProven(check, witnesses.length)}`);
  return findings === 0 ? 0 : 1;
}

function readKey(text: string, kind: KeyKind): Verifier {
  try {
    const verifier = readVerifier(text);
    if (verifier.kind === kind) return verifier;
  } catch {
    // Said below.
  }
  throw new ConfigError(`${text} is no public key of a ${kind === 'note' ? 'log' : 'witness'}.`);
}

function summaryOf({ header, opened, clinics, patients, erased, hidden }: ExportCheck): string {
  const signed = (opened?.signatures ?? []).map(({ by, signature }) =>
    by.kind === 'note' ? `${by.name}+${by.id}` : `${by.name} on ${new Date(Number(timeOf(signature)) * 1_000).toISOString()}`,
  );
  const rows = [
    ['log', `${header?.origin}, its first ${opened?.checkpoint.size} entries; signed by ${signed.join(', ')}`],
    ...[...clinics].map(([id, { events }]) => [id === '' ? 'nobody’s' : `clinic ${id}`, `${events} events`]),
    ['patients', String(patients.size)],
    ...(hidden > 0 ? [['hidden', `${hidden} entries, of which the file has hashes`]] : []),
    ...(erased > 0 ? [['erased', `the details of ${erased} events`]] : []),
  ];
  return rows.map(([name, value]) => `  ${name}: ${value}\n`).join('');
}

/** A reader of the first line alone should see these. */
function notProven({ header, hidden, erased }: ExportCheck, witnesses: number): string {
  const about = header?.patientId != null ? 'about this patient' : header?.clinic ? 'of this clinic' : 'of this period';
  return [
    'Not proven by this file:',
    '- that the key is the log’s: you must have received it separately.',
    ...(hidden > 0 ? [`- that no hidden entry is ${about}: only the whole log can show that.`] : []),
    ...(erased > 0 ? ['- that erased details were erased lawfully, and what they contained.'] : []),
    ...(witnesses === 0 ? ['- that others are shown the same log: a witness’s cosignature shows it (--witness KEY).'] : []),
    '- what happened after the checkpoint; when the file was made, and the clinic’s name, which isn’t signed.',
    '',
  ].join('\n');
}
