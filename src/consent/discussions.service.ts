import { Injectable } from '@nestjs/common';
import { READ } from '../audit/actions.js';
import type { Ctx } from '../common/context.js';
import { notFound } from '../common/errors.js';
import { insert } from '../database/insert.js';
import { PatientsService } from '../patients/patients.service.js';
import { Consent } from './consent.entity.js';
import { DiscussedRisk } from './discussed-risk.entity.js';
import type { DiscussionOutline, DiscussionParts, DiscussRisk, OpenDiscussion, RiskRow } from './discussion.dto.js';
import { Discussion } from './discussion.entity.js';

const RISKS = `
  SELECT risk.code, risk.title, risk.wording, risk.always, discussed.question, discussed.answer, discussed.discussed_by, discussed.discussed_at
    FROM app.discussions d
    JOIN app.disclosure_risks risk ON risk.clinic_id = d.clinic_id AND risk.disclosure_id = d.disclosure_id
    LEFT JOIN app.discussed_risks discussed ON discussed.clinic_id = d.clinic_id AND discussed.discussion_id = d.id AND discussed.code = risk.code
   WHERE d.clinic_id = $1 AND d.id = $2
     AND (discussed.code IS NOT NULL OR risk.code IN (SELECT app.required_risks(d)))
   ORDER BY risk.position`;

const MOST = 500;

@Injectable()
export class DiscussionsService {
  constructor(private readonly patients: PatientsService) {}

  /** Opens a discussion on the patient's latest screening and the current disclosure. */
  async open(ctx: Ctx, patientId: string, proposal: OpenDiscussion): Promise<DiscussionParts> {
    const discussion = await insert(ctx.tx, Discussion, { ...proposal, patientId, interpreter: proposal.interpreter ?? null });
    return { discussion, risks: await this.risks(ctx, discussion.id), consentId: null };
  }

  async get(ctx: Ctx, id: string): Promise<DiscussionParts> {
    const { clinicId } = ctx.actor;
    const discussion = await ctx.tx.findOne(Discussion, { where: { clinicId, id } });
    if (!discussion) throw notFound('discussion');
    ctx.saw(READ.discussion, { subjectId: id, patientId: discussion.patientId });
    const decision = await ctx.tx.findOne(Consent, { select: { clinicId: true, id: true }, where: { clinicId, discussionId: id } });
    return { discussion, risks: await this.risks(ctx, id), consentId: decision?.id ?? null };
  }

  /** Without the risks, which each discussion has. */
  async list(ctx: Ctx, patientId: string): Promise<DiscussionOutline[]> {
    const { clinicId } = ctx.actor;
    await this.patients.require(ctx, patientId);
    ctx.saw(READ.discussions, { subjectId: patientId, patientId });
    const discussions = await ctx.tx.find(Discussion, { where: { clinicId, patientId }, order: { id: 'DESC' }, take: MOST });
    const rows = await ctx.tx.query<{ id: string; consent_id: string | null; awaits: boolean; discussed: number }[]>(
      `SELECT d.id, c.id AS consent_id, app.awaits_decision(d) AS awaits,
              (SELECT count(*)::integer FROM app.discussed_risks r WHERE r.clinic_id = d.clinic_id AND r.discussion_id = d.id) AS discussed
         FROM app.discussions d
         LEFT JOIN app.consents c ON c.clinic_id = d.clinic_id AND c.discussion_id = d.id
        WHERE d.clinic_id = $1 AND d.patient_id = $2
        ORDER BY d.id DESC LIMIT $3`,
      [clinicId, patientId, MOST],
    );
    const byId = new Map(rows.map((row) => [row.id, row]));
    return discussions.map((discussion) => ({
      discussion,
      discussedRisks: byId.get(discussion.id)?.discussed ?? 0,
      consentId: byId.get(discussion.id)?.consent_id ?? null,
      awaitsDecision: byId.get(discussion.id)?.awaits ?? false,
    }));
  }

  /** Marks one risk as discussed now. Repeating it changes nothing; a question that comes up later is added. */
  async discuss(
    ctx: Ctx,
    discussionId: string,
    code: string,
    { question = null, answer = null }: { [Key in keyof DiscussRisk]?: DiscussRisk[Key] | null },
  ): Promise<RiskRow> {
    const [row] = await ctx.tx.query<RiskRow[]>(
      `INSERT INTO app.discussed_risks AS discussed (discussion_id, code, question, answer)
       VALUES ($1, $2, $3, $4)
       ON CONFLICT (clinic_id, discussion_id, code) DO NOTHING
       RETURNING code, title, wording, question, answer, discussed_by, discussed_at,
                 (SELECT risk.always FROM app.disclosure_risks risk JOIN app.discussions d ON d.clinic_id = risk.clinic_id AND d.disclosure_id = risk.disclosure_id
                   WHERE d.clinic_id = discussed.clinic_id AND d.id = discussed.discussion_id AND risk.code = discussed.code) AS always`,
      [discussionId, code, question, answer],
    );
    return row ?? this.addQuestion(ctx, discussionId, code, question, answer);
  }

  private async addQuestion(
    ctx: Ctx,
    discussionId: string,
    code: string,
    question: string | null,
    answer: string | null,
  ): Promise<RiskRow> {
    const key = { clinicId: ctx.actor.clinicId, discussionId, code };
    const recorded = await ctx.tx.findOneOrFail(DiscussedRisk, { where: key });
    if (question !== recorded.question || answer !== recorded.answer) await ctx.tx.update(DiscussedRisk, key, { question, answer });
    const risk = (await this.risks(ctx, discussionId)).find((row) => row.code === code);
    if (!risk) throw notFound('risk');
    return risk;
  }

  private risks(ctx: Ctx, discussionId: string): Promise<RiskRow[]> {
    return ctx.tx.query<RiskRow[]>(RISKS, [ctx.actor.clinicId, discussionId]);
  }
}
