import { parseArgs, type ParseArgsConfig } from 'node:util';
import { ConfigError } from './config.js';

/** The options of a command. What it doesn't know is said, and not ignored. */
export function readOptions<const T extends NonNullable<ParseArgsConfig['options']>>(args: string[], options: T) {
  try {
    return parseArgs({ args, options }).values;
  } catch (error) {
    throw new ConfigError(`${error instanceof Error ? error.message : String(error)}\nnpx assent tells what there is.`);
  }
}
