import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { ClinicController } from './clinic.controller.js';
import { Clinic } from './clinic.entity.js';

/** Clinics: how one is created, and its policies. */
@Module({ imports: [TypeOrmModule.forFeature([Clinic])], controllers: [ClinicController] })
export class ClinicsModule {}
