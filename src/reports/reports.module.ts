import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { DisclosuresService } from './disclosures.service.js';
import { ExportService } from './export.service.js';
import { RefusalsService } from './refusals.service.js';
import { ReportsController } from './reports.controller.js';
import { TotalsService } from './totals.service.js';

/** What administrators prove: every session with the consent and the risks discussed before it, and the starts that were refused. */
@Module({
  imports: [AuditModule],
  controllers: [ReportsController],
  providers: [DisclosuresService, ExportService, RefusalsService, TotalsService],
})
export class ReportsModule {}
