import { readCheckpoint } from '../format/checkpoint.js';
import { parseNote } from '../format/note.js';
import { coverRoots } from '../format/tiles.js';
import { type Query, readTilesWith } from '../log-table.js';
import { ENTRY } from '../verify/events.js';
import { type EventLine, FORMAT, type Header, writeLine } from './format.js';

/** Which events; without anything all of them. */
export type Scope = Pick<Header, 'clinic' | 'patientId' | 'period'>;

interface Row {
  readonly leaf_index: string;
  /** Null: the event is gone. */
  readonly entry: string | null;
  readonly digested: boolean;
  readonly details: string | null;
  readonly salt: string | null;
  /** When, by whom and why its details were erased. */
  readonly erased: object | null;
}

const PAGE = 2_000;
/** What the database knows of the erasure of an event's details. */
const ERASED = `(SELECT json_build_object('at', x.erased_at, 'by', x.staff_name, 'why', x.reason)
                   FROM audit.erased_events ee JOIN audit.erasures x ON (x.clinic_id, x.id) = (ee.clinic_id, ee.erasure_id)
                  WHERE ee.clinic_id = e.clinic_id AND ee.event_id = e.id)`;

/** Writes an export, a page after another. Whatever the log gets meanwhile isn't in it: it ends with its checkpoint. */
export class LogExport {
  private readonly origin: string;
  private readonly size: number;
  /** The next leaf. */
  private at = 0;
  events = 0;

  constructor(
    private readonly checkpoint: string,
    private readonly scope: Scope,
  ) {
    ({ origin: this.origin, size: this.size } = readCheckpoint(parseNote(checkpoint).text));
  }

  header(): string {
    const { clinic, patientId, period } = this.scope;
    const exportedAt = new Date().toISOString();
    return writeLine({ format: FORMAT, origin: this.origin, checkpoint: this.checkpoint, exportedAt, clinic, patientId, period });
  }

  /** The next lines. */
  async page(query: Query): Promise<{ lines: string; isLast: boolean }> {
    const rows = await this.rows(query);
    const isLast = rows.length < PAGE;
    const ranges: [number, number][] = [];
    for (const row of rows) {
      const index = Number(row.leaf_index);
      ranges.push([this.at, index], [index, index + 1]);
      this.at = index + 1;
    }
    if (isLast) ranges.push([this.at, this.size]);
    const roots = (await coverRoots(this.size, ranges, readTilesWith(query))).map((some) => some.map((hash) => hash.toString('base64')));
    const lines = ranges.map(([from, to], i) => {
      const hashes = roots[i] ?? [];
      const row = i % 2 === 1 ? rows[(i - 1) / 2] : undefined;
      if (row) return writeLine(lineOf(row, from, hashes[0] ?? ''));
      return from < to ? writeLine({ from, to, hashes }) : '';
    });
    this.events += rows.length;
    if (isLast) lines.push(writeLine({ end: true, events: this.events }));
    return { lines: lines.join(''), isLast };
  }

  private rows(query: Query): Promise<Row[]> {
    const { clinic, patientId, period } = this.scope;
    const values: unknown[] = [this.at, this.size];
    const conditions = ['l.leaf_index >= $1', 'l.leaf_index < $2'];
    const add = (condition: string, value: string | null | undefined): void => {
      if (value != null) conditions.push(`${condition} $${values.push(value)}`);
    };
    add('l.clinic_id =', clinic?.id);
    add('l.occurred_at >=', period.from);
    add('l.occurred_at <', period.until);
    add('e.patient_id =', patientId);
    // Without its event, a leaf's patient is unknown: such a leaf is shown in every export that isn't limited to a patient.
    return query<Row>(
      `SELECT l.leaf_index, ${ENTRY} AS entry, e.details_sha256 IS NOT NULL AS digested, e.details, encode(e.salt, 'hex') AS salt,
              ${ERASED} AS erased
         FROM audit.leaves l LEFT JOIN audit.events e ON e.id = l.event_id AND e.occurred_at = l.occurred_at
        WHERE ${conditions.join(' AND ')}
        ORDER BY l.leaf_index LIMIT ${PAGE}`,
      values,
    );
  }
}

function lineOf({ entry, digested, details, salt, erased }: Row, index: number, leaf: string): EventLine {
  if (entry === null) return { index, leaf };
  if (details !== null) return { index, leaf, entry, details, salt: salt ?? '' };
  return { index, leaf, entry, ...(digested && { erased: erased ?? true }) };
}
