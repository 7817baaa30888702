import { type Client } from 'pg';
import { withClient } from './database.js';
import type { Person } from './make.js';
import type { TestServer } from './server.js';

/** PostgreSQL's code for a right that the role doesn't have, a policy's refusal included. */
export const PRIVILEGE = '42501';
export const NOT_NULL = '23502';

/** Runs statements as the application's own role, as somebody who got hold of its password would. Writes nothing. */
export async function asApplication<T>(
  server: TestServer,
  token: string | null,
  statements: (client: Client) => Promise<T>,
  begin = 'BEGIN',
): Promise<T> {
  return withClient(server.database.app, async (client) => {
    await client.query(begin);
    if (token !== null) await client.query('SELECT app.sign_on($1)', [token]);
    return statements(client);
  });
}

/** The name of the rule that refuses, or PostgreSQL's code where no named rule does. */
export async function refusal(statements: Promise<unknown>): Promise<string> {
  try {
    await statements;
    return 'nothing refused';
  } catch (error) {
    const { constraint, code } = error as { constraint?: string; code?: string };
    return constraint ?? code ?? String(error);
  }
}

export async function asSuperuser(server: TestServer, sql: string, values: unknown[] = []): Promise<Record<string, string>[]> {
  return withClient(server.database.superuser, async (client) => (await client.query(sql, values)).rows as Record<string, string>[]);
}

/** What a session cites. NULL is for attempts. */
export interface Permits {
  readonly patient: string | null;
  readonly licence: string | null;
  readonly screening: string | null;
  readonly consent: string | null;
}

export async function licenceOf(server: TestServer, person: Person): Promise<string> {
  const [licence] = await asSuperuser(server, 'SELECT id FROM app.licences WHERE practitioner_id = $1', [person.id]);
  return licence?.['id'] ?? '';
}

export const startSession =
  ({ patient, licence, screening, consent }: Permits) =>
  (client: Client): Promise<unknown> =>
    client.query(
      `INSERT INTO app.sessions (patient_id, licence_id, screening_id, consent_id, nothing_changed, still_consents)
       VALUES ($1, $2, $3, $4, true, true)`,
      [patient, licence, screening, consent],
    );
