import { Injectable } from '@nestjs/common';
import { READ } from '../audit/actions.js';
import type { Ctx } from '../common/context.js';
import { notFound } from '../common/errors.js';
import { update } from '../database/insert.js';
import { PatientsService } from '../patients/patients.service.js';
import { PatientReport, type ReportKind } from './patient-report.entity.js';

@Injectable()
export class PatientReportsService {
  constructor(private readonly patients: PatientsService) {}

  /** Ends the screening (a change) or the consent (a doubt). The same report within ten minutes is a request that was sent again. */
  async record(ctx: Ctx, patientId: string, kind: ReportKind, words: string): Promise<void> {
    await ctx.tx.query('INSERT INTO app.patient_reports (patient_id, kind, words) VALUES ($1, $2, $3)', [patientId, kind, words]);
  }

  async list(ctx: Ctx, patientId: string): Promise<PatientReport[]> {
    await this.patients.require(ctx, patientId);
    ctx.saw(READ.patientReports, { subjectId: patientId, patientId });
    return ctx.tx.find(PatientReport, { where: { clinicId: ctx.actor.clinicId, patientId }, order: { id: 'DESC' }, take: 500 });
  }

  /** The permit that it ended permits again until its former end. The report stays on record. */
  async retract(ctx: Ctx, patientId: string, id: string, reason: string): Promise<PatientReport> {
    const report = await update(ctx.tx, PatientReport, { clinicId: ctx.actor.clinicId, patientId, id }, { retractionReason: reason });
    if (!report) throw notFound('report');
    return report;
  }
}
