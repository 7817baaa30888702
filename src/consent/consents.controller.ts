import { Body, Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ACT } from '../audit/actions.js';
import { Allow, Context, type Ctx, Gated } from '../common/context.js';
import { Id } from '../common/id.js';
import { type ConsentHistory, HistoryQuery, toHistoryItem } from './consent-history.dto.js';
import { ConsentHistoryService } from './consent-history.service.js';
import { type ConsentList, type ConsentView, RecordDecision, toConsent, toConsentSummary, WithdrawConsent } from './consent.dto.js';
import { ConsentsService } from './consents.service.js';

@ApiTags('consent')
@Controller()
export class ConsentsController {
  constructor(
    private readonly consents: ConsentsService,
    private readonly history: ConsentHistoryService,
  ) {}

  /** Records the decision on a discussion: given, in part, or refused. Ends the patient's earlier consent. */
  @Post('discussions/:id/consent')
  @Allow('consent.record')
  @Gated(ACT.recordDecision)
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

  /**
   * The whole story of a consent as the record of what happened tells it: the screening, the discussion and each of its risks, the decision, the
   * sessions that cited it, how it ended, who tried what was refused, and who looked at it. What happened to the patient's other records isn't in it.
   */
  @Get('consents/:id/history')
  @Allow('audit.read')
  async getConsentHistory(@Context() ctx: Ctx, @Id() id: string, @Query() { cursor }: HistoryQuery): Promise<ConsentHistory> {
    const { consent, events, logEntries, nextCursor } = await this.history.timeline(ctx, id, cursor);
    const items = events.map((event) => toHistoryItem(event, logEntries));
    return { consentId: consent.id, patientId: consent.patientId, items, nextCursor };
  }

  /** Withdraws a consent at the server's instant, permanently. It needs no fresh authentication. */
  @Post('consents/:id/withdrawal')
  @HttpCode(200)
  @Allow('consent.withdraw')
  async withdrawConsent(@Context() ctx: Ctx, @Id() id: string, @Body() body: WithdrawConsent): Promise<ConsentView> {
    return toConsent(await this.consents.withdraw(ctx, id, body));
  }
}
