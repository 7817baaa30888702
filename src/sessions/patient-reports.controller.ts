import { Body, Controller, Get, HttpCode, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ACT } from '../audit/actions.js';
import { Allow, Context, type Ctx, Gated } from '../common/context.js';
import { Id } from '../common/id.js';
import { type PatientReportList, type PatientReportView, RetractPatientReport, toPatientReport } from './patient-report.dto.js';
import { PatientReportsService } from './patient-reports.service.js';

@ApiTags('sessions')
@Controller()
export class PatientReportsController {
  constructor(private readonly reports: PatientReportsService) {}

  /** What the patient reported when sessions were about to start, newest first: changes since a screening, doubts about a consent. */
  @Get('patients/:id/reports')
  @Allow('clinical.read')
  async listPatientReports(@Context() ctx: Ctx, @Id() id: string): Promise<PatientReportList> {
    return { items: (await this.reports.list(ctx, id)).map(toPatientReport) };
  }

  /**
   * Retracts a report that was a slip: within 10 minutes, by the person who recorded it, if nothing else was recorded meanwhile. The screening or
   * the consent that it ended is valid again. The report and the reason stay on record.
   */
  @Post('patients/:id/reports/:reportId/retraction')
  @HttpCode(200)
  @Allow('session.record')
  @Gated(ACT.retractPatientReport)
  async retractPatientReport(
    @Context() ctx: Ctx,
    @Id() id: string,
    @Id('reportId') reportId: string,
    @Body() body: RetractPatientReport,
  ): Promise<PatientReportView> {
    return toPatientReport(await this.reports.retract(ctx, id, reportId, body.reason));
  }
}
