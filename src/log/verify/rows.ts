import { DatabaseError } from 'pg';
import type { Query } from '../log-table.js';
import type { Report } from './findings.js';

/** A table whose rows are recorded one by one: the columns that name a row in its events. */
const TABLES: Readonly<Record<string, readonly string[]>> = {
  clinics: ['id'],
  staff: ['id'],
  permissions: ['role', 'permission'],
  licences: ['id'],
  patients: ['id'],
  representatives: ['id'],
  questionnaires: ['id'],
  screenings: ['id'],
  screening_approvals: ['screening_id'],
  disclosures: ['id'],
  discussions: ['id'],
  discussed_risks: ['discussion_id', 'code'],
  consents: ['id'],
  sessions: ['id'],
  manipulations: ['id'],
  patient_reports: ['id'],
  legal_holds: ['id'],
};

/** Rows that PostgreSQL derived from others, and nobody writes: what they must be. */
const DERIVED: Readonly<Record<string, { columns: string; from: string }>> = {
  questionnaire_items: {
    columns: 'clinic_id, questionnaire_id, code, position, effect, regions, named_regions, adds_risks',
    from: `SELECT q.clinic_id, q.id, item ->> 'code', position::smallint, item ->> 'effect', ARRAY(SELECT jsonb_array_elements_text(item -> 'regions')),
                  item ->> 'namedRegions', ARRAY(SELECT jsonb_array_elements_text(COALESCE(item -> 'addsRisks', '[]')))
             FROM app.questionnaires q, jsonb_array_elements(q.content -> 'items') WITH ORDINALITY AS items (item, position)`,
  },
  disclosure_risks: {
    columns: 'clinic_id, disclosure_id, code, position, title, wording, always',
    from: `SELECT d.clinic_id, d.id, risk ->> 'code', position::smallint, risk ->> 'title', risk ->> 'wording', (risk ->> 'always')::boolean
             FROM app.disclosures d, jsonb_array_elements(d.content -> 'risks') WITH ORDINALITY AS risks (risk, position)`,
  },
  screening_regions: {
    columns: 'clinic_id, screening_id, region',
    from: 'SELECT clinic_id, id, unnest(cleared_regions) FROM app.screenings',
  },
  consent_scope: {
    columns: 'clinic_id, consent_id, region, technique',
    from: `SELECT c.clinic_id, c.id, region, technique FROM app.consents c JOIN app.discussions d ON (d.clinic_id, d.id) = (c.clinic_id, c.discussion_id),
                  unnest(c.regions) AS region, unnest(d.techniques) AS technique`,
  },
};

/** Whatever the schema app keeps for a clinic is one of these. */
export const COMPARED = [...Object.keys(TABLES), ...Object.keys(DERIVED)];

const MOST = 1_000;

/** What isn't what was recorded was named already, and must not end the verification. */
const READABLE = `e.details_sha256 = sha256(e.salt || convert_to(e.details, 'UTF8')) AND pg_input_is_valid(e.details, 'jsonb')
                  AND jsonb_typeof(e.details::jsonb -> 'new') = 'object'`;

/** Every row against the values that its events say it has. Returns how many rows were compared. */
export async function verifyRows(
  query: Query,
  report: Report,
  progress: (done: number, total: number) => Promise<void> | void,
): Promise<number> {
  const total = Object.keys(TABLES).length + Object.keys(DERIVED).length;
  let done = 0;
  let rows = 0;
  for (const [table, key] of Object.entries(TABLES)) {
    rows += (await attempt(query, report, table, () => verifyTable(query, report, table, key))) ?? 0;
    await progress((done += 1), total);
  }
  await attempt(query, report, 'patients', () => verifySearch(query, report));
  for (const [table, { columns, from }] of Object.entries(DERIVED)) {
    await attempt(query, report, table, () => verifyDerived(query, report, { table, columns, from }));
    await progress((done += 1), total);
  }
  return rows;
}

/** A table that is gone, or holds what none of ours can hold, is a finding; a database that went away isn't. */
async function attempt<T>(query: Query, report: Report, table: string, compare: () => Promise<T>): Promise<T | undefined> {
  await query('SAVEPOINT attempt');
  try {
    return await compare();
  } catch (error) {
    if (!(error instanceof DatabaseError) || !/^(22|42)/.test(error.code ?? '')) throw error;
    await query('ROLLBACK TO attempt');
    await report({ clinicId: null, subject: table, problem: `can’t be compared with what was recorded: ${error.message}` });
    return undefined;
  }
}

async function verifyTable(query: Query, report: Report, table: string, key: readonly string[]): Promise<number> {
  const id = key.map((column) => `(present ->> '${column}')`).join(` || '/' || `);
  // Long values and signatures are in the events as digests; see audit.compact.
  const compact = `CASE WHEN key <> 'signature' AND octet_length(value::text) <= 1024 OR value = 'null' THEN value
                        ELSE jsonb_build_object('sha256', encode(sha256(convert_to(value::text, 'UTF8')), 'hex')) END`;
  const differing = await query<{ id: string; clinic_id: string | null; recorded: object | null; present: object | null }>(
    `WITH recorded AS (
       SELECT id, jsonb_object_agg(key, value) FILTER (WHERE value <> 'null') AS recorded
         FROM (SELECT DISTINCT ON (e.subject_id, key) e.subject_id AS id, key, value
                 FROM audit.events e
                 LEFT JOIN audit.leaves l ON l.event_id = e.id
                CROSS JOIN jsonb_each(CASE WHEN ${READABLE} THEN e.details::jsonb -> 'new' END)
                WHERE e.subject = '${table}' AND e.action IN ('insert', 'update')
                -- The log's order: that of the ids follows the clock, which may have been set back.
                ORDER BY e.subject_id, key, l.leaf_index DESC NULLS FIRST, e.id DESC) AS latest
        GROUP BY id
     ), present AS (
       SELECT ${id} AS id, COALESCE(present ->> 'clinic_id', present ->> 'id') AS clinic_id,
              (SELECT jsonb_object_agg(key, ${compact}) FROM jsonb_each(present) WHERE value <> 'null' AND key NOT IN ('sort_name', 'search_text')) AS present
         FROM (SELECT to_jsonb(t) AS present FROM app.${table} AS t) AS rows
     )
     SELECT id, clinic_id, recorded, present FROM recorded FULL JOIN present USING (id)
      WHERE recorded IS DISTINCT FROM present ORDER BY id LIMIT ${MOST}`,
  );
  for (const { id: row, clinic_id: clinicId, recorded, present } of differing) {
    await report({
      clinicId: table === 'permissions' ? null : clinicId,
      subject: `${table} ${row}`,
      problem: problemOf(recorded, present, key),
    });
  }
  const [count] = await query<{ count: string }>(`SELECT count(*) FROM app.${table}`);
  return Number(count?.count);
}

function problemOf(recorded: object | null, present: object | null, key: readonly string[]): string {
  // The event that added it named it.
  if (!recorded || key.some((column) => !(column in recorded))) return 'was added without an event';
  if (!present) return 'was removed';
  const before = new Map(Object.entries(recorded).map(([key, value]) => [key, JSON.stringify(value)]));
  const now = new Map(Object.entries(present).map(([key, value]) => [key, JSON.stringify(value)]));
  const columns = [...new Set([...before.keys(), ...now.keys()])].filter((key) => before.get(key) !== now.get(key));
  return `was changed without an event: ${columns.toSorted().join(', ')}`;
}

/** Whom a search doesn't find is registered again, without what was found. */
async function verifySearch(query: Query, report: Report): Promise<void> {
  const hidden = await query<{ id: string; clinic_id: string }>(
    `SELECT id, clinic_id FROM app.patients
      WHERE (sort_name, search_text) IS DISTINCT FROM (app.fold(family_name || ' ' || given_name), app.fold(given_name || ' ' || family_name || ' ' || record_number))
      ORDER BY id LIMIT ${MOST}`,
  );
  for (const { id, clinic_id: clinicId } of hidden) {
    await report({ clinicId, subject: `patients ${id}`, problem: 'isn’t found by its name: sort_name or search_text was changed' });
  }
}

async function verifyDerived(
  query: Query,
  report: Report,
  { table, columns, from }: { table: string; columns: string; from: string },
): Promise<void> {
  const [clinic, parent] = columns.split(', ');
  const differing = await query<{ clinic_id: string; parent: string }>(
    `WITH due (${columns}) AS (${from}), present AS (SELECT ${columns} FROM app.${table})
     SELECT DISTINCT ${clinic} AS clinic_id, ${parent} AS parent
       FROM ((TABLE due EXCEPT ALL TABLE present) UNION ALL (TABLE present EXCEPT ALL TABLE due)) AS differing
      ORDER BY 2 LIMIT ${MOST}`,
  );
  for (const { clinic_id: clinicId, parent: row } of differing) {
    await report({ clinicId, subject: `${table} of ${row}`, problem: 'don’t match it: rows were added, changed or removed' });
  }
}
