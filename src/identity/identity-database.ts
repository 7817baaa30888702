import { Pool } from 'pg';
import { databaseAway } from '../common/errors.js';
import { SERVING_OPTIONS } from '../database/database.module.js';

/** Where a request comes from, for the record of access. */
export interface Origin {
  readonly address: string;
  readonly userAgent: string;
  readonly requestId: string;
}

interface AccessEvent extends Origin {
  /** @example sign-in */
  readonly event: string;
  readonly outcome: 'success' | 'failure';
  readonly userId?: string | undefined;
  /** Left out: in every clinic where the person has a place. */
  readonly staffId?: string | undefined;
  readonly detail?: object;
}

/** The database as the role `assent_identity`, which reads the schema `auth` and nothing else. */
export class IdentityDatabase {
  readonly pool: Pool;

  constructor(url: string) {
    this.pool = new Pool({
      connectionString: url,
      max: 4,
      connectionTimeoutMillis: 10_000,
      options: `${SERVING_OPTIONS} -c search_path=auth`,
      application_name: 'assent identity',
    });
    // A connection that the server ended while idle; the pool has already dropped it.
    this.pool.on('error', () => undefined);
  }

  /** One statement, one transaction. */
  async query<T extends object>(sql: string, values: readonly unknown[]): Promise<T[]> {
    const client = await this.pool.connect().catch((error: unknown) => {
      throw databaseAway(error);
    });
    try {
      return (await client.query<T>(sql, [...values])).rows;
    } finally {
      client.release();
    }
  }

  async record({ event, outcome, userId, staffId, address, userAgent, requestId, detail }: AccessEvent): Promise<void> {
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

  async onApplicationShutdown(): Promise<void> {
    await this.pool.end();
  }
}
