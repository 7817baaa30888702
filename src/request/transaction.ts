import type { PoolClient } from 'pg';
import type { Actor, AuditAction, Shown } from '../common/context.js';
import { outcomeUnknown } from '../common/errors.js';
import { isConnectionLost } from '../common/unavailable.js';
import { type SignOn, toActor } from '../identity/sign-on.js';
import type { Claim, ClaimResult, StoredResponse } from './idempotency.js';

/** An event of the audit trail besides those that the database writes for each change of a row. */
export interface AuditRecord extends Shown {
  readonly action: AuditAction['action'] | 'denial' | 'refusal';
  readonly subject: string;
}

/** What app.sign_on takes: the token, the address and browser of the client, and the request's id. */
export type Credentials = readonly [token: string, address: string, userAgent: string, requestId: string];

interface SignedOn {
  readonly actor: Actor;
  /** Whether the idle lock should be put off. */
  readonly touch: boolean;
  readonly claimed: ClaimResult | undefined;
}

/*
 * The statements at both ends of a transaction. Those that belong together are sent without waiting for one another (pg's pipeline mode), so
 * that they cost one round trip; after the first that fails, PostgreSQL refuses the rest.
 */

/** BEGIN, sign-on and claim. Undefined: the token is nobody's. */
export async function begin(connection: PoolClient, credentials: Credentials, claim: Claim | undefined): Promise<SignedOn | undefined> {
  const [, signOn, claimed] = await Promise.all([
    connection.query('BEGIN'),
    connection.query<SignOn>('SELECT * FROM app.sign_on($1, $2, $3, $4)', [...credentials]),
    claim && connection.query<ClaimResult>('SELECT * FROM app.claim_request($1, $2)', [claim.key, claim.fingerprint]),
  ]);
  const [row] = signOn.rows;
  return row && { actor: toActor(row), touch: row.touch, claimed: claimed?.rows[0] };
}

/** What was shown, the response that a repetition of the request gets, COMMIT. */
export async function commit(
  connection: PoolClient,
  records: readonly AuditRecord[],
  stored: { readonly claim: Claim; readonly actor: Actor; readonly response: StoredResponse } | undefined,
): Promise<void> {
  const statements = records.map((record) => connection.query(`SELECT ${RECORDERS[record.action]}($1, $2, $3, $4, $5)`, valuesOf(record)));
  if (stored) {
    const { claim, actor, response } = stored;
    statements.push(
      connection.query('SELECT app.store_response($1, $2, $3, $4, $5, $6)', [
        actor.clinicId,
        actor.staffId,
        claim.key,
        response.status,
        response.headers,
        response.body,
      ]),
    );
  }
  const results = await Promise.all([...statements, connection.query('COMMIT')]).catch((error: unknown) => {
    throw isConnectionLost(error) ? outcomeUnknown(error) : error;
  });
  // PostgreSQL answers COMMIT of a failed transaction with ROLLBACK and no error.
  if (results.at(-1)?.command !== 'COMMIT') throw new Error('The handler went on after a failed statement; nothing was committed.');
}

/** Where the connection is lost there is nothing to roll back, and the pool drops it. False: it is lost. */
export async function rollback(connection: PoolClient): Promise<boolean> {
  return connection.query('ROLLBACK').then(
    () => true,
    () => false,
  );
}

/** In a transaction of its own, after the rollback. */
export async function recordRefusal(connection: PoolClient, credentials: Credentials, refusal: AuditRecord): Promise<void> {
  const results = await Promise.all([
    connection.query('BEGIN'),
    connection.query('SELECT FROM app.sign_on($1, $2, $3, $4)', [...credentials]),
    connection.query(`SELECT ${RECORDERS[refusal.action]}($1, $2, $3, $4, $5)`, valuesOf(refusal)),
    connection.query('COMMIT'),
  ]);
  if (results.at(-1)?.command !== 'COMMIT') throw new Error('A refusal wasn’t recorded.');
}

/** After the transaction, so that requests of one login don't wait for each other at its row. */
export async function touch(connection: PoolClient, [token, address, userAgent]: Credentials): Promise<void> {
  await connection.query('SELECT app.touch($1, $2, $3)', [token, address, userAgent]).catch(() => undefined);
}

const RECORDERS: Readonly<Record<AuditRecord['action'], string>> = {
  read: 'audit.record_read',
  search: 'audit.record_read',
  export: 'audit.record_read',
  denial: 'audit.record_refusal',
  refusal: 'audit.record_refusal',
};

function valuesOf({ action, subject, subjectId, patientId, details }: AuditRecord): unknown[] {
  return [action, subject, subjectId ?? null, patientId ?? null, details ?? null];
}
