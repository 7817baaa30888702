import { Body, Controller, Get, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { MODEL_LANGUAGES } from '../clinics/content.js';
import { Allow, Context, type Ctx } from '../common/context.js';
import { Id } from '../common/id.js';
import { InLanguage } from '../screening/questionnaire.dto.js';
import {
  type DisclosureLanguages,
  type DisclosureVersions,
  type DisclosureView,
  type PublicationEffect,
  PublishDisclosure,
  toDisclosure,
  toDisclosureVersion,
} from './disclosure.dto.js';
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

  /** The languages in which a disclosure is published, each with its current version. */
  @Get('languages')
  @Allow('published-text.read')
  async listDisclosureLanguages(@Context() ctx: Ctx): Promise<DisclosureLanguages> {
    return { items: await this.disclosures.languages(ctx) };
  }

  /** Every version in every language, the newest first, without their contents. */
  @Get()
  @Allow('published-text.read')
  async listDisclosureVersions(@Context() ctx: Ctx): Promise<DisclosureVersions> {
    return { items: (await this.disclosures.versions(ctx)).map(toDisclosureVersion), modelLanguages: [...MODEL_LANGUAGES] };
  }

  /** What publishing a version that requires re-consent would do now. */
  @Get('effect')
  @Allow('published-text.write')
  getPublicationEffect(@Context() ctx: Ctx): Promise<PublicationEffect> {
    return this.disclosures.effect(ctx);
  }

  /** One version, as it was published: what a discussion rests on stays readable when a newer one is current. */
  @Get(':id')
  @Allow('published-text.read')
  async getDisclosure(@Context() ctx: Ctx, @Id() id: string): Promise<DisclosureView> {
    return toDisclosure(await this.disclosures.get(ctx, id));
  }

  /** Publishes the next version. It can't be changed afterwards. */
  @Post()
  @Allow('published-text.write')
  async publishDisclosure(@Context() ctx: Ctx, @Body() body: PublishDisclosure): Promise<DisclosureView> {
    return toDisclosure(await this.disclosures.publish(ctx, body));
  }
}
