import { AppError, type Blocker, busy, databaseAway, malformed, notFound } from './errors.js';
import { isUnavailable } from './unavailable.js';

/** How a rule is explained to callers. */
interface Rule {
  readonly title: string;
  /** What to do about it. */
  readonly remedy?: string;
  /** The database's constraints that refuse with it, and the status of the refusal. Triggers name theirs too (app.refuse). */
  readonly constraints?: Readonly<Record<string, 403 | 409 | 410 | 422>>;
}

/** The rules of a subject: one text and one remedy for each code, wherever it is used. */
export interface Rules {
  readonly codes: Readonly<Record<string, Rule>>;
  /** Constraints that refuse because a row that was named isn't there, and what it would have been. */
  readonly missing?: Readonly<Record<string, string>>;
  /** Constraints that refuse a value before the checks of input do. */
  readonly malformed?: Readonly<Record<string, { readonly field: string; readonly message: string }>>;
  /** Constraints that another transaction may have caused: the request runs once more, and then knows the reason. */
  readonly races?: readonly string[];
}

/** The part of pg's DatabaseError that matters here; TypeORM wraps it, and copies these fields to its own error. */
interface DatabaseError extends Error {
  readonly code: string;
  readonly constraint?: string;
  readonly detail?: string;
}

function isDatabaseError(error: unknown): error is DatabaseError {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && /^[0-9A-Z]{5}$/.test(error.code);
}

/** The words for what the database refuses. What isn't in it is a defect and answers 500. */
export class RuleBook {
  private readonly codes: ReadonlyMap<string, Rule>;
  /** By the constraint's name. */
  private readonly refusals: ReadonlyMap<string, (error: DatabaseError) => AppError>;
  private readonly codesByConstraint: ReadonlyMap<string, string>;
  private readonly races: ReadonlySet<string>;

  constructor(subjects: readonly Rules[]) {
    const codes = subjects.flatMap((rules) => Object.entries(rules.codes));
    const constraints = codes.flatMap(([code, rule]) =>
      Object.entries(rule.constraints ?? {}).map(([constraint, status]) => ({ constraint, code, status, rule })),
    );
    this.codes = new Map(codes);
    if (this.codes.size !== codes.length) throw new Error('Two subjects have words for the same code.');
    this.codesByConstraint = new Map(constraints.map(({ constraint, code }) => [constraint, code]));
    this.races = new Set(subjects.flatMap(({ races = [] }) => races));
    this.refusals = new Map([
      ...constraints.map(
        ({ constraint, code, status, rule: { title, remedy } }) =>
          [
            constraint,
            (error: DatabaseError) => new AppError(code, status, title, { detail: remedy, missing: missingCodes(error), cause: error }),
          ] as const,
      ),
      ...subjects.flatMap(({ missing = {} }) =>
        Object.entries(missing).map(([constraint, what]) => [constraint, () => notFound(what)] as const),
      ),
      ...subjects.flatMap(({ malformed: fields = {} }) =>
        Object.entries(fields).map(([constraint, field]) => [constraint, () => malformed([field])] as const),
      ),
    ]);
  }

  /** The problem that an error of the database stands for; undefined where it is a defect of ours. */
  explain(error: unknown): AppError | undefined {
    if (isUnavailable(error)) return databaseAway(error);
    if (!isDatabaseError(error)) return undefined;
    const refusal = this.refusals.get(error.constraint ?? '');
    if (refusal) return refusal(error);
    switch (error.code) {
      case '40001': // serialization failure
      case '40P01': // deadlock
      case '55P03': // lock not available
      case '57014': // statement time-out
        return busy(error);
      case '42501': // insufficient privilege: a policy of the database refused
        return new AppError('forbidden', 403, 'You don’t have permission to do this.', { cause: error });
      default:
        return undefined;
    }
  }

  /** Serialization failure, deadlock, or a race for the gate: nothing was written, and a second try may succeed. */
  isRace(error: unknown): boolean {
    return isDatabaseError(error) && (error.code === '40001' || error.code === '40P01' || this.races.has(error.constraint ?? ''));
  }

  /** A rule in words, before anybody runs into it. */
  blocker(code: string): Blocker {
    const { title, remedy = '' } = this.codes.get(code) ?? { title: code };
    return { code, message: title, remedy };
  }

  /** The same by the constraint that would refuse. */
  blockerBy(constraint: string): Blocker {
    return this.blocker(this.codesByConstraint.get(constraint) ?? constraint);
  }
}

/** A rule's refusal by a service, with the same words. */
export function refusal({ codes }: Rules, code: string, status: number): AppError {
  const { title, remedy } = codes[code] ?? { title: code };
  return new AppError(code, status, title, { detail: remedy });
}

/** app.refuse passes what is missing as a JSON list of codes. */
function missingCodes({ detail }: DatabaseError): string[] | undefined {
  return detail?.startsWith('[') ? (JSON.parse(detail) as string[]) : undefined;
}
