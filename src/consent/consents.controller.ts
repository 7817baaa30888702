import { Body, Controller, Get, HttpCode, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Allow, Context, type Ctx } from '../common/context.js';
import { Id } from '../common/id.js';
import { type ConsentList, type ConsentView, RecordDecision, toConsent, toConsentSummary, WithdrawConsent } from './consent.dto.js';
import { ConsentsService } from './consents.service.js';

@ApiTags('consent')
@Controller()
export class ConsentsController {
  constructor(private readonly consents: ConsentsService) {}

  /** Records the decision on a discussion: given, in part, or refused. Ends the patient's earlier consent. */
  @Post('discussions/:id/consent')
  @Allow('consent.record')
  async recordDecision(@Context() ctx: Ctx, @Id() id: string, @Body() body: RecordDecision): Promise<ConsentView> {
    return toConsent(await this.consents.record(ctx, id, body));
  }

  /** The patient's decisions, newest first. */
  @Get('patients/:id/consents')
  @Allow('clinical.read')
  async listConsents(@Context() ctx: Ctx, @Id() id: string): Promise<ConsentList> {
    return { items: (await this.consents.list(ctx, id)).map(toConsentSummary) };
  }

  /** One decision, with its signature. */
  @Get('consents/:id')
  @Allow('clinical.read')
  async getConsent(@Context() ctx: Ctx, @Id() id: string): Promise<ConsentView> {
    return toConsent(await this.consents.get(ctx, id));
  }

  /** Withdraws a consent at the server's instant, for good. */
  @Post('consents/:id/withdrawal')
  @HttpCode(200)
  @Allow('consent.withdraw')
  async withdrawConsent(@Context() ctx: Ctx, @Id() id: string, @Body() body: WithdrawConsent): Promise<ConsentView> {
    return toConsent(await this.consents.withdraw(ctx, id, body));
  }
}
