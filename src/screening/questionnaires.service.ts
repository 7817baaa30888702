import { Injectable } from '@nestjs/common';
import type { Ctx } from '../common/context.js';
import { notFound } from '../common/errors.js';
import { insert } from '../database/insert.js';
import type { PublishQuestionnaire, VersionRow } from './questionnaire.dto.js';
import { Questionnaire } from './questionnaire.entity.js';

const VERSIONS = `
  SELECT q.id, q.version, q.language, q.content ->> 'title' AS title, q.published_at, publisher.name AS published_by
    FROM app.questionnaires q
    LEFT JOIN app.staff publisher ON publisher.clinic_id = q.clinic_id AND publisher.id = q.published_by
   WHERE q.clinic_id = $1
   ORDER BY q.version DESC`;

@Injectable()
export class QuestionnairesService {
  async current(ctx: Ctx, language: string): Promise<Questionnaire> {
    const questionnaire = await ctx.tx.findOne(Questionnaire, {
      where: { clinicId: ctx.actor.clinicId, language },
      order: { version: 'DESC' },
    });
    if (!questionnaire) throw notFound('questionnaire in this language');
    return questionnaire;
  }

  async get(ctx: Ctx, id: string): Promise<Questionnaire> {
    const questionnaire = await ctx.tx.findOne(Questionnaire, { where: { clinicId: ctx.actor.clinicId, id } });
    if (!questionnaire) throw notFound('questionnaire');
    return questionnaire;
  }

  versions(ctx: Ctx): Promise<VersionRow[]> {
    return ctx.tx.query<VersionRow[]>(VERSIONS, [ctx.actor.clinicId]);
  }

  /** Publishes the next version. Screenings from then on answer it; earlier ones stay what they were. */
  async publish(ctx: Ctx, { language, ...content }: PublishQuestionnaire): Promise<Questionnaire> {
    return insert(ctx.tx, Questionnaire, { language, content });
  }
}
