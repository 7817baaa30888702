import { type DynamicModule, Module } from '@nestjs/common';
import { RouterModule } from '@nestjs/core';
import type { AssentAsyncOptions, AssentOptions, AssentPlace } from './assent-options.js';
import { AuditModule } from './audit/audit.module.js';
import { ClinicsModule } from './clinics/clinics.module.js';
import { RuleBook } from './common/rules.js';
import { ConsentModule } from './consent/consent.module.js';
import { DATABASE_OPTIONS, DatabaseModule, type DatabaseOptions } from './database/database.module.js';
import { IDENTITY_OPTIONS, type IdentityOptions } from './identity/identity-options.js';
import { IdentityModule } from './identity/identity.module.js';
import { KeysModule } from './keys/keys.module.js';
import { readAnchors } from './log/anchors.js';
import { loadLogKeys, readLogKeys } from './log/log-keys.js';
import { LOG_OPTIONS, type LogOptions } from './log/log-options.js';
import { LogModule } from './log/log.module.js';
import { createMailer } from './mail/mailer.js';
import { PatientsModule } from './patients/patients.module.js';
import { ReportsModule } from './reports/reports.module.js';
import { bindModule } from './request/bind.js';
import { RequestModule } from './request/request.module.js';
import { RetentionModule } from './retention/retention.module.js';
import { RULES } from './rules.js';
import { ScreeningModule } from './screening/screening.module.js';
import { SessionsModule } from './sessions/sessions.module.js';
import { StaffModule } from './staff/staff.module.js';
import { TodayModule } from './today/today.module.js';

/** Those with controllers. */
const SUBJECTS = [
  IdentityModule,
  PatientsModule,
  ScreeningModule,
  ConsentModule,
  SessionsModule,
  RetentionModule,
  StaffModule,
  ClinicsModule,
  KeysModule,
  AuditModule,
  LogModule,
  ReportsModule,
  TodayModule,
];
SUBJECTS.forEach(bindModule);

const OPTIONS = Symbol('options');

@Module({})
class OptionsModule {}

/** All of Assent's subjects, for this application or another one that imports them. */
@Module({})
export class AssentModule {
  static forRoot({ prefix, ...options }: AssentOptions & AssentPlace): DynamicModule {
    return AssentModule.forRootAsync({ prefix, useFactory: () => options });
  }

  static forRootAsync({ prefix = 'api', imports = [], inject = [], useFactory }: AssentAsyncOptions): DynamicModule {
    const options: DynamicModule = {
      module: OptionsModule,
      global: true,
      imports,
      providers: [
        { provide: OPTIONS, useFactory, inject },
        { provide: DATABASE_OPTIONS, useFactory: databaseOptions, inject: [OPTIONS] },
        { provide: IDENTITY_OPTIONS, useFactory: (given: AssentOptions) => identityOptions(given, prefix), inject: [OPTIONS] },
        { provide: LOG_OPTIONS, useFactory: logOptions, inject: [OPTIONS] },
        { provide: RuleBook, useValue: RULES },
      ],
      exports: [DATABASE_OPTIONS, IDENTITY_OPTIONS, LOG_OPTIONS, RuleBook],
    };
    return {
      module: AssentModule,
      imports: [
        options,
        DatabaseModule,
        RequestModule,
        ...SUBJECTS,
        RouterModule.register(SUBJECTS.map((module) => ({ path: prefix, module }))),
      ],
    };
  }
}

function databaseOptions({ database, poolSize = 16 }: AssentOptions): DatabaseOptions {
  return { url: database.app, poolSize };
}

function identityOptions({ database, secret, baseUrl, mail, authenticate }: AssentOptions, prefix: string): IdentityOptions {
  return {
    databaseUrl: database.identity,
    secret,
    baseUrl,
    prefix: prefix.replaceAll(/^\/|\/$/g, ''),
    mailer: mail && createMailer(mail),
    authenticate,
  };
}

async function logOptions({ database, baseUrl, log }: AssentOptions): Promise<LogOptions | undefined> {
  if (!log) return undefined;
  const { dataDir, key, anchors = '' } = log;
  return {
    databaseUrl: database.sealer,
    ownerUrl: database.owner,
    keys: await loadLogKeys(dataDir, key, baseUrl),
    rereadKeys: () => readLogKeys(dataDir, key),
    anchors: readAnchors(anchors),
  };
}
