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

/** In the order in which app.manipulate and the keys of app.manipulations refuse, and by their names. It decides nothing. */
const STANDING = `
  SELECT s.ended_at IS NULL AS open,
         CASE WHEN s.ended_at IS NOT NULL                        THEN 'manipulation_in_open_session'
              WHEN l.revoked_at IS NOT NULL                      THEN 'manipulation_after_revocation'
              WHEN c.ended_because = 'withdrawn'                 THEN 'manipulation_after_withdrawal'
              WHEN c.ended_because = 'replaced'                  THEN 'manipulation_after_newer_decision'
              WHEN c.ended_because = 'outdated'                  THEN 'manipulation_with_outdated_consent'
              WHEN c.ended_because = 'unrepresented'             THEN 'manipulation_after_authority'
              WHEN p.latest_screening_id <> s.screening_id       THEN 'manipulation_after_newer_screening'
              WHEN NOT COALESCE(l.valid    @> now.instant, false) THEN 'manipulation_needs_licence'
              WHEN NOT COALESCE(x.clears   @> now.instant, false) THEN 'manipulation_needs_screening'
              WHEN NOT COALESCE(c.in_force @> now.instant, false) THEN 'manipulation_needs_consent' END AS over,
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
    FROM app.sessions   s
    JOIN app.patients   p ON p.clinic_id = s.clinic_id AND p.id = s.patient_id
    JOIN app.licences   l ON l.clinic_id = s.clinic_id AND l.id = s.licence_id
    JOIN app.screenings x ON x.clinic_id = s.clinic_id AND x.id = s.screening_id
    JOIN app.consents   c ON c.clinic_id = s.clinic_id AND c.id = s.consent_id
    CROSS JOIN (SELECT clock_timestamp() AS instant) AS now
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
