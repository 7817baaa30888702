import { type Entry, entryHash, writeEntry } from '../../src/log/entry.js';
import { ENTRY } from '../../src/log/verify/events.js';
import { createDatabase, type TestDatabase, withClient } from '../support/database.js';
import { rowsOf } from '../support/log.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

/** All but NUL, which PostgreSQL doesn't keep. */
const CONTROLS = Array.from({ length: 0x1f }, (_, i) => String.fromCharCode(i + 1)).join('');

describe('an entry', () => {
  it.each([
    ['quotes', `"it's" “so”`],
    ['backslashes', String.raw`\ \\ \n \u0041 \"`],
    ['control characters', CONTROLS],
    ['DEL and C1', '\u007f\u0080\u009f'],
    ['line separators', '\u2028\u2029\u0085\ufeff'],
    ['emoji', '👩🏽‍⚕️🦴'],
    ['a lone combining character', '\u0301e\u0301'],
    ['noncharacters', '\uffff\u{10ffff}'],
    ['slashes and markup', '</script><!-- / -->'],
    ['nothing', ''],
    ['much', '"\\\n'.repeat(100_000)],
    ['nulls', null],
  ])('with %s is the same by all that write it', async (_, text) => {
    await withClient(database.superuser, (client) =>
      client.query(
        `INSERT INTO audit.events (id, action, outcome, address, clinic_id, patient_id, request_id, staff_id, staff_name, staff_role, subject, subject_id,
                                   user_agent, details, salt, details_sha256)
         SELECT uuidv7(), left(COALESCE($1, ''), 100), 'failure', $1, id, id, $1, id, $1, $1, $1, $1, $1, details, salt, sha256(salt || convert_to(details, 'UTF8'))
           FROM (SELECT CASE WHEN $1::text IS NOT NULL THEN gen_random_uuid() END AS id, uuid_send(gen_random_uuid()) AS salt, to_json($1::text)::text AS details) AS made`,
        [text],
      ),
    );
    // As the sealer reads it.
    const [row] = await rowsOf<Entry & { recorded: string; verified: string; hash: Buffer }>(
      database,
      `SELECT e.action, e.address, e.clinic_id AS "clinicId", encode(e.details_sha256, 'hex') AS "detailsSha256", e.id, encode(e.nonce, 'hex') AS nonce,
              to_char(e.occurred_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS "occurredAt", e.outcome, e.patient_id AS "patientId",
              e.request_id AS "requestId", e.staff_id AS "staffId", e.staff_name AS "staffName", e.staff_role AS "staffRole", e.subject,
              e.subject_id AS "subjectId", e.user_agent AS "userAgent",
              audit.entry(e) AS recorded, ${ENTRY} AS verified, sha256('\\x00'::bytea || convert_to(${ENTRY}, 'UTF8')) AS hash
         FROM audit.events e ORDER BY id DESC LIMIT 1`,
    );
    if (!row) throw new Error('There is no event');
    const { recorded, verified, hash, ...entry } = row;
    expect(recorded === writeEntry(entry)).toBe(true);
    expect(verified === recorded).toBe(true);
    expect(hash).toEqual(entryHash(recorded));
    expect(JSON.parse(recorded)).toEqual(entry);
  });
});
