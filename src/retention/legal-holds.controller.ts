import { Body, Controller, Get, HttpCode, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Allow, Context, type Ctx } from '../common/context.js';
import { Id } from '../common/id.js';
import { type LegalHoldList, type LegalHoldView, LiftLegalHold, PlaceLegalHold, toLegalHold } from './legal-hold.dto.js';
import { LegalHoldsService } from './legal-holds.service.js';

@ApiTags('retention')
@Controller()
export class LegalHoldsController {
  constructor(private readonly holds: LegalHoldsService) {}

  /** Keeps the record from being erased until the hold is lifted. Several may be in force at the same time. */
  @Post('patients/:id/legal-holds')
  @Allow('legal-hold.manage')
  async placeLegalHold(@Context() ctx: Ctx, @Id() id: string, @Body() body: PlaceLegalHold): Promise<LegalHoldView> {
    return toLegalHold(await this.holds.place(ctx, id, body.reason));
  }

  /** The patient's legal holds, lifted ones too, newest first. */
  @Get('patients/:id/legal-holds')
  @Allow('legal-hold.read')
  async listLegalHolds(@Context() ctx: Ctx, @Id() id: string): Promise<LegalHoldList> {
    return { items: (await this.holds.list(ctx, id)).map(toLegalHold) };
  }

  /** Lifts a legal hold. This can't be undone; the hold stays on record. */
  @Post('legal-holds/:id/lift')
  @HttpCode(200)
  @Allow('legal-hold.manage')
  async liftLegalHold(@Context() ctx: Ctx, @Id() id: string, @Body() body: LiftLegalHold): Promise<LegalHoldView> {
    return toLegalHold(await this.holds.lift(ctx, id, body.reason));
  }
}
