import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client } from 'pg';
import { PROJECT_ROOT } from '../../src/config.js';
import { hashToken } from '../../src/identity/tokens.js';
import { type TestDatabase, withClient } from './database.js';

const FOLDER = join(PROJECT_ROOT, 'test', 'database', 'released-0.1.0');

/** Applies the migrations of version 0.1.0 as that version did: those from the first name on, up to but without the second. */
export async function applyReleased({ owner }: TestDatabase, { from = '', before = '~' } = {}): Promise<void> {
  await withClient(owner, async (client) => {
    await client.query(`
      CREATE SCHEMA IF NOT EXISTS migrations;
      CREATE TABLE IF NOT EXISTS migrations.applied (
        name       text        PRIMARY KEY,
        sha256     text        NOT NULL,
        applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
      )`);
    for (const name of (await readdir(FOLDER)).filter((file) => from <= file && file < before).sort()) {
      const sql = (await readFile(join(FOLDER, name), 'utf8')).replaceAll('\r\n', '\n');
      await client.query(sql);
      await client.query('INSERT INTO migrations.applied (name, sha256) VALUES ($1, $2)', [
        name,
        createHash('sha256').update(sql).digest('hex'),
      ]);
    }
  });
}

/** A clinic in a database of version 0.1.0, with an administrator and a receptionist. */
export async function makeReleasedClinic({
  owner,
}: TestDatabase): Promise<{ id: string; administratorId: string; receptionistId: string }> {
  return withClient(owner, async (client: Client) => {
    const { rows } = await client.query<{ clinic_id: string; staff_id: string }>(
      `SELECT * FROM app.found_clinic('Clinic', 'Europe/London', false, false, 'Ada Admin', 'ada@clinic.example', $1)`,
      [hashToken('invitation')],
    );
    const [clinic] = rows;
    const added = await client.query<{ id: string }>(
      `SELECT app.add_staff($1, 'Dana Reception', 'dana@clinic.example', 'receptionist', NULL) AS id`,
      [clinic?.clinic_id],
    );
    await client.query('UPDATE app.staff SET active = tstzrange(clock_timestamp(), NULL)');
    return { id: clinic?.clinic_id ?? '', administratorId: clinic?.staff_id ?? '', receptionistId: added.rows[0]?.id ?? '' };
  });
}

/** In that clinic, somebody with a licence for a period, or with none, who screened a patient, discussed the only risk, and recorded the consent. */
export async function makeReleasedConsent(
  { owner }: TestDatabase,
  { id: clinicId, administratorId }: { id: string; administratorId: string },
  name: string,
  valid?: string,
): Promise<void> {
  await withClient(owner, async (client: Client) => {
    const insert = async (table: string, values: string): Promise<string> => {
      const { rows } = await client.query<{ id: string }>(`INSERT INTO app.${table} ${values} RETURNING to_jsonb(${table}) ->> 'id' AS id`);
      return rows[0]?.id ?? '';
    };
    const questions = [{ code: 'fever', effect: 'absolute', regions: ['cervical'], namedRegions: 'not_asked', addsRisks: [] }];
    const risks = [{ code: 'stroke', title: 'Stroke', wording: 'It is rare.', always: true }];
    const answers = [{ code: 'fever', answer: 'no' }];
    const email = `${name.toLowerCase()}@clinic.example`;
    const { rows: added } = await client.query<{ id: string }>(`SELECT app.add_staff($1, $2, $3, 'practitioner', 'chiropractor') AS id`, [
      clinicId,
      name,
      email,
    ]);
    const practitioner = added[0]?.id ?? '';
    if (valid) {
      await insert(
        'licences',
        `(clinic_id, practitioner_id, profession, authority, number, valid, recorded_by)
         VALUES ('${clinicId}', '${practitioner}', 'chiropractor', 'Board', '${name}', ${valid}, '${administratorId}')`,
      );
    }
    const questionnaire = await insert(
      'questionnaires',
      `(clinic_id, language, content, published_by) VALUES ('${clinicId}', 'en', '${JSON.stringify({ items: questions })}', '${administratorId}')`,
    );
    await insert(
      'disclosures',
      `(clinic_id, language, content, published_by) VALUES ('${clinicId}', 'en', '${JSON.stringify({ risks })}', '${administratorId}')`,
    );
    const patient = await insert(
      'patients',
      `(clinic_id, given_name, family_name, birth_date, registered_by) VALUES ('${clinicId}', 'Rosa', 'García', '1984-05-17', '${practitioner}')`,
    );
    await insert(
      'screenings',
      `(clinic_id, patient_id, questionnaire_id, answers, performed_by)
       VALUES ('${clinicId}', '${patient}', '${questionnaire}', '${JSON.stringify(answers)}', '${practitioner}')`,
    );
    const discussion = await insert(
      'discussions',
      `(clinic_id, patient_id, regions, techniques, aim, mode, language, practitioner_id)
       VALUES ('${clinicId}', '${patient}', '{lumbar}', '{mobilisation}', 'Less pain.', 'in_person', 'en', '${practitioner}')`,
    );
    await insert(
      'discussed_risks',
      `(clinic_id, discussion_id, code, discussed_by) VALUES ('${clinicId}', '${discussion}', 'stroke', '${practitioner}')`,
    );
    await insert(
      'consents',
      `(clinic_id, discussion_id, decision, decided_by, capacity_confirmed, alternatives_discussed, right_to_withdraw_told, teach_back, signature, recorded_by)
       VALUES ('${clinicId}', '${discussion}', 'given', 'patient', true, true, true, 'It is rare.', '{"name": "Rosa", "strokes": []}', '${practitioner}')`,
    );
  });
}
