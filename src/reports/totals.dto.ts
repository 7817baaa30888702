import type { PatientName } from '../audit/audit.dto.js';
import type { PersonView } from './report.dto.js';
import type { Totals } from './totals.service.js';

/** What a session lacked at the instant it started. */
export const CONDITIONS = ['licence', 'screening', 'consent', 'risks', 'unlicensed', 'region', 'authority', 'check', 'record'] as const;

export class ExceptionView {
  sessionId: string;
  patientId: string;
  /** Null: there is no such patient. */
  patient: PatientName | null;
  practitioner: PersonView;
  startedAt: string;
  /**
   * What failed. licence: the practitioner's wasn't valid. screening: it didn't clear the patient, or a newer one came before the start.
   * consent: it wasn't given, had ended, or a newer decision came before the start. risks: not every one was discussed before the decision.
   * region: none was both cleared and consented to. authority: the representative had none when deciding, or it was ended before the start.
   * check: the questions at the start weren't answered as they must be. record: the session's copy of regions and version differs from its consent.
   */
  conditions: (typeof CONDITIONS)[number][];
}

export class ExceptionsView {
  count: number;
  /** The newest, at most 100. */
  items: ExceptionView[];
}

export class BlockerCount {
  /** @example consent.withdrawn */
  blocker: string;
  count: number;
}

export class RefusalsView {
  /** Refused starts. One may have several blockers, so that the counts add up to more. */
  count: number;
  /** The most frequent first. */
  byBlocker: BlockerCount[];
}

export class WeekCount {
  /** Its Monday, in the clinic's time zone. */
  week: string;
  sessions: number;
  /** Of them. */
  covered: number;
}

export class DisclosureTotals {
  sessions: number;
  /** Sessions for which every condition held, each checked again from the records, not taken from what let the session start. */
  covered: number;
  /** The rest. */
  exceptions: ExceptionsView;
  /** Weeks in which there were sessions, the oldest first; at most the newest 53. */
  weeks: WeekCount[];
  /** Risks discussed before the consents of these sessions, each once, however many sessions followed. */
  risksDiscussed: number;
  /** Null where the filters name a region or a version, which a refused start has none of. */
  refusals: RefusalsView | null;
}

export function toTotals({ sessions, covered, risks, exceptions, weeks, refusals }: Totals): DisclosureTotals {
  return {
    sessions,
    covered,
    exceptions: {
      count: sessions - covered,
      items: exceptions.map((exception) => ({
        sessionId: exception.id,
        patientId: exception.patient_id,
        patient: exception.patient,
        practitioner: exception.practitioner,
        startedAt: new Date(exception.started_at).toISOString(),
        conditions: exception.failing,
      })),
    },
    weeks: weeks.map(({ week, sessions: all, covered: ofThem }) => ({ week, sessions: all, covered: ofThem })),
    risksDiscussed: risks,
    refusals: refusals && {
      count: refusals.count,
      byBlocker: refusals.blockers.map(({ blocker, count }) => ({ blocker, count })),
    },
  };
}
