import { Injectable } from '@nestjs/common';
import { MODEL_LANGUAGES, modelDisclosure } from '../clinics/content.js';
import type { Ctx } from '../common/context.js';
import { notFound } from '../common/errors.js';
import { insert } from '../database/insert.js';
import type { PublishDisclosure } from './disclosure.dto.js';
import { Disclosure } from './disclosure.entity.js';

@Injectable()
export class DisclosuresService {
  async current(ctx: Ctx, language: string): Promise<Disclosure> {
    const disclosure = await ctx.tx.findOne(Disclosure, { where: { clinicId: ctx.actor.clinicId, language }, order: { version: 'DESC' } });
    if (!disclosure) throw notFound('disclosure in this language');
    return disclosure;
  }

  async model(language: string): Promise<PublishDisclosure> {
    if (!MODEL_LANGUAGES.includes(language)) throw notFound('built-in disclosure in this language');
    const { content } = await modelDisclosure(language);
    return { language, ...(content as Disclosure['content']) };
  }

  /** Publishes the next version. Where it requires re-consent, the database ends the consents that rest on earlier ones. */
  async publish(ctx: Ctx, { language, requiresReconsent = false, ...content }: PublishDisclosure): Promise<Disclosure> {
    return insert(ctx.tx, Disclosure, { language, requiresReconsent, content });
  }
}
