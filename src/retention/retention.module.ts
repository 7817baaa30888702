import { Module } from '@nestjs/common';
import { entities } from '../database/database.module.js';
import { PatientsModule } from '../patients/patients.module.js';
import { Erasure } from './erasure.entity.js';
import { ErasuresController } from './erasures.controller.js';
import { ErasuresService } from './erasures.service.js';
import { LegalHold } from './legal-hold.entity.js';
import { LegalHoldsController } from './legal-holds.controller.js';
import { LegalHoldsService } from './legal-holds.service.js';

/** What keeps a closed record from being erased, and the erasure. */
@Module({
  imports: [entities(LegalHold, Erasure), PatientsModule],
  controllers: [LegalHoldsController, ErasuresController],
  providers: [LegalHoldsService, ErasuresService],
})
export class RetentionModule {}
