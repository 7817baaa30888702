import type { Problem } from '../api/problem.ts';
import { t } from '../messages/index.ts';
import { withFieldNames } from '../field-name.ts';

/** What the server says of one field of a form, as a sentence; undefined: nothing. */
export function errorAt(problem: Problem | undefined, field: string): string | undefined {
  const message = problem?.errors.find((error) => error.field === field)?.message;
  return message === undefined ? undefined : t('common.fieldError', { message: withFieldNames(message) });
}
