import type { FastifyRequest } from 'fastify';
import type { Mailer } from '../mail/mailer.js';

export const IDENTITY_OPTIONS = Symbol('identity options');

/** A user of the application that imports Assent, who is signed in there. */
export interface HostUser {
  /** The member of staff, by the id in `GET /api/staff`. */
  readonly staffId: string;
  /** Names the sign-in, e.g. the id of the application's session. Each sign-in has another one. */
  readonly signInId: string;
  /** When the user last authenticated. Left out: not recently enough for what needs step-up authentication. */
  readonly authenticatedAt?: Date | undefined;
  /** Whether that was with two factors. Left out: with one. */
  readonly secondFactor?: boolean | undefined;
}

export type Authenticate = (request: FastifyRequest) => HostUser | undefined | Promise<HostUser | undefined>;

export interface IdentityOptions {
  /** URL of the database as the role `assent_identity`. */
  readonly databaseUrl: string;
  /** Encrypts what must be read again, and signs what a browser brings back. */
  readonly secret: string;
  /** Where people reach the pages. Cookies, passkeys and links hang on it. */
  readonly baseUrl: string;
  /** Of the API's addresses, without slashes around it. */
  readonly prefix: string;
  /** Undefined: links are shown to the administrator instead. */
  readonly mailer: Mailer | undefined;
  /** Left out: people sign in with Assent. */
  readonly authenticate?: Authenticate | undefined;
}
