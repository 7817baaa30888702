import { Body, Controller, Get, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ACT } from '../audit/actions.js';
import { Allow, Context, type Ctx, Gated } from '../common/context.js';
import { Id } from '../common/id.js';
import { ErasePatient, type ErasurePage, ErasureQuery, type ErasureView, toErasure } from './erasure.dto.js';
import { ErasuresService } from './erasures.service.js';

@ApiTags('retention')
@Controller()
export class ErasuresController {
  constructor(private readonly erasures: ErasuresService) {}

  /**
   * Erases who the patient was and what was said, in the record and in the audit trail. It can't be undone. Only when archived, after the
   * retention period, and under no legal hold. That each session was covered by a consent can still be shown.
   */
  @Post('patients/:id/erasure')
  @Allow('patient.erase')
  @Gated(ACT.erasePatient)
  async erasePatient(@Context() ctx: Ctx, @Id() id: string, @Body() body: ErasePatient): Promise<ErasureView> {
    return toErasure(await this.erasures.erase(ctx, id, body.reason));
  }

  /** What was erased in the clinic, newest first: when, by whom, why, and how much. */
  @Get('erasures')
  @Allow('audit.read')
  async listErasures(@Context() ctx: Ctx, @Query() query: ErasureQuery): Promise<ErasurePage> {
    const { erasures, nextCursor } = await this.erasures.list(ctx, query.cursor);
    return { items: erasures.map(toErasure), nextCursor };
  }
}
