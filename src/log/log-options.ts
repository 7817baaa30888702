import type { Anchor } from './anchors.js';
import type { LogKeys } from './log-keys.js';

export interface LogOptions {
  /** URL of the database as the role `assent_sealer`. */
  readonly databaseUrl: string;
  /** As its owner, who alone reads everything: for verification, which writes nothing. */
  readonly ownerUrl: string;
  readonly keys: LogKeys;
  /** As they are now, where they came from: they may have been replaced since. */
  readonly rereadKeys: () => Promise<LogKeys>;
  readonly anchors: readonly Anchor[];
}

/** LogOptions, or undefined: nothing is sealed here, another server on the same database does it. */
export const LOG_OPTIONS = Symbol('log options');
export const LOG_KEYS = Symbol('log keys');
