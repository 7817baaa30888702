import { ConfigError } from './config.js';
import { EmbeddedPostgresError } from './database/embedded/error.js';

/** Ends the process. What the operator can mend is said in words; a defect comes with its stack. */
export function fail(error: unknown, status = 1): never {
  const expected = error instanceof ConfigError || error instanceof EmbeddedPostgresError;
  process.stderr.write(`${error instanceof Error ? (expected ? error.message : error.stack) : String(error)}\n`);
  process.exit(status);
}
