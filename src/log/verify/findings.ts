/** Something that isn't as it was recorded. */
export interface Finding {
  /** Whose record it is; null: the log's own, or nobody's. */
  readonly clinicId: string | null;
  /** What it is, by a name with which it can be found: event 0192…, patients 0192…, checkpoint 17. */
  readonly subject: string;
  /** What is wrong with it. */
  readonly problem: string;
}

export type Report = (finding: Finding) => Promise<void> | void;
