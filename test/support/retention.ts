import type { Answer } from './api.js';
import { withClient } from './database.js';
import { makeClearedPatient, makePatient, makeSession, type TestClinic } from './make.js';
import type { TestServer } from './server.js';
import { asSuperuser } from './sql.js';

/** Every instant and period of a patient's record. */
const INSTANTS: Record<string, { of: string; set: string }> = {
  patients: { of: 'id = $1', set: 'registered_at = registered_at - $2::interval' },
  representatives: {
    of: 'patient_id = $1',
    set: `recorded_at = recorded_at - $2::interval, ended_at = ended_at - $2::interval,
          valid = tstzrange(lower(valid) - $2::interval, upper(valid) - $2::interval)`,
  },
  screenings: {
    of: 'patient_id = $1',
    set: 'performed_at = performed_at - $2::interval, clears = tstzrange(lower(clears) - $2::interval, upper(clears) - $2::interval)',
  },
  screening_approvals: {
    of: 'screening_id IN (SELECT id FROM app.screenings WHERE patient_id = $1)',
    set: 'approved_at = approved_at - $2::interval',
  },
  discussions: { of: 'patient_id = $1', set: 'opened_at = opened_at - $2::interval' },
  discussed_risks: {
    of: 'discussion_id IN (SELECT id FROM app.discussions WHERE patient_id = $1)',
    set: 'discussed_at = discussed_at - $2::interval',
  },
  consents: {
    of: 'patient_id = $1',
    set: `decided_at = decided_at - $2::interval, withdrawn_at = withdrawn_at - $2::interval,
          in_force = tstzrange(lower(in_force) - $2::interval, upper(in_force) - $2::interval)`,
  },
  sessions: { of: 'patient_id = $1', set: 'started_at = started_at - $2::interval, ended_at = ended_at - $2::interval' },
  patient_reports: {
    of: 'patient_id = $1',
    set: 'reported_at = reported_at - $2::interval, retracted_at = retracted_at - $2::interval, until = until - $2::interval',
  },
  manipulations: { of: 'patient_id = $1', set: 'performed_at = performed_at - $2::interval' },
  licences: {
    of: 'valid IS NOT NULL AND clinic_id = (SELECT clinic_id FROM app.patients WHERE id = $1)',
    set: "valid = tstzrange(LEAST(lower(valid), clock_timestamp() - $2::interval - interval '1 year'), upper(valid))",
  },
};

/** As if all that is in a patient's record had happened so much earlier, which a test doesn't wait for. */
export async function age(server: TestServer, patientId: string, by = '11 years', tables = Object.keys(INSTANTS)): Promise<void> {
  await withClient(server.database.superuser, async (client) => {
    await client.query('SET session_replication_role = replica');
    for (const table of tables) {
      await client.query(`UPDATE app.${table} SET ${INSTANTS[table]?.set} WHERE ${INSTANTS[table]?.of}`, [patientId, by]);
    }
  });
}

export const archive = ({ receptionist }: TestClinic, patientId: string, reason = 'left'): Promise<Answer> =>
  receptionist.api.post(`/api/patients/${patientId}/archive`, { reason });

export const erase = ({ administrator }: TestClinic, patientId: string, reason = 'The retention period is over.'): Promise<Answer> =>
  administrator.api.post(`/api/patients/${patientId}/erasure`, { reason });

export const hold = ({ administrator }: TestClinic, patientId: string, reason = 'Claim 2026-117 is pending.'): Promise<Answer> =>
  administrator.api.post(`/api/patients/${patientId}/legal-holds`, { reason });

/** Somebody registered eleven years ago, archived since. */
export async function makeErasable(server: TestServer, clinic: TestClinic, values: Record<string, unknown> = {}): Promise<string> {
  const patientId = await makePatient(clinic.practitioner, values);
  await age(server, patientId);
  await archive(clinic, patientId);
  return patientId;
}

/** Somebody treated eleven years ago, archived since. */
export async function makeTreatedLongAgo(server: TestServer, clinic: TestClinic): Promise<{ patientId: string; sessionId: string }> {
  const { patientId } = await makeClearedPatient(clinic.practitioner);
  const sessionId = await makeSession(clinic.practitioner, patientId);
  await clinic.practitioner.api.post(`/api/sessions/${sessionId}/end`);
  await age(server, patientId);
  await archive(clinic, patientId);
  return { patientId, sessionId };
}

export interface StoredEvent {
  readonly id: string;
  readonly action: string;
  readonly subject: string;
  readonly subject_id: string;
  readonly patient_id: string | null;
  readonly details: Record<string, unknown> | null;
}

/** A clinic's events, the oldest first, with every column. */
export async function storedEvents(server: TestServer, clinic: TestClinic): Promise<StoredEvent[]> {
  const rows = await asSuperuser(
    server,
    `SELECT to_jsonb(e) || jsonb_build_object('details', e.details::jsonb) AS event FROM audit.events e WHERE clinic_id = $1 ORDER BY id`,
    [clinic.id],
  );
  return rows.map(({ event }) => event as unknown as StoredEvent);
}
