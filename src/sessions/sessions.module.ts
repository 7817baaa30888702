import { Module } from '@nestjs/common';
import { entities } from '../database/database.module.js';
import { PatientsModule } from '../patients/patients.module.js';
import { ClearanceService } from './clearance.service.js';
import { Manipulation } from './manipulation.entity.js';
import { Session } from './session.entity.js';
import { SessionsController } from './sessions.controller.js';
import { SessionsService } from './sessions.service.js';
import { StandingService } from './standing.service.js';

/** The gate seen from outside: clearance, treatment sessions, manipulations. */
@Module({
  imports: [PatientsModule, entities(Session, Manipulation)],
  controllers: [SessionsController],
  providers: [ClearanceService, SessionsService, StandingService],
})
export class SessionsModule {}
