import { withFieldNames } from '../field-name.ts';
import { t, tMaybe } from '../messages/index.ts';
import type { components } from './schema.ts';

type ProblemDetails = components['schemas']['Problem'];

/** A refusal of the server (problem+json), or `network` when it wasn't reached. */
export class Problem extends Error {
  readonly code: string;
  readonly status: number;
  /** What to do about it. */
  readonly remedy: string | undefined;
  /** Which fields are malformed. */
  readonly errors: readonly { readonly field: string; readonly message: string }[];
  /** Why a session can't start. */
  readonly blockers: NonNullable<ProblemDetails['blockers']>;
  /** What is missing, as codes. */
  readonly missing: readonly string[];
  readonly requestId: string | undefined;

  constructor(details: Partial<ProblemDetails> & Pick<ProblemDetails, 'code' | 'status'>) {
    const { status, blockers = [], missing = [], requestId } = details;
    // An address with something else in place of an id leads to nothing, as one with an unknown id does.
    const astray = details.code === 'malformed' && details.errors?.every(({ field }) => field === 'id') === true;
    const code = astray ? 'not-found' : details.code;
    const { title = code, detail, errors = [] } = astray ? {} : details;
    super(tMaybe('problems', code) ?? title);
    this.code = code;
    this.status = status;
    // Where fields are named, the detail says the same once more.
    this.remedy = tMaybe('remedies', code) ?? (errors.length > 0 ? undefined : detail);
    this.errors = errors;
    this.blockers = blockers;
    this.missing = missing;
    this.requestId = requestId;
  }

  /** What is wrong with each field, as a sentence, by its path in a form: risks.0.wording, for risks[0].wording. */
  byField(): Record<string, string> {
    const sentences: Record<string, string> = {};
    for (const { field, message } of this.errors) {
      sentences[field.replaceAll(/\[(\d+)\]/g, '.$1')] ??= t('common.fieldError', { message: withFieldNames(message) });
    }
    return sentences;
  }

  static network(): Problem {
    return new Problem({ code: 'network', status: 0 });
  }
}

/** What a page catches, as a problem with words. */
export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  return new Problem({ code: 'internal', status: 500, title: error instanceof Error ? error.message : String(error) });
}
