import { Injectable } from '@nestjs/common';
import { In } from 'typeorm';
import { READ } from '../audit/actions.js';
import type { Ctx } from '../common/context.js';
import { refuseFuture } from '../common/period.js';
import { insert } from '../database/insert.js';
import { PatientsService } from '../patients/patients.service.js';
import { Questionnaire } from './questionnaire.entity.js';
import { ScreeningApproval } from './screening-approval.entity.js';
import type { RecordScreening, ScreeningParts } from './screening.dto.js';
import { Screening } from './screening.entity.js';

@Injectable()
export class ScreeningsService {
  constructor(private readonly patients: PatientsService) {}

  /** Records the answers. The database derives the outcome, and ends the period of the patient's earlier screening. */
  async record(ctx: Ctx, patientId: string, { questionnaireId, answers, advice }: RecordScreening): Promise<ScreeningParts> {
    refuseFuture(ctx, 'advice.date', advice?.date);
    const screening = await insert(ctx.tx, Screening, { patientId, questionnaireId, answers, advice: advice ?? null });
    // Only findings need the questionnaire's words; most screenings have none.
    const [parts] =
      screening.findings.length > 0
        ? await this.complete(ctx, [screening])
        : [{ screening, approval: undefined, urgentActions: new Map<string, string>() }];
    return parts as ScreeningParts;
  }

  async list(ctx: Ctx, patientId: string): Promise<ScreeningParts[]> {
    const { clinicId } = ctx.actor;
    await this.patients.require(ctx, patientId);
    ctx.saw(READ.screenings, { subjectId: patientId, patientId });
    return this.complete(ctx, await ctx.tx.find(Screening, { where: { clinicId, patientId }, order: { performedAt: 'DESC' }, take: 500 }));
  }

  /** A second practitioner clears the relative findings, with a reason. */
  async approve(ctx: Ctx, screeningId: string, reason: string): Promise<ScreeningParts> {
    await insert(ctx.tx, ScreeningApproval, { screeningId, reason });
    const screening = await ctx.tx.findOneOrFail(Screening, { where: { clinicId: ctx.actor.clinicId, id: screeningId } });
    const [parts] = await this.complete(ctx, [screening]);
    return parts as ScreeningParts;
  }

  private async complete(ctx: Ctx, screenings: Screening[]): Promise<ScreeningParts[]> {
    if (screenings.length === 0) return [];
    const { clinicId } = ctx.actor;
    const approvals = await ctx.tx.find(ScreeningApproval, { where: { clinicId, screeningId: In(screenings.map(({ id }) => id)) } });
    const questionnaires = await ctx.tx.find(Questionnaire, {
      where: { clinicId, id: In([...new Set(screenings.map(({ questionnaireId }) => questionnaireId))]) },
    });
    const urgentActions = new Map(
      questionnaires.map(({ id, content }) => [
        id,
        new Map(content.items.flatMap((item) => (item.urgentAction ? [[item.code, item.urgentAction]] : []))),
      ]),
    );
    return screenings.map((screening) => ({
      screening,
      approval: approvals.find(({ screeningId }) => screeningId === screening.id),
      urgentActions: urgentActions.get(screening.questionnaireId) ?? new Map<string, string>(),
    }));
  }
}
