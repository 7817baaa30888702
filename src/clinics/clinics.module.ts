import { Module } from '@nestjs/common';
import { entities } from '../database/database.module.js';
import { ClinicController } from './clinic.controller.js';
import { Clinic } from './clinic.entity.js';

/** Clinics: how one is created, and its policies. */
@Module({ imports: [entities(Clinic)], controllers: [ClinicController] })
export class ClinicsModule {}
