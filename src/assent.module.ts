import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { ProblemFilter } from './common/problem.filter.js';
import { ConsentModule } from './consent/consent.module.js';
import { DatabaseModule } from './database/database.module.js';
import { HealthController } from './health/health.controller.js';
import { MeController } from './identity/me.controller.js';
import { PatientsModule } from './patients/patients.module.js';
import { ScreeningModule } from './screening/screening.module.js';
import { SessionsModule } from './sessions/sessions.module.js';
import { StaffModule } from './staff/staff.module.js';

export interface AssentOptions {
  /** URL of the database as the role `assent_app`. */
  readonly databaseUrl: string;
  readonly poolSize: number;
}

/** All of Assent's subjects, for this application or another one that imports them. */
@Module({})
export class AssentModule {
  static register({ databaseUrl, poolSize }: AssentOptions): DynamicModule {
    return {
      module: AssentModule,
      imports: [
        DatabaseModule.register(databaseUrl, poolSize),
        PatientsModule,
        ScreeningModule,
        ConsentModule,
        SessionsModule,
        StaffModule,
      ],
      controllers: [MeController, HealthController],
      providers: [{ provide: APP_FILTER, useClass: ProblemFilter }],
    };
  }
}
