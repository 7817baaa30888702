import type { FactoryProvider, ModuleMetadata } from '@nestjs/common';
import type { DatabaseUrls, MailSettings } from './config.js';
import type { Authenticate } from './identity/identity-options.js';

/** What Assent needs to serve within a NestJS application. It reads nothing from the environment. */
export interface AssentOptions {
  /** A PostgreSQL that `migrate` has brought up to date: one URL for each of Assent's roles. */
  readonly database: DatabaseUrls;
  /** Connections that serve requests at the same time. Left out: 16. */
  readonly poolSize?: number | undefined;
  /**
   * At least 32 random characters, the same on every server of the database: encrypts the secrets of second factors and single sign-on, and
   * signs what a browser brings back. With another one, people must set up their second factors again.
   */
  readonly secret: string;
  /** Where people reach the application, e.g. `https://clinic.example.org`: for cookies, passkeys and links. */
  readonly baseUrl: string;
  /** Left out: no mail is sent, and links are shown to the administrator instead. */
  readonly mail?: MailSettings | undefined;
  /**
   * Says which user of the application asks, where the application signs people in. Undefined: nobody who is signed in. Left out: people sign
   * in with Assent. See docs/SECURITY.md for what Assent then trusts the application with.
   */
  readonly authenticate?: Authenticate | undefined;
  /** Left out: another server on the same database seals the log. */
  readonly log?: LogSettings | undefined;
}

export interface LogSettings {
  /** Folder of the log's key, which the first start makes there. */
  readonly dataDir: string;
  /** The log's keys themselves, in place of the file; see docs/LOG.md. */
  readonly key?: string | undefined;
  /** Where the log's signed state is sent, as addresses with spaces between them. */
  readonly anchors?: string | undefined;
}

export interface AssentPlace {
  /** The first part of every address of Assent's. Left out: `api`. */
  readonly prefix?: string | undefined;
}

/** The same, where the options come from other providers of the application. The prefix is needed before there are any. */
export interface AssentAsyncOptions extends AssentPlace, Pick<ModuleMetadata, 'imports'> {
  // oxlint-disable-next-line typescript/no-explicit-any -- as Nest's own FactoryProvider: what is injected is the application's
  readonly useFactory: (...injected: any[]) => AssentOptions | Promise<AssentOptions>;
  readonly inject?: FactoryProvider['inject'];
}
