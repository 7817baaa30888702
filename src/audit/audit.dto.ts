import { IsIn, IsOptional, IsString, IsUUID, Matches, MaxLength } from 'class-validator';
import { IsDateOrInstant } from '../common/input.js';
import type { AuditEvent } from './event.entity.js';

export class EventQuery {
  /** Only what concerns this patient's record. */
  @IsOptional()
  @IsUUID()
  patientId?: string;

  /** Only what this member of staff or API key did or tried. */
  @IsOptional()
  @IsUUID()
  staffId?: string;

  /**
   * Only events of this kind.
   * @example sign-in
   */
  @IsOptional()
  @Matches(/^[a-z][a-z.-]{1,40}$/, { message: 'must be the name of an action' })
  action?: string;

  /** failure: refused, or denied. */
  @IsOptional()
  @IsIn(['success', 'failure'])
  outcome?: 'success' | 'failure';

  /** A date in the clinic's time zone, or an instant. */
  @IsOptional()
  @IsDateOrInstant()
  from?: string;

  /** The last day, or the instant before which it was. */
  @IsOptional()
  @IsDateOrInstant()
  until?: string;

  /** Words, or their beginnings, that the recorded values hold, in any order. Case doesn't matter; accents do. */
  @IsOptional()
  @IsString()
  @MaxLength(200)
  text?: string;

  /** The `nextCursor` of the page before. */
  @IsOptional()
  @IsUUID()
  cursor?: string;
}

/** Whose record it is, as they are called now. Empty names: the record was erased. */
export class PatientName {
  id: string;
  recordNumber: string;
  givenName: string;
  familyName: string;
}

export class EventView {
  id: string;
  occurredAt: string;
  /** Which entry of the signed log it is, from 0. Null: it waits for the log. */
  logEntry: number | null;
  /** Who, as they were called then. Null: nobody was signed in. */
  staffId: string | null;
  staffName: string | null;
  staffRole: string | null;
  /**
   * insert and update: a row was added or changed. read and search: somebody looked. refusal: the gate refused. denial: it wasn't theirs to
   * do. erasure: a patient's record was erased; search.redaction: the words of the search that it names with it, and whom it had shown.
   * Otherwise an authentication event: sign-in, sign-out, verification, session.end, invitation.accept, password.change, totp.add,
   * passkey.add, key.create, key.use and so on.
   */
  action: string;
  outcome: 'success' | 'failure';
  /** The table that was written, or the operation of this API. */
  subject: string | null;
  subjectId: string | null;
  patientId: string | null;
  patient: PatientName | null;
  address: string | null;
  userAgent: string | null;
  requestId: string | null;
  /** For changes the old and new values of what changed; signatures and long texts as SHA-256. Null too where an erasure took them. */
  details: object | null;
}

export class EventPage {
  items: EventView[];
  nextCursor: string | null;
}

/** What belongs to events and isn't in them: their places in the log, and whose records they concern. */
export interface Surroundings {
  readonly logEntries: ReadonlyMap<string, number>;
  readonly patients: ReadonlyMap<string, PatientName>;
}

export function toEvent(event: AuditEvent, { logEntries, patients }: Surroundings): EventView {
  return {
    id: event.id,
    occurredAt: event.occurredAt.toISOString(),
    logEntry: logEntries.get(event.id) ?? null,
    staffId: event.staffId,
    staffName: event.staffName,
    staffRole: event.staffRole,
    action: event.action,
    outcome: event.outcome,
    subject: event.subject,
    subjectId: event.subjectId,
    patientId: event.patientId,
    patient: patients.get(event.patientId ?? '') ?? null,
    address: event.address,
    userAgent: event.userAgent,
    requestId: event.requestId,
    details: event.details === null ? null : (JSON.parse(event.details) as object),
  };
}
