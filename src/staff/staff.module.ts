import { Module } from '@nestjs/common';
import { entities } from '../database/database.module.js';
import { Licence } from './licence.entity.js';
import { StaffController } from './staff.controller.js';
import { Staff } from './staff.entity.js';
import { StaffService } from './staff.service.js';

/** The people of a clinic and their licences. */
@Module({
  imports: [entities(Staff, Licence)],
  controllers: [StaffController],
  providers: [StaffService],
})
export class StaffModule {}
