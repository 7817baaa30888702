import { Client, type ClientBase } from 'pg';
import { hashToken, newToken } from '../identity/tokens.js';
import { modelDisclosure, modelQuestionnaire, type PublishedText } from './content.js';

export interface NewClinic {
  readonly clinic: string;
  /** IANA name. */
  readonly timeZone: string;
  readonly administrator: { readonly name: string; readonly email: string };
  /** A clinic with demo data. */
  readonly demo?: boolean;
  /** Besides those that the database already holds. Otherwise a database with a clinic refuses. */
  readonly additional?: boolean;
}

export interface CreatedClinic {
  readonly clinicId: string;
  readonly administratorId: string;
  /** Of the first administrator's invitation. */
  readonly token: string;
}

interface Accepted {
  readonly token: string;
  readonly passwordHash: string;
}

type More = (client: ClientBase, created: CreatedClinic) => Promise<Accepted[]>;

/**
 * Creates a clinic: its first administrator, who is invited like everybody else, and version 1 of the built-in questionnaire and
 * disclosure in English, published by that administrator. `more` may add to it as that administrator, and returns invitations that are
 * accepted immediately, for demo data. All of it is one transaction of the database's owner.
 */
export async function createClinic(ownerUrl: string, newClinic: NewClinic, more?: More): Promise<CreatedClinic> {
  const client = new Client({ connectionString: ownerUrl, application_name: 'assent setup', options: '-c TimeZone=UTC' });
  await client.connect();
  try {
    return await createClinicBy(client, newClinic, more);
  } finally {
    await client.end();
  }
}

/** The same by a connection of the database's owner, which the caller closes. */
export async function createClinicBy(client: ClientBase, newClinic: NewClinic, more?: More): Promise<CreatedClinic> {
  const [questionnaire, disclosure] = [await modelQuestionnaire(), await modelDisclosure('en')];
  await client.query('BEGIN');
  const created = await insertClinic(client, newClinic);
  await actAs(client, created.administratorId);
  await publish(client, 'questionnaires', questionnaire);
  await publish(client, 'disclosures', disclosure);
  const accepted = (await more?.(client, created)) ?? [];
  await client.query(`SELECT set_config('app.token', '', true)`);
  await client.query(`DELETE FROM auth.session WHERE staff_id = $1`, [created.administratorId]);
  await client.query(`UPDATE app.staff SET active = 'empty' WHERE id = $1`, [created.administratorId]);
  for (const { token, passwordHash } of accepted) {
    await client.query('SELECT auth.accept_invitation($1, $2, NULL)', [hashToken(token), passwordHash]);
  }
  await client.query('COMMIT');
  return created;
}

export async function publish(
  client: ClientBase,
  table: 'questionnaires' | 'disclosures',
  { language, content }: PublishedText,
): Promise<void> {
  await client.query(`INSERT INTO app.${table} (language, content) VALUES ($1, $2)`, [language, content]);
}

async function insertClinic(
  client: ClientBase,
  { clinic, timeZone, administrator, demo = false, additional = false }: NewClinic,
): Promise<CreatedClinic> {
  const token = newToken();
  const { rows } = await client.query<{ clinic_id: string; staff_id: string }>(
    'SELECT * FROM app.create_clinic($1, $2, $3, $4, $5, $6, $7)',
    [clinic, timeZone, demo, additional, administrator.name, administrator.email, hashToken(token)],
  );
  return { clinicId: rows[0]?.clinic_id ?? '', administratorId: rows[0]?.staff_id ?? '', token };
}

/** Signs a person in for the rest of this transaction, so that set-up publishes and records as anybody else does. */
async function actAs(client: ClientBase, staffId: string): Promise<void> {
  const token = newToken();
  await client.query(
    `INSERT INTO auth.session (id, token, "userId", staff_id, methods, "expiresAt")
     SELECT gen_random_uuid(), $1, user_id, id, 'password totp', clock_timestamp() + interval '1 minute' FROM app.staff WHERE id = $2`,
    [hashToken(token), staffId],
  );
  await client.query(`SELECT set_config('app.token', $1, true)`, [token]);
}

/** Adds a person with an invitation, and returns its token. */
export async function addStaff(
  client: ClientBase,
  clinicId: string,
  { name, email, role, profession }: { name: string; email: string; role: string; profession: string | null },
): Promise<{ id: string; token: string }> {
  const token = newToken();
  const { rows } = await client.query<{ id: string }>('SELECT app.add_staff($1, $2, $3, $4, $5) AS id', [
    clinicId,
    name,
    email,
    role,
    profession,
  ]);
  const id = rows[0]?.id ?? '';
  await client.query('SELECT app.write_invitation($1, $2, false, false)', [id, hashToken(token)]);
  return { id, token };
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
