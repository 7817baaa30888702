import { randomBytes } from 'node:crypto';
import { hashPassword } from 'better-auth/crypto';
import { Client } from 'pg';
import { builtInContent } from './content.js';

export interface Founding {
  readonly clinic: string;
  /** IANA name. */
  readonly timeZone: string;
  readonly administrator: { readonly name: string; readonly email: string; readonly password: string };
  /** A clinic with demo data. */
  readonly demo?: boolean;
  /** Besides those that the database already holds. Otherwise a database with a clinic refuses. */
  readonly additional?: boolean;
}

export interface Founded {
  readonly clinicId: string;
  readonly administratorId: string;
}

/**
 * Founds a clinic: its first administrator, and version 1 of the built-in questionnaire and disclosure, published by that
 * administrator. `more` may add to it; all of it is one transaction of the database's owner.
 */
export async function foundClinic(
  ownerUrl: string,
  founding: Founding,
  more?: (client: Client, founded: Founded) => Promise<void>,
): Promise<Founded> {
  const content = await builtInContent();
  const hash = await hashPassword(founding.administrator.password);
  const client = new Client({ connectionString: ownerUrl, application_name: 'assent setup', options: '-c TimeZone=UTC' });
  await client.connect();
  try {
    await client.query('BEGIN');
    const founded = await insertClinic(client, founding, hash);
    await actAs(client, founded.administratorId);
    await client.query('INSERT INTO app.questionnaires (language, content) VALUES ($1, $2)', [
      content.questionnaire.language,
      content.questionnaire.content,
    ]);
    await client.query('INSERT INTO app.disclosures (language, content) VALUES ($1, $2)', [
      content.disclosure.language,
      content.disclosure.content,
    ]);
    await more?.(client, founded);
    await client.query(`DELETE FROM auth.session WHERE token = current_setting('app.token')`);
    await client.query('COMMIT');
    return founded;
  } finally {
    await client.end();
  }
}

async function insertClinic(
  client: Client,
  { clinic, timeZone, administrator, demo = false, additional = false }: Founding,
  hash: string,
): Promise<Founded> {
  const { rows } = await client.query<{ clinic_id: string; staff_id: string }>(
    'SELECT * FROM app.found_clinic($1, $2, $3, $4, $5, $6, $7)',
    [clinic, timeZone, demo, additional, administrator.name, administrator.email, hash],
  );
  return { clinicId: rows[0]?.clinic_id ?? '', administratorId: rows[0]?.staff_id ?? '' };
}

/** Signs a person in for the rest of this transaction, so that set-up publishes and records as anybody else does. */
async function actAs(client: Client, staffId: string): Promise<void> {
  const token = randomBytes(24).toString('base64url');
  await client.query(
    `INSERT INTO auth.session (id, token, "userId", "expiresAt")
     SELECT gen_random_uuid(), $1, user_id, clock_timestamp() + interval '1 minute' FROM app.staff WHERE id = $2`,
    [token, staffId],
  );
  await client.query(`SELECT set_config('app.token', $1, true)`, [token]);
}

/** Whether the database holds no clinic yet. */
export async function isEmpty(ownerUrl: string): Promise<boolean> {
  const client = new Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ empty: boolean }>('SELECT NOT EXISTS (SELECT FROM app.clinics) AS empty');
    return rows[0]?.empty ?? false;
  } finally {
    await client.end();
  }
}
