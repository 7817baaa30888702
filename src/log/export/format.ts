/** An export of the log, and how its lines are written; docs/LOG.md describes it for those who read it with other tools. */

export const FORMAT = 'assent-log-export/1';

/** The first line. Of all of it only the checkpoint is signed. */
export interface Header {
  readonly format: typeof FORMAT;
  readonly origin: string;
  /** A signed note. */
  readonly checkpoint: string;
  readonly exportedAt: string;
  /** Null: of all clinics, and of nobody. */
  readonly clinic: { readonly id: string; readonly name: string } | null;
  readonly patientId: string | null;
  /** Instants in UTC, with microseconds: from the first on, before the second. */
  readonly period: { readonly from: string | null; readonly until: string | null };
}

/** When, by whom and why details were erased; true where that isn't known. */
export type Erased = true | object;

/** An event. Without an entry it is missing from the audit trail, and the log alone knows that it was there. */
export interface EventLine {
  readonly index: number;
  /** The hash in the tree, so that a changed entry can be named. It is no proof of itself. */
  readonly leaf: string;
  /** The leaf's data, byte by byte. */
  readonly entry?: string;
  readonly details?: string;
  readonly salt?: string;
  readonly erased?: Erased;
}

/** Leaves that aren't in the file: the roots of the perfect subtrees that cover them. */
export interface HiddenLine {
  readonly from: number;
  readonly to: number;
  readonly hashes: readonly string[];
}

export interface EndLine {
  readonly end: true;
  readonly events: number;
}

export const writeLine = (line: Header | EventLine | HiddenLine | EndLine): string => `${JSON.stringify(line)}\n`;
