import { type DynamicModule, Module } from '@nestjs/common';
import { AuditModule } from './audit/audit.module.js';
import { ClinicsModule } from './clinics/clinics.module.js';
import { ConsentModule } from './consent/consent.module.js';
import { DatabaseModule } from './database/database.module.js';
import { HealthController } from './health/health.controller.js';
import type { IdentityOptions } from './identity/identity-options.js';
import { IdentityModule } from './identity/identity.module.js';
import { KeysModule } from './keys/keys.module.js';
import type { LogOptions } from './log/log-options.js';
import { LogModule } from './log/log.module.js';
import { PatientsModule } from './patients/patients.module.js';
import { ReportsModule } from './reports/reports.module.js';
import { RequestModule } from './request/request.module.js';
import { RetentionModule } from './retention/retention.module.js';
import { RULES } from './rules.js';
import { ScreeningModule } from './screening/screening.module.js';
import { SessionsModule } from './sessions/sessions.module.js';
import { StaffModule } from './staff/staff.module.js';
import { TodayModule } from './today/today.module.js';

export interface AssentOptions {
  /** URL of the database as the role `assent_app`. */
  readonly databaseUrl: string;
  readonly poolSize: number;
  readonly identity: IdentityOptions;
  /** Undefined: another server seals what happens into the log. */
  readonly log?: LogOptions | undefined;
}

/** All of Assent's subjects, for this application or another one that imports them. */
@Module({})
export class AssentModule {
  static register({ databaseUrl, poolSize, identity, log }: AssentOptions): DynamicModule {
    return {
      module: AssentModule,
      imports: [
        DatabaseModule.register(databaseUrl, poolSize),
        IdentityModule.register(identity),
        RequestModule.register(RULES),
        PatientsModule,
        ScreeningModule,
        ConsentModule,
        SessionsModule,
        RetentionModule,
        StaffModule,
        ClinicsModule,
        KeysModule,
        AuditModule,
        LogModule.register(log),
        ReportsModule,
        TodayModule,
      ],
      controllers: [HealthController],
    };
  }
}
