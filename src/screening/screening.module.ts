import { Module } from '@nestjs/common';
import { entities } from '../database/database.module.js';
import { PatientsModule } from '../patients/patients.module.js';
import { Questionnaire } from './questionnaire.entity.js';
import { QuestionnairesController } from './questionnaires.controller.js';
import { QuestionnairesService } from './questionnaires.service.js';
import { ScreeningApproval } from './screening-approval.entity.js';
import { Screening } from './screening.entity.js';
import { ScreeningsController } from './screenings.controller.js';
import { ScreeningsService } from './screenings.service.js';

/** Questionnaires, and the screenings that answer them. */
@Module({
  imports: [PatientsModule, entities(Questionnaire, Screening, ScreeningApproval)],
  controllers: [QuestionnairesController, ScreeningsController],
  providers: [QuestionnairesService, ScreeningsService],
})
export class ScreeningModule {}
