import { ApiProperty } from '@nestjs/swagger';
import { IsOptional, IsUUID } from 'class-validator';
import type { AuditEvent } from '../audit/event.entity.js';
import { period } from '../database/columns.js';

export class HistoryQuery {
  /** The `nextCursor` of the page before. */
  @IsOptional()
  @IsUUID()
  cursor?: string;
}

const STEPS = [
  'screened',
  'screening-changed',
  'approved',
  'discussion-opened',
  'risk-discussed',
  'question-added',
  'decided',
  'withdrawn',
  'ended',
  'session-started',
  'session-ended',
  'looked-at',
  'refused',
  'changed',
] as const;

const ANY_VALUE = {
  nullable: true,
  oneOf: [
    { type: 'string' },
    { type: 'number' },
    { type: 'boolean' },
    { type: 'array', items: {} },
    { type: 'object', additionalProperties: true },
  ],
};

export class HistoryChange {
  /** @example withdrawalReason */
  field: string;
  /** Null: there was none. Signatures and long texts as `{ "sha256": … }`, periods as `{ "from": …, "until": … }`. */
  @ApiProperty(ANY_VALUE)
  old: unknown;
  @ApiProperty(ANY_VALUE)
  new: unknown;
}

export class HistoryItem {
  /** Of the event in the record, and in the log's proofs. */
  eventId: string;
  occurredAt: string;
  /** Which entry of the signed log it is, from 0. Null: it waits for the log. */
  logEntry: number | null;
  /** Who, as they were called then, and in which role. Null: nobody was signed in, such as at a migration. */
  staffId: string | null;
  staffName: string | null;
  staffRole: string | null;
  /**
   * What happened. screening-changed: a newer screening or an approval changed until when or what it clears. ended: a newer decision or
   * disclosure, a corrected birth date, or the end of a representative's authority ended the consent. looked-at: somebody read it, or its discussion. refused: somebody tried what isn't
   * theirs or what a rule forbids, and nothing changed. changed: something else.
   */
  step: (typeof STEPS)[number];
  /** The kind of record that was written, or the operation of this API. */
  subject: string | null;
  subjectId: string | null;
  /** What was written, and what stood there before. Empty for a look; empty too where the event's values were erased. */
  changes: HistoryChange[];
  /** Why it was refused: the problem's code. Null: it wasn't. */
  refusal: string | null;
}

export class ConsentHistory {
  consentId: string;
  patientId: string;
  /** In the order in which it happened, at most 100. */
  items: HistoryItem[];
  nextCursor: string | null;
}

/** Events keep a change as the old and new values of its columns. */
interface Details {
  readonly old?: Readonly<Record<string, unknown>>;
  readonly new?: Readonly<Record<string, unknown>>;
  readonly code?: string;
}

export function toHistoryItem(event: AuditEvent, logEntries: ReadonlyMap<string, number>): HistoryItem {
  const details = JSON.parse(event.details ?? '{}') as Details;
  return {
    eventId: event.id,
    occurredAt: event.occurredAt.toISOString(),
    logEntry: logEntries.get(event.id) ?? null,
    staffId: event.staffId,
    staffName: event.staffName,
    staffRole: event.staffRole,
    step: stepOf(event, details),
    subject: event.subject,
    subjectId: event.subjectId,
    changes: changesOf(details),
    refusal: event.outcome === 'failure' ? (details.code ?? null) : null,
  };
}

const WRITTEN: Readonly<Record<string, HistoryItem['step']>> = {
  'insert screenings': 'screened',
  'update screenings': 'screening-changed',
  'insert screening_approvals': 'approved',
  'insert discussions': 'discussion-opened',
  'insert discussed_risks': 'risk-discussed',
  'update discussed_risks': 'question-added',
  'insert consents': 'decided',
  'update consents': 'ended',
  'insert sessions': 'session-started',
  'update sessions': 'session-ended',
};

function stepOf({ action, subject, outcome }: AuditEvent, details: Details): HistoryItem['step'] {
  if (outcome === 'failure') return 'refused';
  if (details.new?.['withdrawn_at'] && action === 'update') return 'withdrawn';
  return action === 'read' ? 'looked-at' : (WRITTEN[`${action} ${subject}`] ?? 'changed');
}

/** What says nothing about the change: whose row it is, and what the database computes from another column. */
const LEFT_OUT = new Set(['clinic_id', 'decided', 'withdrawn', 'started']);
const PERIODS = new Set(['in_force', 'clears']);

function changesOf(details: Details): HistoryChange[] {
  return Object.keys(details.new ?? {})
    .filter((column) => !LEFT_OUT.has(column))
    .map((column) => ({
      field: column.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
      old: plain(column, details.old?.[column]),
      new: plain(column, details.new?.[column]),
    }));
}

/** A period as two instants and a digest in hexadecimal, not as PostgreSQL writes them. */
function plain(column: string, value: unknown): unknown {
  if (column.endsWith('_sha256') && typeof value === 'string') return value.replace(/^\\x/, '');
  if (PERIODS.has(column) && typeof value === 'string') return period.from(value) as unknown;
  return value ?? null;
}
