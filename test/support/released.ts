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
