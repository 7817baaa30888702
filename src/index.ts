/** What an application that imports Assent uses of it. */
export type { AssentAsyncOptions, AssentOptions, AssentPlace, LogSettings } from './assent-options.js';
export { AssentModule } from './assent.module.js';
export type { Blocker, FieldError } from './common/errors.js';
export type { Problem } from './common/problem.js';
export type { DatabaseUrls, MailSettings } from './config.js';
export { migrate } from './database/migrate.js';
export { HostLogins } from './identity/host-logins.js';
export type { Authenticate, HostUser } from './identity/identity-options.js';
