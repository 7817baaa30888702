import { Body, Controller, Get, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Allow, Context, type Ctx } from '../common/context.js';
import { InLanguage, PublishQuestionnaire, type QuestionnaireView, toQuestionnaire } from './questionnaire.dto.js';
import { QuestionnairesService } from './questionnaires.service.js';

@ApiTags('published texts')
@Controller('questionnaires')
export class QuestionnairesController {
  constructor(private readonly questionnaires: QuestionnairesService) {}

  /** The version that screenings answer now. */
  @Get('current')
  @Allow('published-text.read')
  async getCurrentQuestionnaire(@Context() ctx: Ctx, @Query() { language }: InLanguage): Promise<QuestionnaireView> {
    return toQuestionnaire(await this.questionnaires.current(ctx, language ?? 'en'));
  }

  /** Publishes the next version. It can't be changed afterwards. */
  @Post()
  @Allow('published-text.write')
  async publishQuestionnaire(@Context() ctx: Ctx, @Body() body: PublishQuestionnaire): Promise<QuestionnaireView> {
    return toQuestionnaire(await this.questionnaires.publish(ctx, body));
  }
}
