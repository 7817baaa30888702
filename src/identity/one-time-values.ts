import { Inject, Injectable } from '@nestjs/common';
import { AUTH, type Auth } from './auth.js';
import { IdentityDatabase } from './identity-database.js';

/** Values that a ceremony of two steps brings back once: kept in the database by better-auth, under the hash of their name. */
@Injectable()
export class OneTimeValues {
  constructor(
    private readonly database: IdentityDatabase,
    @Inject(AUTH) private readonly auth: Auth,
  ) {}

  async keep(name: string, value: string, seconds: number): Promise<void> {
    const { internalAdapter } = await this.auth.$context;
    await this.database.query('DELETE FROM auth.verification WHERE "expiresAt" < clock_timestamp()', []);
    await internalAdapter.createVerificationValue({ identifier: name, value, expiresAt: new Date(Date.now() + seconds * 1_000) });
  }

  /** Without taking it. */
  async read(name: string): Promise<string | undefined> {
    const { internalAdapter } = await this.auth.$context;
    const value = await internalAdapter.findVerificationValue(name);
    return value && value.expiresAt > new Date() ? value.value : undefined;
  }

  /** Undefined: never kept, taken already, or expired. */
  async take(name: string): Promise<string | undefined> {
    const { internalAdapter } = await this.auth.$context;
    return (await internalAdapter.consumeVerificationValue(name))?.value;
  }
}
