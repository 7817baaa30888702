import { Global, Module } from '@nestjs/common';
import { Account } from './account.service.js';
import { Attempts } from './attempts.js';
import { Browser } from './browser.js';
import { HostLogins } from './host-logins.js';
import { IdentityDatabase } from './identity-database.js';
import { IDENTITY_OPTIONS, type IdentityOptions } from './identity-options.js';
import { Invitations } from './invitations.service.js';
import { LoginSessions } from './login-sessions.service.js';
import { MeController } from './me.controller.js';
import { Oidc } from './oidc.js';
import { OneTimeValues } from './one-time-values.js';
import { Passkeys } from './passkeys.service.js';
import { PasswordReset } from './password-reset.service.js';
import { SecondFactors } from './second-factors.service.js';
import { SignInController } from './sign-in.controller.js';
import { SignIn } from './sign-in.service.js';
import { SsoController } from './sso.controller.js';
import { Sso } from './sso.service.js';
import { CeremonyCookie, DeviceCookie, SessionCookie } from './tokens.js';

const OPTIONS = [IDENTITY_OPTIONS];

/** Who somebody is: sign-in, second factors, login sessions, one's own account. */
@Global()
@Module({
  providers: [
    { provide: IdentityDatabase, useFactory: ({ databaseUrl }: IdentityOptions) => new IdentityDatabase(databaseUrl), inject: OPTIONS },
    {
      provide: Attempts,
      useFactory: ({ pool }: IdentityDatabase, { secret }: IdentityOptions) => new Attempts(pool, secret),
      inject: [IdentityDatabase, ...OPTIONS],
    },
    { provide: DeviceCookie, useFactory: ({ baseUrl }: IdentityOptions) => new DeviceCookie(baseUrl), inject: OPTIONS },
    { provide: SessionCookie, useFactory: ({ baseUrl }: IdentityOptions) => new SessionCookie(baseUrl), inject: OPTIONS },
    { provide: CeremonyCookie, useFactory: ({ baseUrl }: IdentityOptions) => new CeremonyCookie(baseUrl), inject: OPTIONS },
    {
      provide: Oidc,
      useFactory: ({ baseUrl }: IdentityOptions) => new Oidc({ allowLocalHttp: baseUrl.startsWith('http://') }),
      inject: OPTIONS,
    },
    Browser,
    OneTimeValues,
    LoginSessions,
    HostLogins,
    SecondFactors,
    Passkeys,
    SignIn,
    Invitations,
    PasswordReset,
    Account,
    Sso,
  ],
  controllers: [SignInController, MeController, SsoController],
  exports: [HostLogins, Sso],
})
export class IdentityModule {}
