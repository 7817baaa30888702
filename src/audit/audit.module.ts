import { Module } from '@nestjs/common';
import { entities } from '../database/database.module.js';
import { AuditController } from './audit.controller.js';
import { AuditService } from './audit.service.js';
import { AuditEvent } from './event.entity.js';

/** The record of what happened. */
@Module({
  imports: [entities(AuditEvent)],
  controllers: [AuditController],
  providers: [AuditService],
  exports: [AuditService],
})
export class AuditModule {}
