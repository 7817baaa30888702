import { Injectable } from '@nestjs/common';
import type { Ctx } from '../common/context.js';
import { notFound } from '../common/errors.js';
import { insert } from '../database/insert.js';
import type { PublishQuestionnaire } from './questionnaire.dto.js';
import { Questionnaire } from './questionnaire.entity.js';

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

  /** Publishes the next version. Screenings from then on answer it; earlier ones stay what they were. */
  async publish(ctx: Ctx, { language, ...content }: PublishQuestionnaire): Promise<Questionnaire> {
    return insert(ctx.tx, Questionnaire, { language, content });
  }
}
