import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { entities } from '../database/database.module.js';
import { PatientsModule } from '../patients/patients.module.js';
import { ConsentHistoryService } from './consent-history.service.js';
import { Consent } from './consent.entity.js';
import { ConsentsController } from './consents.controller.js';
import { ConsentsService } from './consents.service.js';
import { Disclosure } from './disclosure.entity.js';
import { DisclosuresController } from './disclosures.controller.js';
import { DisclosuresService } from './disclosures.service.js';
import { DiscussedRisk } from './discussed-risk.entity.js';
import { Discussion } from './discussion.entity.js';
import { DiscussionsController } from './discussions.controller.js';
import { DiscussionsService } from './discussions.service.js';

/** Disclosures, discussions of their risks, and the decisions that follow. */
@Module({
  imports: [AuditModule, PatientsModule, entities(Disclosure, Discussion, DiscussedRisk, Consent)],
  controllers: [DisclosuresController, DiscussionsController, ConsentsController],
  providers: [DisclosuresService, DiscussionsService, ConsentsService, ConsentHistoryService],
})
export class ConsentModule {}
