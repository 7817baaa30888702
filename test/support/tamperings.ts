import type { Client } from 'pg';
import { writeCheckpoint } from '../../src/log/format/checkpoint.js';
import { newKey, readSigner } from '../../src/log/format/keys.js';
import { signNote } from '../../src/log/format/note.js';
import { append } from '../../src/log/format/tiles.js';

/** Something that somebody with every right on the database does to it, and what verification says of it. */
export interface Tampering {
  readonly name: string;
  readonly how: (client: Client) => Promise<unknown>;
  readonly finds: RegExp;
  /** Found by what is kept outside alone. */
  readonly anchored?: boolean;
  readonly key?: () => string;
}

const sql =
  (text: string) =>
  (client: Client): Promise<unknown> =>
    client.query(text);

/** Another row like one that is there. */
const another =
  (table: string, changes: string) =>
  async (client: Client): Promise<unknown> => {
    const { rows } = await client.query<{ columns: string }>(
      `SELECT string_agg(attname, ', ') AS columns FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND attgenerated = ''`,
      [`app.${table}`],
    );
    const columns = rows[0]?.columns ?? '';
    return client.query(
      `INSERT INTO app.${table} (${columns})
       SELECT ${columns} FROM (SELECT (jsonb_populate_record(r, ${changes})).* FROM (SELECT r FROM app.${table} r LIMIT 1) AS one) AS other`,
    );
  };

const ENTRY = `(SELECT id FROM audit.events WHERE subject = 'patients' AND action = 'insert' ORDER BY id LIMIT 1)`;
const LAST = '(SELECT max(leaf_index) FROM audit.leaves)';
const LEAF_HASH = `sha256('\\x00'::bytea || convert_to(audit.entry(events), 'UTF8'))`;
const WITHOUT_DIGESTS = 'ALTER TABLE audit.events DROP CONSTRAINT event_details_digested;';

/** The tree as it would be if the events, in the order of their leaves, were what was recorded. */
async function rebuildTree(client: Client): Promise<void> {
  const { rows } = await client.query<{ hash: Buffer }>(
    `SELECT ${LEAF_HASH} AS hash FROM audit.leaves JOIN audit.events ON id = event_id ORDER BY leaf_index`,
  );
  const { tiles } = await append(
    0,
    rows.map(({ hash }) => hash),
    async () => [],
  );
  await client.query('DELETE FROM audit.tiles');
  for (const { level, index, hashes } of tiles) await client.query('INSERT INTO audit.tiles VALUES ($1, $2, $3)', [level, index, hashes]);
}

/** Each root anew, under a key that has the log's name but isn't its. */
async function signAnew(client: Client): Promise<void> {
  const { rows: hashes } = await client.query<{ hashes: Buffer }>('SELECT hashes FROM audit.tiles WHERE level = 0 ORDER BY tile_index');
  const all = Buffer.concat(hashes.map((tile) => tile.hashes));
  const { rows } = await client.query<{ id: string; tree_size: string; note: string }>('SELECT id, tree_size, note FROM audit.checkpoints');
  for (const { id, tree_size: size, note } of rows) {
    const origin = note.split('\n')[0] ?? '';
    const leaves = Array.from({ length: Number(size) }, (_, i) => all.subarray(i * 32, (i + 1) * 32));
    const { root } = await append(0, leaves, async () => []);
    const forged = signNote(writeCheckpoint({ origin, size: Number(size), root, extensions: [] }), [readSigner(newKey(origin, 'note'))]);
    await client.query('UPDATE audit.checkpoints SET root = $2, note = $3 WHERE id = $1', [id, root, forged]);
  }
}

/** As the log was before the last looks, and nothing in it speaks of them. */
async function setBack(client: Client): Promise<void> {
  await client.query(`
    CREATE TEMPORARY TABLE past AS SELECT max(tree_size) AS size FROM audit.checkpoints WHERE tree_size < ${LAST} + 1;
    DELETE FROM audit.checkpoints WHERE tree_size > (SELECT size FROM past);
    DELETE FROM audit.anchorings  WHERE checkpoint_id NOT IN (SELECT id FROM audit.checkpoints);
    DELETE FROM audit.events      WHERE id IN (SELECT event_id FROM audit.leaves WHERE leaf_index >= (SELECT size FROM past));
    DELETE FROM audit.leaves      WHERE leaf_index >= (SELECT size FROM past)`);
  await rebuildTree(client);
}

const EDIT = `UPDATE audit.events SET staff_name = 'Somebody Else' WHERE id = ${ENTRY}`;

export const TAMPERINGS: readonly Tampering[] = [
  { name: 'an event is edited', how: sql(EDIT), finds: /^event ID \(entry N\) isn’t the entry in the log/ },
  {
    name: 'an event’s details are edited',
    how: sql(`${WITHOUT_DIGESTS} UPDATE audit.events SET details = replace(details, 'Rosa', 'Rose') WHERE id = ${ENTRY}`),
    finds: /^event ID \(entry N\) was changed: its details aren’t/,
  },
  {
    name: 'an event’s details are edited, and their digest with them',
    how: sql(`UPDATE audit.events SET details = replace(details, 'Rosa', 'Rose'),
                     details_sha256 = sha256(salt || convert_to(replace(details, 'Rosa', 'Rose'), 'UTF8')) WHERE id = ${ENTRY}`),
    finds: /^event ID \(entry N\) isn’t the entry/,
  },
  {
    name: 'an event’s details are replaced by invalid JSON',
    how: sql(
      `${WITHOUT_DIGESTS} DROP INDEX audit.event_by_words; UPDATE audit.events SET details = 'not JSON', details_sha256 = sha256(salt || 'not JSON'::bytea) WHERE id = ${ENTRY}`,
    ),
    finds: /^event ID \(entry N\) isn’t the entry/,
  },
  {
    name: 'an event is said to be another clinic’s',
    how: sql(`UPDATE audit.leaves SET clinic_id = gen_random_uuid() WHERE event_id = ${ENTRY}`),
    finds: /^event ID \(entry N\) belongs to one clinic in the log and to another in the audit trail/,
  },
  {
    name: 'an event is deleted',
    how: sql(`DELETE FROM audit.events WHERE id = ${ENTRY}`),
    finds: /^event ID \(entry N\) is missing from the audit trail/,
  },
  {
    name: 'an event is deleted, and its place in the log',
    how: sql(
      `WITH gone AS (DELETE FROM audit.events WHERE id = ${ENTRY} RETURNING id) DELETE FROM audit.leaves USING gone WHERE event_id = id`,
    ),
    finds: /^entry N is missing from the log/,
  },
  {
    name: 'an event’s place in the log is deleted',
    how: sql(`DELETE FROM audit.leaves WHERE event_id = ${ENTRY}`),
    finds: /^entry N is missing from the log\nevent ID isn’t in the log/,
  },
  {
    name: 'the last event is deleted',
    how: sql(
      `WITH gone AS (DELETE FROM audit.leaves WHERE leaf_index = ${LAST} RETURNING event_id) DELETE FROM audit.events USING gone WHERE id = event_id`,
    ),
    finds: /checkpoint N was signed for N entries, but there are N/,
  },
  {
    name: 'the last event is deleted, and the tree recomputed',
    how: async (client) => {
      await client.query(
        `WITH gone AS (DELETE FROM audit.leaves WHERE leaf_index = ${LAST} RETURNING event_id) DELETE FROM audit.events USING gone WHERE id = event_id`,
      );
      await rebuildTree(client);
    },
    finds: /^checkpoint N was signed for N entries, but there are N/m,
  },
  {
    name: 'two events change places',
    how: sql(`CREATE TEMPORARY TABLE two AS SELECT * FROM audit.leaves WHERE leaf_index IN (3, 4);
              DELETE FROM audit.leaves WHERE leaf_index IN (3, 4);
              INSERT INTO audit.leaves SELECT 7 - leaf_index, event_id, occurred_at, clinic_id FROM two`),
    finds: /^event ID \(entry N\) isn’t the entry/,
  },
  {
    name: 'an event is inserted',
    how: sql(`INSERT INTO audit.events (action) VALUES ('sign-in')`),
    finds: /^event ID isn’t in the log and isn’t waiting for it: it wasn’t recorded by the application$/,
  },
  {
    name: 'an event is inserted under the id of one in the log',
    how: sql(
      `INSERT INTO audit.events (id, action, subject, subject_id) SELECT id, action, subject, subject_id FROM audit.events WHERE id = ${ENTRY}`,
    ),
    finds: /^event ID isn’t in the log and isn’t waiting for it: it wasn’t recorded by the application$/,
  },
  {
    name: 'an event is inserted at the end, and the tree recomputed',
    how: async (client) => {
      await client.query(`WITH event AS (INSERT INTO audit.events (action) VALUES ('sign-in') RETURNING *)
                          INSERT INTO audit.leaves SELECT ${LAST} + 1, id, occurred_at, clinic_id FROM event`);
      await rebuildTree(client);
    },
    finds: /^log has N entries, but no root was signed for more than N$/,
  },
  {
    name: 'an event is inserted in the middle, and the tree recomputed',
    how: async (client) => {
      await client.query(`CREATE TEMPORARY TABLE later AS SELECT * FROM audit.leaves WHERE leaf_index >= 5;
                          DELETE FROM audit.leaves WHERE leaf_index >= 5;
                          INSERT INTO audit.leaves SELECT leaf_index + 1, event_id, occurred_at, clinic_id FROM later;
                          WITH event AS (INSERT INTO audit.events (action) VALUES ('sign-in') RETURNING *)
                          INSERT INTO audit.leaves SELECT 5, id, occurred_at, clinic_id FROM event`);
      await rebuildTree(client);
    },
    finds: /^checkpoint N doesn’t match: of the first N entries, one after the first N was changed, added or removed$/m,
  },
  {
    name: 'an event is edited, and the tree recomputed',
    how: async (client) => {
      await client.query(EDIT);
      await rebuildTree(client);
    },
    finds: /^checkpoint N doesn’t match/m,
  },
  {
    name: 'an event is edited, the tree recomputed, and each root signed with another key',
    how: async (client) => {
      await client.query(EDIT);
      await rebuildTree(client);
      await signAnew(client);
    },
    finds: /^checkpoint N can’t be trusted: No trusted key signed it$/m,
  },
  {
    name: 'the log is set back, with its checkpoints',
    how: setBack,
    finds: /^file:\S+ has seen N entries, but the log has N: the database was set back$/,
    anchored: true,
  },
  {
    name: 'everything is deleted',
    how: sql('TRUNCATE audit.events, audit.leaves, audit.tiles, audit.unsealed, audit.checkpoints, audit.anchorings'),
    finds: /^file:\S+ has seen N entries, but the log has N: the database was set back$/m,
    anchored: true,
  },
  {
    name: 'verification gets another key than the log has',
    how: async () => undefined,
    finds: /^checkpoint N can’t be trusted/,
    key: () => newKey('localhost/another', 'note'),
  },
  {
    name: 'a hash in a tile is changed',
    how: sql(`UPDATE audit.tiles SET hashes = set_byte(hashes, 70, get_byte(hashes, 70) # 1) WHERE level = 0`),
    finds: /^event ID \(entry N\) isn’t the entry in the log: it was changed, or tile 0\/N was\ncheckpoint N doesn’t match/,
  },
  {
    name: 'a tile is removed',
    how: sql('DELETE FROM audit.tiles WHERE level = 0 AND tile_index = 0'),
    finds: /^tile 0\/N has N hashes where there should be N/,
  },
  {
    name: 'a tile is added',
    how: sql(`INSERT INTO audit.tiles VALUES (3, 0, sha256(''))`),
    finds: /^tree has N tiles where there should be N$/,
  },
  {
    name: 'a checkpoint’s root is changed',
    how: sql(`UPDATE audit.checkpoints SET root = sha256('') WHERE id = (SELECT max(id) FROM audit.checkpoints)`),
    finds: /^checkpoint N isn’t what was signed$/,
  },
  {
    name: 'a checkpoint’s note is changed',
    how: sql(
      `UPDATE audit.checkpoints SET note = replace(note, E'\\n' || tree_size || E'\\n', E'\\n1\\n') WHERE id = (SELECT max(id) FROM audit.checkpoints)`,
    ),
    finds: /^checkpoint N can’t be trusted: The signature of \S+ is invalid$/,
  },
  {
    name: 'an event is edited before it is sealed',
    how: sql(
      `SELECT audit.record('sign-in', 'failure', NULL, NULL, NULL, NULL); UPDATE audit.events SET outcome = 'success' WHERE id = (SELECT event_id FROM audit.unsealed)`,
    ),
    finds: /^event ID was changed before it got into the log$/,
  },
  {
    name: 'an event is deleted before it is sealed',
    how: sql(
      `SELECT audit.record('sign-in', 'failure', NULL, NULL, NULL, NULL); DELETE FROM audit.events WHERE id = (SELECT event_id FROM audit.unsealed)`,
    ),
    finds: /^event ID was removed before it got into the log$/,
  },
  {
    name: 'an event is kept from being sealed',
    how: sql(`SELECT audit.record('sign-in', 'failure', NULL, NULL, NULL, NULL); DELETE FROM audit.unsealed`),
    finds: /^event ID isn’t in the log and isn’t waiting for it/,
  },
  {
    name: 'an event is put before the sealer again',
    how: sql(`INSERT INTO audit.unsealed SELECT id, occurred_at, ${LEAF_HASH} FROM audit.events WHERE id = ${ENTRY}`),
    finds: /^event ID is in the log, but was made to wait for it again$/,
  },
  {
    name: 'a consent’s period is extended',
    how: sql(`UPDATE app.consents SET in_force = tstzrange(lower(in_force), upper(in_force) + interval '9 years')`),
    finds: /^consents ID was changed without an event: in_force$/,
  },
  {
    name: 'a consent’s regions are extended',
    how: sql(`UPDATE app.consents SET regions = regions || '{thoracic}'`),
    finds: /^consents ID was changed without an event: regions\nconsent_scope of ID don’t match it/,
  },
  {
    name: 'a consent’s scope is extended directly',
    how: sql(
      `INSERT INTO app.consent_scope (clinic_id, consent_id, region, technique) SELECT clinic_id, id, 'thoracic', 'traction' FROM app.consents`,
    ),
    finds: /^consent_scope of ID don’t match it: rows were added, changed or removed$/,
  },
  {
    name: 'a session is inserted',
    how: another(
      'sessions',
      `jsonb_build_object('id', gen_random_uuid(), 'started_at', '2026-01-01T09:00:00Z', 'ended_at', '2026-01-01T10:00:00Z', 'ended_by', (r).practitioner_id)`,
    ),
    finds: /^sessions ID was added without an event$/,
  },
  {
    name: 'a patient is hidden from searches',
    how: sql(`ALTER TABLE app.patients ALTER search_text DROP EXPRESSION; UPDATE app.patients SET search_text = ''`),
    finds: /^patients ID isn’t found by its name: sort_name or search_text was changed$/,
  },
  { name: 'a session is deleted', how: sql('DELETE FROM app.sessions'), finds: /^sessions ID was removed$/ },
  {
    name: 'a permission is given',
    how: sql(`INSERT INTO app.permissions (role, permission) VALUES ('receptionist', 'audit.read')`),
    finds: /^permissions receptionist\/audit.read was added without an event$/,
  },
  {
    name: 'a licence’s validity is extended',
    how: sql(`UPDATE app.licences SET valid = tstzrange(lower(valid), NULL) WHERE id = (SELECT id FROM app.licences LIMIT 1)`),
    finds: /^licences ID was changed without an event: valid$/,
  },
  {
    name: 'a discussed risk is added',
    how: another('discussed_risks', `'{"code": "invented"}'`),
    finds: /^discussed_risks ID\/invented was added without an event$/,
  },
  {
    name: 'a risk is taken out of a disclosure',
    how: sql(`DELETE FROM app.disclosure_risks WHERE code = 'stroke'`),
    finds: /^disclosure_risks of ID don’t match it/,
  },
  {
    name: 'a questionnaire is replaced by something else',
    how: sql(`UPDATE app.questionnaires SET content = '{"items": 1}'`),
    finds: /^questionnaires ID was changed without an event: content.*\nquestionnaire_items can’t be compared with what was recorded/,
  },
  {
    name: 'PostgreSQL is changed to read events differently',
    how: sql(`CREATE FUNCTION public.forged(text, json) RETURNS text LANGUAGE sql AS $$ SELECT $1 || replace($2::text, 'Somebody Else', 'Ben Practitioner') $$;
              CREATE OPERATOR public.|| (LEFTARG = text, RIGHTARG = json, FUNCTION = public.forged);
              DO $$ BEGIN EXECUTE format('ALTER ROLE assent_owner IN DATABASE %I SET search_path = public, pg_catalog', current_database()); END $$;
              ${EDIT}`),
    finds: /^event ID \(entry N\) isn’t the entry/,
  },
];
