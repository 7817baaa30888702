import { readFile } from 'node:fs/promises';
import { stderr, stdout } from 'node:process';
import { type Config, ConfigError } from '../../config.js';
import { lookInto } from '../../database/open.js';
import { readOptions } from '../../options.js';
import { type Anchor, readAnchors } from '../anchors.js';
import { readLogKeys } from '../log-keys.js';
import { verifyExportCommand } from './export-command.js';
import type { Finding } from './findings.js';
import { type Phase, verify } from './verify.js';

const DOING: Readonly<Record<Phase, string>> = {
  log: 'entries of the log',
  waiting: 'events that wait for the log',
  anchors: 'anchors',
  rows: 'tables against their events',
};
const EVERY_MS = 500;

/** npx assent verify. Returns the exit status: 0 all is as it was recorded, 1 something isn't. What can't be checked is thrown. */
export async function verifyCommand(args: string[], config: Config): Promise<number> {
  const { checkpoint, ...offline } = readOptions(args, {
    checkpoint: { type: 'string', multiple: true, default: [] },
    export: { type: 'string' },
    key: { type: 'string', multiple: true, default: [] },
    witness: { type: 'string', multiple: true, default: [] },
  });
  if (offline.export !== undefined) return verifyExportCommand({ path: offline.export, keys: offline.key, witnesses: offline.witness });
  if (offline.key.length + offline.witness.length > 0) throw new ConfigError('--key and --witness go with --export FILE.');
  const keys = await readLogKeys(config.dataDir, config.logKey);
  const kept = await Promise.all(checkpoint.map(keptCheckpoint));
  const anchors = [...readAnchors(config.logAnchors), ...kept];
  let findings = 0;
  const report = ({ subject, problem }: Finding): void => {
    findings += 1;
    stdout.write(`${subject} ${problem}\n`);
  };
  const started = Date.now();
  const { entries, anchored, rows } = await lookInto(config, ({ owner }) =>
    verify({ databaseUrl: owner, keys, anchors, report, progress: showProgress() }),
  );
  const seconds = (Date.now() - started) / 1_000;
  if (stderr.isTTY) stderr.write('\r\u001b[K');
  stdout.write(
    `${findings === 0 ? 'All is as it was recorded' : `${findings} findings`}: ${entries} entries of ${keys.origin}, ${rows} rows, ` +
      `${anchored} checkpoints kept outside, in ${seconds.toFixed(1)} s (${Math.round(entries / seconds)} entries a second overall).\n`,
  );
  if (anchored === 0) {
    stdout.write('No independent copy was compared. Set LOG_ANCHORS, or give a checkpoint that you kept: --checkpoint FILE\n');
  }
  return findings === 0 ? 0 : 1;
}

/** A file that holds a signed checkpoint, perhaps in the middle of a message. */
async function keptCheckpoint(path: string): Promise<Anchor> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new ConfigError(`${path} can't be read: ${(error as Error).message}`);
  });
  const note = /^\S+\n\d+\n\S+\n(?:\S.*\n)*\n(?:— .*\n)+/m.exec(`${text.replaceAll('\r\n', '\n')}\n`)?.[0];
  if (!note) throw new ConfigError(`${path} holds no signed checkpoint.`);
  return {
    name: path,
    everyMs: 0,
    all: async function* all() {
      yield note;
    },
    deliver: async () => undefined,
  };
}

function showProgress(): (phase: Phase, done: number, total: number) => void {
  let last = 0;
  return (phase, done, total) => {
    if (!stderr.isTTY || Date.now() - last < EVERY_MS) return;
    last = Date.now();
    stderr.write(`\r\u001b[K${done} of ${total} ${DOING[phase]}`);
  };
}
