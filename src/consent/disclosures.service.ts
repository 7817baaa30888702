import { Injectable } from '@nestjs/common';
import { MODEL_LANGUAGES, modelDisclosure } from '../clinics/content.js';
import type { Ctx } from '../common/context.js';
import { notFound } from '../common/errors.js';
import { insert } from '../database/insert.js';
import type { DisclosureLanguage, DisclosureVersionRow, PublicationEffect, PublishDisclosure } from './disclosure.dto.js';
import { Disclosure } from './disclosure.entity.js';

const LANGUAGES = `
  WITH newest AS (
    SELECT DISTINCT ON (language) * FROM app.disclosures WHERE clinic_id = $1 ORDER BY language, version DESC)
  SELECT d.language, d.version, d.content ->> 'title' AS title,
         d.version < clinic.reconsent_version OR app.undisclosed_risks(whole) IS NOT NULL AS outdated
    FROM newest d
    JOIN app.disclosures whole ON whole.clinic_id = d.clinic_id AND whole.id = d.id
    JOIN app.clinics clinic    ON clinic.id = d.clinic_id
   ORDER BY d.language`;

const VERSIONS = `
  SELECT d.id, d.version, d.language, d.content ->> 'title' AS title, d.requires_reconsent, d.published_at, publisher.name AS published_by
    FROM app.disclosures d
    LEFT JOIN app.staff publisher ON publisher.clinic_id = d.clinic_id AND publisher.id = d.published_by
   WHERE d.clinic_id = $1
   ORDER BY d.version DESC`;

// The same consents that app.expand_disclosure ends.
const EFFECT = `
  SELECT count(*)::int AS "consentsInForce"
    FROM app.consents c
   WHERE c.clinic_id = $1
     AND upper(c.in_force) > now()`;

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

  async get(ctx: Ctx, id: string): Promise<Disclosure> {
    const disclosure = await ctx.tx.findOne(Disclosure, { where: { clinicId: ctx.actor.clinicId, id } });
    if (!disclosure) throw notFound('disclosure');
    return disclosure;
  }

  languages(ctx: Ctx): Promise<DisclosureLanguage[]> {
    return ctx.tx.query<DisclosureLanguage[]>(LANGUAGES, [ctx.actor.clinicId]);
  }

  versions(ctx: Ctx): Promise<DisclosureVersionRow[]> {
    return ctx.tx.query<DisclosureVersionRow[]>(VERSIONS, [ctx.actor.clinicId]);
  }

  async effect(ctx: Ctx): Promise<PublicationEffect> {
    const [row] = await ctx.tx.query<PublicationEffect[]>(EFFECT, [ctx.actor.clinicId]);
    return row ?? { consentsInForce: 0 };
  }

  /** Publishes the next version. Where it requires re-consent, the database ends the consents that rest on earlier ones. */
  async publish(ctx: Ctx, { language, requiresReconsent = false, ...content }: PublishDisclosure): Promise<Disclosure> {
    return insert(ctx.tx, Disclosure, { language, requiresReconsent, content });
  }
}
