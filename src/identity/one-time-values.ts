import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { type Act, IdentityDatabase } from './identity-database.js';

/**
 * Values that a ceremony of two steps brings back once: kept in the database, under the hash of their name. Within an act they are kept and
 * taken with everything else that it does.
 */
@Injectable()
export class OneTimeValues {
  constructor(private readonly database: IdentityDatabase) {}

  async keep(name: string, value: string, seconds: number, by: IdentityDatabase | Act = this.database): Promise<void> {
    await by.query(
      `WITH expired AS (DELETE FROM auth.verification WHERE "expiresAt" < clock_timestamp())
       INSERT INTO auth.verification (id, identifier, value, "expiresAt")
       VALUES (gen_random_uuid(), $1, $2, clock_timestamp() + make_interval(secs => $3))`,
      [hashName(name), value, seconds],
    );
  }

  /** Without taking it. */
  async read(name: string): Promise<string | undefined> {
    const [kept] = await this.database.query<{ value: string }>(
      'SELECT value FROM auth.verification WHERE identifier = $1 AND "expiresAt" > clock_timestamp()',
      [hashName(name)],
    );
    return kept?.value;
  }

  /** Undefined: never kept, taken already, or expired. */
  async take(name: string, by: IdentityDatabase | Act = this.database): Promise<string | undefined> {
    const [taken] = await by.query<{ value: string }>(
      'DELETE FROM auth.verification WHERE identifier = $1 AND "expiresAt" > clock_timestamp() RETURNING value',
      [hashName(name)],
    );
    return taken?.value;
  }
}

function hashName(name: string): string {
  return createHash('sha256').update(name).digest('base64url');
}
