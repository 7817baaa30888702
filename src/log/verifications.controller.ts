import { Controller, Get, HttpCode, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Allow, Context, type Ctx } from '../common/context.js';
import { Id } from '../common/id.js';
import type { VerificationList, VerificationView } from './log.dto.js';
import { Verifications } from './verifications.service.js';

@ApiTags('audit')
@Controller('audit/verifications')
@Allow('audit.read')
export class VerificationsController {
  constructor(private readonly verifications: Verifications) {}

  /**
   * Verifies the whole record in the background: every entry of the log, every signed root, what is known outside, and every row against its
   * events. Answers with the one under way, if there is one. Ask for it again to see how far it is.
   */
  @Post()
  @HttpCode(202)
  requestVerification(@Context() ctx: Ctx): Promise<VerificationView> {
    return this.verifications.request(ctx);
  }

  /** The newest 20, without their findings. */
  @Get()
  async listVerifications(@Context() ctx: Ctx): Promise<VerificationList> {
    return { items: await this.verifications.list(ctx) };
  }

  /** One verification, with its findings. */
  @Get(':id')
  getVerification(@Context() ctx: Ctx, @Id() id: string): Promise<VerificationView> {
    return this.verifications.find(ctx, id);
  }
}
