import type { Query } from '../log-table.js';
import type { Report } from './findings.js';

/**
 * Every erasure against the event that it left, which the log holds: who, why, and which events lost their details. Otherwise a row more in
 * the list would explain whatever somebody removed.
 */
export async function verifyErasures(query: Query, report: Report): Promise<void> {
  const differing = await query<{ id: string; clinic_id: string; recorded: boolean; present: boolean }>(
    `WITH recorded AS (
       SELECT e.clinic_id, said ->> 'erasureId' AS id, e.patient_id, e.staff_id, e.staff_name, e.staff_role, said ->> 'reason' AS reason,
              (said ->> 'events')::integer AS events, (said ->> 'searches')::integer AS searches, said ->> 'eventsSha256' AS list
         FROM audit.events e, LATERAL (SELECT e.details::jsonb AS said) AS parsed
        WHERE e.action = 'erasure' AND e.details IS NOT NULL
     ), present AS (
       SELECT r.clinic_id, r.id::text, r.patient_id, r.staff_id, r.staff_name, r.staff_role, r.reason, r.events_blanked, r.searches_blanked,
              (SELECT encode(sha256(convert_to(string_agg(x.event_id::text, ',' ORDER BY x.event_id), 'UTF8')), 'hex')
                 FROM audit.erased_events x WHERE x.clinic_id = r.clinic_id AND x.erasure_id = r.id)
         FROM audit.erasures r
     )
     SELECT id, clinic_id, bool_or(recorded) AS recorded, bool_or(NOT recorded) AS present
       FROM (SELECT *, true AS recorded FROM (TABLE recorded EXCEPT TABLE present) AS a
              UNION ALL
             SELECT *, false FROM (TABLE present EXCEPT TABLE recorded) AS b) AS differing
      GROUP BY id, clinic_id ORDER BY id LIMIT 1000`,
  );
  for (const { id, clinic_id: clinicId, recorded, present } of differing) {
    const problem = !recorded
      ? 'was added without an event'
      : present
        ? 'was changed without an event, or its list of events was'
        : 'was removed';
    await report({ clinicId, subject: `erasure ${id}`, problem });
  }
}
