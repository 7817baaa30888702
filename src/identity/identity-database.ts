import { Pool, type PoolClient } from 'pg';
import { databaseAway, outcomeUnknown } from '../common/errors.js';
import { isConnectionLost } from '../common/unavailable.js';
import { CONNECTION_OPTIONS, SERVING_OPTIONS } from '../database/database.module.js';
import type { Origin } from './client.js';

interface AuthenticationEvent extends Origin {
  /** @example sign-in */
  readonly event: string;
  readonly outcome: 'success' | 'failure';
  readonly userId?: string | undefined;
  /** Left out: in every clinic where the person has a place. */
  readonly staffId?: string | undefined;
  readonly detail?: object;
}

/** The database as the role `assent_identity`, which reads the schema `auth` and nothing else. */
abstract class Statements {
  abstract query<T extends object>(sql: string, values: readonly unknown[]): Promise<T[]>;

  async record({ event, outcome, userId, staffId, address, userAgent, requestId, detail }: AuthenticationEvent): Promise<void> {
    await this.query('SELECT auth.record_access($1, $2, $3, $4, $5, $6, $7, $8)', [
      event,
      outcome,
      userId ?? null,
      staffId || null,
      address,
      userAgent,
      detail ?? null,
      requestId,
    ]);
  }
}

/** An act of identity: everything that it writes, and its event, are one transaction. */
export class Act extends Statements {
  constructor(private readonly client: PoolClient) {
    super();
  }

  async query<T extends object>(sql: string, values: readonly unknown[]): Promise<T[]> {
    return (await this.client.query<T>(sql, [...values])).rows;
  }

  /** Acts of one person take turns, so that what was looked at before still holds, or is seen to have changed. */
  async takeTurn(userId: string): Promise<void> {
    await this.query('SELECT FROM auth."user" WHERE id = $1 FOR UPDATE', [userId]);
  }
}

/** One statement at a time, each a transaction of its own; acts of several by `transact`. */
export class IdentityDatabase extends Statements {
  readonly pool: Pool;

  constructor(url: string) {
    super();
    this.pool = new Pool({
      connectionString: url,
      max: 4,
      ...CONNECTION_OPTIONS,
      options: `${SERVING_OPTIONS} -c search_path=auth`,
      application_name: 'assent identity',
    });
    // A connection that the server ended: the pool drops it, and a statement under way on it fails by itself.
    this.pool.on('error', () => undefined);
    this.pool.on('connect', (client) => client.on('error', () => undefined));
  }

  async query<T extends object>(sql: string, values: readonly unknown[]): Promise<T[]> {
    const client = await this.connect();
    try {
      // A transaction of its own, which may have been committed when the connection was lost.
      return (await client.query<T>(sql, [...values]).catch(refuseUnknown)).rows;
    } finally {
      client.release();
    }
  }

  /**
   * All of an act, or nothing of it. Passwords are hashed, and other servers asked, before or after it: it holds a connection, and the
   * person's turn.
   */
  async transact<T>(work: (act: Act) => Promise<T>): Promise<T> {
    const client = await this.connect();
    try {
      await client.query('BEGIN');
      const done = await work(new Act(client));
      await client.query('COMMIT').catch(refuseUnknown);
      return done;
    } catch (error) {
      // Where the connection is lost there is nothing to roll back: the first error is what matters.
      await client.query('ROLLBACK').catch(() => undefined);
      throw error;
    } finally {
      client.release();
    }
  }

  async onApplicationShutdown(): Promise<void> {
    await this.pool.end();
  }

  private connect(): Promise<PoolClient> {
    return this.pool.connect().catch((error: unknown) => {
      throw databaseAway(error);
    });
  }
}

function refuseUnknown(error: unknown): never {
  throw isConnectionLost(error) ? outcomeUnknown(error) : error;
}
