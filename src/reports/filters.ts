import type { DisclosureFilters } from './report.dto.js';

/** The conditions on `s`, a row of app.sessions. The period's bounds are instants; see readPeriod. */
export function where(
  clinicId: string,
  { from, until, practitionerId, patientId, region, disclosureVersion }: DisclosureFilters,
  after?: { startedAt: string; id: string },
): { sql: string; values: unknown[] } {
  const values: unknown[] = [clinicId];
  const conditions = ['s.clinic_id = $1'];
  const add = (condition: (...places: string[]) => string, ...given: unknown[]): void => {
    conditions.push(condition(...given.map((value) => `$${values.push(value)}`)));
  };
  if (from) add((at) => `s.started_at >= ${at}`, from);
  if (until) add((at) => `s.started_at < ${at}`, until);
  if (practitionerId) add((id) => `s.practitioner_id = ${id}`, practitionerId);
  if (patientId) add((id) => `s.patient_id = ${id}`, patientId);
  if (disclosureVersion !== undefined) add((version) => `s.disclosure_version = ${version}`, disclosureVersion);
  // One of a fixed list, and written out, because a partial index serves only a condition that is known when it is planned.
  if (region) conditions.push(`'${region}' = ANY (s.consented_regions)`);
  if (after) add((at, id) => `(s.started_at, s.id) < (${at}::timestamptz, ${id}::uuid)`, after.startedAt, after.id);
  return { sql: conditions.join(' AND '), values };
}
