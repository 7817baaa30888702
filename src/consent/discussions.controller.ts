import { Body, Controller, Get, Param, Post, Put } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Allow, Context, type Ctx } from '../common/context.js';
import { Id } from '../common/id.js';
import {
  type DiscussionList,
  type DiscussionView,
  DiscussRisk,
  OpenDiscussion,
  type RiskView,
  toDiscussion,
  toDiscussionSummary,
  toRisk,
} from './discussion.dto.js';
import { DiscussionsService } from './discussions.service.js';

@ApiTags('consent')
@Controller()
export class DiscussionsController {
  constructor(private readonly discussions: DiscussionsService) {}

  /** Opens a discussion, and tells the risks to discuss: those of the disclosure and those that the screening adds. */
  @Post('patients/:id/discussions')
  @Allow('discussion.record')
  async openDiscussion(@Context() ctx: Ctx, @Id() id: string, @Body() body: OpenDiscussion): Promise<DiscussionView> {
    return toDiscussion(await this.discussions.open(ctx, id, body));
  }

  /** The patient's discussions, newest first, without their risks. */
  @Get('patients/:id/discussions')
  @Allow('clinical.read')
  async listDiscussions(@Context() ctx: Ctx, @Id() id: string): Promise<DiscussionList> {
    return { items: (await this.discussions.list(ctx, id)).map(toDiscussionSummary) };
  }

  /** A discussion with its risks. */
  @Get('discussions/:id')
  @Allow('clinical.read')
  async getDiscussion(@Context() ctx: Ctx, @Id() id: string): Promise<DiscussionView> {
    return toDiscussion(await this.discussions.get(ctx, id));
  }

  /** Marks one risk as discussed now. The same again changes nothing. */
  @Put('discussions/:id/risks/:code')
  @Allow('discussion.record')
  async discussRisk(@Context() ctx: Ctx, @Id() id: string, @Param('code') code: string, @Body() body?: DiscussRisk): Promise<RiskView> {
    return toRisk(await this.discussions.discuss(ctx, id, code, body ?? {}));
  }
}
