import type { Mailer } from '../mail/mailer.js';

export const IDENTITY_OPTIONS = Symbol('identity options');

export interface IdentityOptions {
  /** URL of the database as the role `assent_identity`. */
  readonly databaseUrl: string;
  /** Encrypts what must be read again, and signs what a browser brings back. */
  readonly secret: string;
  /** Where people reach the pages. Cookies, passkeys and links hang on it. */
  readonly baseUrl: string;
  /** Undefined: links are shown to the administrator instead. */
  readonly mailer: Mailer | undefined;
}
