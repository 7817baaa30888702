import { Body, Controller, Get, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Allow, Context, type Ctx } from '../common/context.js';
import { InLanguage } from '../screening/questionnaire.dto.js';
import { type DisclosureView, PublishDisclosure, toDisclosure } from './disclosure.dto.js';
import { DisclosuresService } from './disclosures.service.js';

@ApiTags('published texts')
@Controller('disclosures')
export class DisclosuresController {
  constructor(private readonly disclosures: DisclosuresService) {}

  /** The version that discussions use now. */
  @Get('current')
  @Allow('published-text.read')
  async getCurrentDisclosure(@Context() ctx: Ctx, @Query() { language }: InLanguage): Promise<DisclosureView> {
    return toDisclosure(await this.disclosures.current(ctx, language ?? 'en'));
  }

  /** The built-in text, to begin with: a clinician must review it before it is published. */
  @Get('model')
  @Allow('published-text.read')
  getModelDisclosure(@Query() { language }: InLanguage): Promise<PublishDisclosure> {
    return this.disclosures.model(language ?? 'en');
  }

  /** Publishes the next version. It can't be changed afterwards. */
  @Post()
  @Allow('published-text.write')
  async publishDisclosure(@Context() ctx: Ctx, @Body() body: PublishDisclosure): Promise<DisclosureView> {
    return toDisclosure(await this.disclosures.publish(ctx, body));
  }
}
