import { Body, Controller, Get, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Allow, Context, type Ctx } from '../common/context.js';
import { Id } from '../common/id.js';
import {
  InLanguage,
  PublishQuestionnaire,
  type QuestionnaireVersions,
  type QuestionnaireView,
  toQuestionnaire,
  toQuestionnaireVersion,
} from './questionnaire.dto.js';
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

  /** Every version in every language, the newest first, without their questions. */
  @Get()
  @Allow('published-text.read')
  async listQuestionnaireVersions(@Context() ctx: Ctx): Promise<QuestionnaireVersions> {
    return { items: (await this.questionnaires.versions(ctx)).map(toQuestionnaireVersion) };
  }

  /** One version, as it was published. */
  @Get(':id')
  @Allow('published-text.read')
  async getQuestionnaire(@Context() ctx: Ctx, @Id() id: string): Promise<QuestionnaireView> {
    return toQuestionnaire(await this.questionnaires.get(ctx, id));
  }

  /** Publishes the next version. It can't be changed afterwards. */
  @Post()
  @Allow('published-text.write')
  async publishQuestionnaire(@Context() ctx: Ctx, @Body() body: PublishQuestionnaire): Promise<QuestionnaireView> {
    return toQuestionnaire(await this.questionnaires.publish(ctx, body));
  }
}
