import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Allow, Context, type Ctx } from '../common/context.js';
import { type TodayView, toToday } from './today.dto.js';
import { TodayService } from './today.service.js';

@ApiTags('today')
@Controller('today')
export class TodayController {
  constructor(private readonly today: TodayService) {}

  /**
   * What you have to do: open sessions, your discussions without a decision, what patients reported before a session, what lapses within two
   * weeks with patients whom you treated in the last 90 days, whom you treated and who was registered lately, and licences that end within 60
   * days. What your role may not see stays empty.
   */
  @Get()
  @Allow('patient.read')
  async getToday(@Context() ctx: Ctx): Promise<TodayView> {
    return toToday(await this.today.get(ctx));
  }
}
