import { type DynamicModule, Module } from '@nestjs/common';
import { Account } from './account.service.js';
import { Attempts } from './attempts.js';
import { Browser } from './browser.js';
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

/** Who somebody is: sign-in, second factors, login sessions, one's own account. */
@Module({})
export class IdentityModule {
  static register(options: IdentityOptions): DynamicModule {
    const { databaseUrl, secret, baseUrl } = options;
    const database = new IdentityDatabase(databaseUrl);
    return {
      module: IdentityModule,
      global: true,
      providers: [
        { provide: IDENTITY_OPTIONS, useValue: options },
        { provide: IdentityDatabase, useValue: database },
        { provide: Attempts, useFactory: () => new Attempts(database.pool, secret) },
        { provide: DeviceCookie, useFactory: () => new DeviceCookie(baseUrl) },
        { provide: SessionCookie, useFactory: () => new SessionCookie(baseUrl) },
        { provide: CeremonyCookie, useFactory: () => new CeremonyCookie(baseUrl) },
        { provide: Oidc, useFactory: () => new Oidc({ allowLocalHttp: baseUrl.startsWith('http://') }) },
        Browser,
        OneTimeValues,
        LoginSessions,
        SecondFactors,
        Passkeys,
        SignIn,
        Invitations,
        PasswordReset,
        Account,
        Sso,
      ],
      controllers: [SignInController, MeController, SsoController],
      exports: [IDENTITY_OPTIONS, SessionCookie, Sso],
    };
  }
}
