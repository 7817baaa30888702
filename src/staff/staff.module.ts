import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Licence } from './licence.entity.js';
import { StaffController } from './staff.controller.js';
import { Staff } from './staff.entity.js';
import { StaffService } from './staff.service.js';

/** The people of a clinic and their licences. */
@Module({
  imports: [TypeOrmModule.forFeature([Staff, Licence])],
  controllers: [StaffController],
  providers: [StaffService],
})
export class StaffModule {}
