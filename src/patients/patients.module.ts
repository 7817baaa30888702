import { Module } from '@nestjs/common';
import { entities } from '../database/database.module.js';
import { Patient } from './patient.entity.js';
import { PatientsController } from './patients.controller.js';
import { PatientsService } from './patients.service.js';
import { Representative } from './representative.entity.js';
import { RepresentativesController } from './representatives.controller.js';
import { RepresentativesService } from './representatives.service.js';

/** Patients, and those who may decide for them. */
@Module({
  imports: [entities(Patient, Representative)],
  controllers: [PatientsController, RepresentativesController],
  providers: [PatientsService, RepresentativesService],
  exports: [PatientsService],
})
export class PatientsModule {}
