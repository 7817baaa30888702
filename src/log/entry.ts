import canonicalize from 'canonicalize';
import { leafHash } from './format/merkle.js';

/**
 * An event as it stands in the log: everything but its details and their salt, which may be erased one day. All keys are always there.
 * Changing this changes the log: it would have to be another kind of entry beside this one.
 */
export interface Entry {
  readonly action: string;
  readonly address: string | null;
  readonly clinicId: string | null;
  /** Of the salt and the details together. */
  readonly detailsSha256: string | null;
  readonly id: string;
  /** 16 random bytes, so that the leaf can't be guessed from what somebody knows of the event. */
  readonly nonce: string;
  /** In UTC, with microseconds. */
  readonly occurredAt: string;
  readonly outcome: string;
  readonly patientId: string | null;
  readonly requestId: string | null;
  readonly staffId: string | null;
  readonly staffName: string | null;
  readonly staffRole: string | null;
  readonly subject: string | null;
  readonly subjectId: string | null;
  readonly userAgent: string | null;
}

/** Canonical JSON, RFC 8785. */
export function writeEntry(entry: Entry): string {
  const text = canonicalize(entry);
  if (text === undefined) throw new TypeError('Not an entry');
  return text;
}

export function entryHash(text: string): Buffer {
  return leafHash(Buffer.from(text));
}
