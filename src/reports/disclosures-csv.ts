import { Readable } from 'node:stream';
import { stringify } from 'csv-stringify/sync';
import type { ReportRow } from './disclosures.service.js';
import { secondsBetween } from './report.dto.js';

/** A column of the file: its name, and what stands in it. */
const COLUMNS: readonly (readonly [string, (row: ReportRow) => string | number | null | undefined])[] = [
  ['session_id', ({ session }) => session.id],
  ['started_at', ({ session }) => session.started_at.toISOString()],
  ['practitioner_id', ({ session }) => session.practitioner_id],
  ['practitioner', ({ session }) => session.practitioner_name],
  ['patient_id', ({ session }) => session.patient_id],
  ['record_number', ({ session }) => session.record_number],
  ['given_name', ({ session }) => session.given_name],
  ['family_name', ({ session }) => session.family_name],
  ['consent_id', ({ session }) => session.consent_id],
  ['decided_at', ({ session }) => session.consent_id && session.decided_at.toISOString()],
  ['decided_by', ({ session }) => session.decided_by],
  ['representative', ({ session }) => session.representative_name],
  ['relationship', ({ session }) => session.relationship],
  ['mode', ({ session }) => session.mode],
  ['language', ({ session }) => session.language],
  ['interpreter', ({ session }) => session.interpreter],
  ['regions', ({ session }) => session.regions?.join(' ')],
  ['discussion_id', ({ session }) => session.discussion_id],
  ['disclosure_id', ({ session }) => session.disclosure_id],
  ['disclosure_version', ({ session }) => session.version],
  ['risks_discussed', ({ risks }) => risks.length],
  ['risks', ({ risks }) => risks.map((risk) => `${risk.code} ${risk.discussed_at.toISOString()}`).join(' | ')],
  ['discussed_by', ({ risks }) => [...new Set(risks.map((risk) => risk.discussed_by_name))].join(' | ')],
  [
    'reported_before',
    ({ reports }) =>
      reports
        .map(
          ({ kind, reported_at, retracted_at, words }) =>
            `${kind} ${reported_at.toISOString()}${retracted_at ? ' (retracted)' : ''}: ${words}`,
        )
        .join(' | '),
  ],
  ['seconds_from_last_risk_to_start', ({ session, risks }) => secondsToStart(risks.at(-1)?.discussed_at, session.started_at)],
];

/**
 * RFC 4180 with a header, in UTF-8 with the mark by which a spreadsheet knows it. One text a page, made when the one before has left, so that
 * neither the file nor a page too many is ever in memory.
 */
export function toCsv(pages: AsyncIterable<ReportRow[]>): Readable {
  return Readable.from(lines(pages));
}

async function* lines(pages: AsyncIterable<ReportRow[]>): AsyncGenerator<string> {
  let isFirst = true;
  for await (const rows of pages) {
    const cells = rows.map((row) => COLUMNS.map(([, cell]) => cell(row)));
    const text = stringify(cells, {
      columns: COLUMNS.map(([name]) => name),
      header: isFirst,
      bom: isFirst,
      record_delimiter: 'windows',
      // Of itself it quotes only the line's end that it writes.
      quoted_match: /[\r\n]/,
      escape_formulas: true,
      cast: { string: harmless },
    });
    isFirst = false;
    if (text !== '') yield text;
  }
}

/**
 * A spreadsheet runs what begins with = + - @ in a cell. escape_formulas defuses the beginning; this one also what follows a semicolon, a tab
 * or a line's end, at which a spreadsheet of another country may begin a cell (OWASP, CSV injection).
 */
function harmless(value: string): string {
  return value.replaceAll(/([;\t\r\n]\s*)(?=[=+\-@])/g, "$1'");
}

function secondsToStart(discussedAt: Date | undefined, startedAt: Date): number | null {
  return discussedAt ? secondsBetween(discussedAt, startedAt) : null;
}
