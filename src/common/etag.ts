import { AppError } from './errors.js';

/** The version that an If-Match header names. Strong ETags of one version only: that is what our answers carry. */
export function readIfMatch(header: string | undefined): number {
  if (header === undefined) {
    throw new AppError('precondition-required', 428, 'A change needs to say which version it changes.', {
      detail: 'Send If-Match with the ETag of the answer that you read.',
    });
  }
  const version = /^"(\d{1,9})"$/.exec(header.trim())?.[1];
  if (version === undefined) {
    throw new AppError('malformed', 400, 'The request is malformed.', {
      detail: 'If-Match must be one ETag as it was read, with its quotes.',
      errors: [{ field: 'If-Match', message: 'must be one ETag as it was read, with its quotes' }],
    });
  }
  return Number(version);
}
