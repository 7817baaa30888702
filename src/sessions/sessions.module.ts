import { Module } from '@nestjs/common';
import { entities } from '../database/database.module.js';
import { PatientsModule } from '../patients/patients.module.js';
import { ClearanceService } from './clearance.service.js';
import { Manipulation } from './manipulation.entity.js';
import { PatientReport } from './patient-report.entity.js';
import { PatientReportsController } from './patient-reports.controller.js';
import { PatientReportsService } from './patient-reports.service.js';
import { Session } from './session.entity.js';
import { SessionsController } from './sessions.controller.js';
import { SessionsService } from './sessions.service.js';
import { StandingService } from './standing.service.js';

/** The gate seen from outside: clearance, treatment sessions, manipulations, and what patients report before a session. */
@Module({
  imports: [PatientsModule, entities(Session, Manipulation, PatientReport)],
  controllers: [SessionsController, PatientReportsController],
  providers: [ClearanceService, PatientReportsService, SessionsService, StandingService],
})
export class SessionsModule {}
