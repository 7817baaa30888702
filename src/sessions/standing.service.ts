import { Injectable } from '@nestjs/common';
import type { Ctx } from '../common/context.js';
import { notFound } from '../common/errors.js';
import type { Region, Technique } from '../screening/anatomy.js';

export interface Standing {
  open: boolean;
  /** The rule that would refuse the next manipulation wherever it is; null: none. */
  over: string | null;
  manipulations: number;
  regions: {
    region: Region;
    techniques: Technique[];
    /** The rule that would refuse it there; null: none. */
    barred: string | null;
  }[];
}

/** It decides nothing: app.manipulate and the keys of app.manipulations do. */
const STANDING = `
  SELECT s.ended_at IS NULL AS open,
         app.session_over(s) AS over,
         (SELECT count(*)::int FROM app.manipulations m WHERE m.clinic_id = s.clinic_id AND m.session_id = s.id) AS manipulations,
         (SELECT json_agg(json_build_object(
                   'region',     region.name,
                   'techniques', consented.techniques,
                   'barred',     CASE WHEN cleared.region IS NULL                  THEN 'manipulation_within_screening'
                                      WHEN cardinality(consented.techniques) = 0   THEN 'manipulation_within_consent' END)
                 ORDER BY region.position)
            FROM unnest(app.regions()) WITH ORDINALITY AS region (name, position)
            LEFT JOIN app.screening_regions cleared
                   ON cleared.clinic_id = s.clinic_id AND cleared.screening_id = s.screening_id AND cleared.region = region.name
            CROSS JOIN LATERAL (SELECT ARRAY(SELECT scope.technique FROM app.consent_scope scope
                                              WHERE scope.clinic_id = s.clinic_id AND scope.consent_id = s.consent_id AND scope.region = region.name
                                              ORDER BY array_position(app.techniques(), scope.technique)) AS techniques) AS consented
         ) AS regions
    FROM app.sessions s
   WHERE s.clinic_id = $1 AND s.id = $2`;

@Injectable()
export class StandingService {
  /** What the session permits at this moment. */
  async get(ctx: Ctx, sessionId: string): Promise<Standing> {
    const [standing] = await ctx.tx.query<Standing[]>(STANDING, [ctx.actor.clinicId, sessionId]);
    if (!standing) throw notFound('session');
    return standing;
  }
}
