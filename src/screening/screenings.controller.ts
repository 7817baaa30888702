import { Body, Controller, Get, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Allow, Context, type Ctx } from '../common/context.js';
import { Id } from '../common/id.js';
import { ApproveScreening, RecordScreening, type ScreeningList, type ScreeningView, toScreening } from './screening.dto.js';
import { ScreeningsService } from './screenings.service.js';

@ApiTags('screening')
@Controller()
export class ScreeningsController {
  constructor(private readonly screenings: ScreeningsService) {}

  /** Records the answers to the current questionnaire, and tells what they clear. Ends the earlier screening. */
  @Post('patients/:id/screenings')
  @Allow('screening.record')
  async recordScreening(@Context() ctx: Ctx, @Id() id: string, @Body() body: RecordScreening): Promise<ScreeningView> {
    return toScreening(await this.screenings.record(ctx, id, body));
  }

  /** The patient's screenings, newest first. */
  @Get('patients/:id/screenings')
  @Allow('clinical.read')
  async listScreenings(@Context() ctx: Ctx, @Id() id: string): Promise<ScreeningList> {
    return { items: (await this.screenings.list(ctx, id)).map(toScreening) };
  }

  /** A second practitioner clears the relative findings. Absolute ones can't be approved. */
  @Post('screenings/:id/approval')
  @Allow('screening.approve')
  async approveScreening(@Context() ctx: Ctx, @Id() id: string, @Body() body: ApproveScreening): Promise<ScreeningView> {
    return toScreening(await this.screenings.approve(ctx, id, body.reason));
  }
}
