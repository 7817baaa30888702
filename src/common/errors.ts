/** Why a session can't start, and what to do about it. */
export interface Blocker {
  /** @example consent.withdrawn */
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
}

export interface FieldError {
  /** The path of the field, e.g. `answers[2].regions`. */
  readonly field: string;
  readonly message: string;
}

export interface ErrorDetails {
  /** What to do about it. */
  readonly detail?: string;
  readonly errors?: readonly FieldError[];
  readonly blockers?: readonly Blocker[];
  /** What is missing, as codes. */
  readonly missing?: readonly string[];
  /** Seconds after which the same request may succeed. */
  readonly retryAfter?: number;
  readonly cause?: unknown;
}

/**
 * The answer to a caller. 401 who are you, 403 not yours to do, 404 no such row (another clinic's row is the same 404),
 * 409 wrong state, 422 clinical rule, 429 too often, 400 malformed. Codes are stable.
 */
export class AppError extends Error {
  readonly detail: string | undefined;
  readonly errors: readonly FieldError[] | undefined;
  readonly blockers: readonly Blocker[] | undefined;
  readonly missing: readonly string[] | undefined;
  readonly retryAfter: number | undefined;

  constructor(
    readonly code: string,
    readonly status: number,
    title: string,
    { detail, errors, blockers, missing, retryAfter, cause }: ErrorDetails = {},
  ) {
    super(title, { cause });
    this.detail = detail;
    this.errors = errors;
    this.blockers = blockers;
    this.missing = missing;
    this.retryAfter = retryAfter;
  }
}

/** Somebody who is signed in asked for what isn't theirs: it goes into the record of access. */
export class Denial extends AppError {}

/** A refusal with which something was recorded that stays: the transaction is committed. */
export class KeptRefusal extends AppError {}

/** A repetition of a request that gets no answer, or a refusal that is recorded already. */
export class NotRepeated extends AppError {}

/** The right was lost while the request ran: the database changed nothing. */
export function notYours(): Denial {
  return new Denial('forbidden', 403, 'You no longer have permission to do this.');
}

export function notFound(what: string): AppError {
  return new AppError('not-found', 404, `There is no such ${what}.`);
}

/** Somebody else's transaction is in the way; the next try may succeed. */
export function busy(cause?: unknown): AppError {
  return new AppError('busy', 503, 'The record is in use by another request.', { detail: 'Nothing was written. Try again.', cause });
}

export function databaseAway(cause: unknown): AppError {
  return new AppError('not-ready', 503, 'The database isn’t available.', { detail: 'Nothing was written. Try again.', cause });
}

/** The connection was lost after COMMIT was sent: PostgreSQL may have committed, or not. */
export function outcomeUnknown(cause: unknown): AppError {
  return new AppError('outcome-unknown', 503, 'The connection to the database was lost: it isn’t known whether this was written.', {
    detail:
      'Repeat the request unchanged with the same Idempotency-Key: it is done once, and answers as it would have. Without a key, look whether it was written before you repeat it.',
    cause,
  });
}

/** A body can hold more faults than anybody reads. */
const MOST_FIELD_ERRORS = 20;

export function malformed(all: readonly FieldError[]): AppError {
  const errors = all.slice(0, MOST_FIELD_ERRORS);
  return new AppError('malformed', 400, 'The request is malformed.', {
    detail: errors.map((error) => `${error.field}: ${error.message}`).join('; '),
    errors,
  });
}
