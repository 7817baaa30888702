import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Allow, Context, type Ctx } from '../common/context.js';
import { type EventPage, EventQuery, toEvent } from './audit.dto.js';
import { AuditService } from './audit.service.js';

@ApiTags('audit')
@Controller('audit')
export class AuditController {
  constructor(private readonly audit: AuditService) {}

  /** What happened in the clinic, newest first: changes, looks at records, refusals, and who came in. */
  @Get('events')
  @Allow('audit.read')
  async listEvents(@Context() ctx: Ctx, @Query() query: EventQuery): Promise<EventPage> {
    const { events, nextCursor } = await this.audit.list(ctx, query);
    const surroundings = await this.audit.around(ctx, events);
    return { items: events.map((event) => toEvent(event, surroundings)), nextCursor };
  }
}
