import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { Secret, TOTP } from 'otpauth';
import { AppError } from '../common/errors.js';
import { decrypt, encrypt } from './encryption.js';
import { type Act, IdentityDatabase } from './identity-database.js';
import { IDENTITY_OPTIONS, type IdentityOptions } from './identity-options.js';
import { hashToken } from './tokens.js';

const PERIOD_SECONDS = 30;
/** A code of the period before or after is taken, for clocks that differ. */
const WINDOW = 1;
const RECOVERY_CODES = 10;

/** Uses up a proof that was right when it was looked at, within the act that it is for. False: it has counted already, or holds no more. */
export type Spend = (act: Act) => Promise<boolean>;

/** One-time codes of an authenticator app (RFC 6238), and the recovery codes for when it is lost. */
@Injectable()
export class SecondFactors {
  constructor(
    private readonly database: IdentityDatabase,
    @Inject(IDENTITY_OPTIONS) private readonly options: IdentityOptions,
  ) {}

  /** A new secret, which counts once a code of it is confirmed. */
  async enrolTotp(userId: string, email: string): Promise<{ secret: string; uri: string }> {
    const totp = makeTotp(new Secret({ size: 20 }), email);
    const encrypted = encrypt(this.options.secret, totp.secret.base32);
    const rows = await this.database.query(
      `INSERT INTO auth.totp (user_id, secret) VALUES ($1, $2)
       ON CONFLICT (user_id) DO UPDATE SET secret = EXCLUDED.secret, created_at = clock_timestamp(), last_period = 0
         WHERE totp.confirmed_at IS NULL
       RETURNING user_id`,
      [userId, encrypted],
    );
    if (rows.length === 0) {
      throw new AppError('totp.already-set-up', 409, 'An authenticator app is already set up.', {
        detail: 'Remove it first: DELETE /api/me/totp.',
      });
    }
    return { secret: totp.secret.base32, uri: totp.toString() };
  }

  /** Confirms the secret with a first code. Undefined: the code is wrong, or there is nothing to confirm. */
  confirmTotp(userId: string, code: string): Promise<Spend | undefined> {
    return this.checkCode(userId, code, 'confirmed_at IS NULL');
  }

  checkTotp(userId: string, code: string): Promise<Spend | undefined> {
    return this.checkCode(userId, code, 'confirmed_at IS NOT NULL');
  }

  /** Each code counts once, also when it comes twice at the same time: the newest accepted period only ever grows. */
  private async checkCode(userId: string, code: string, condition: string): Promise<Spend | undefined> {
    const [row] = await this.database.query<{ secret: string }>(`SELECT secret FROM auth.totp WHERE user_id = $1 AND ${condition}`, [
      userId,
    ]);
    if (!row) return undefined;
    const totp = makeTotp(Secret.fromBase32(decrypt(this.options.secret, row.secret)));
    const now = Date.now();
    const delta = totp.validate({ token: code, window: WINDOW, timestamp: now });
    if (delta === null) return undefined;
    const period = Math.floor(now / 1000 / PERIOD_SECONDS) + delta;
    return async (act) => {
      const spent = await act.query(
        `UPDATE auth.totp SET last_period = $2, confirmed_at = COALESCE(confirmed_at, clock_timestamp())
          WHERE user_id = $1 AND secret = $3 AND last_period < $2 AND ${condition} RETURNING user_id`,
        [userId, period, row.secret],
      );
      return spent.length === 1;
    };
  }

  async removeTotp(act: Act, userId: string): Promise<boolean> {
    const rows = await act.query(
      `WITH codes AS (DELETE FROM auth.recovery_code WHERE user_id = $1)
       DELETE FROM auth.totp WHERE user_id = $1 RETURNING user_id`,
      [userId],
    );
    return rows.length === 1;
  }

  /** New recovery codes instead of the old ones. They are shown this once. */
  async renewRecoveryCodes(act: Act, userId: string): Promise<string[]> {
    const codes = Array.from({ length: RECOVERY_CODES }, newRecoveryCode);
    await act.query(
      `WITH old AS (DELETE FROM auth.recovery_code WHERE user_id = $1)
       INSERT INTO auth.recovery_code (user_id, hash) SELECT $1, unnest($2::text[])`,
      [userId, codes.map(hashRecoveryCode)],
    );
    return codes;
  }

  useRecoveryCode(userId: string, code: string): Spend {
    return async (act) => {
      const spent = await act.query(
        'UPDATE auth.recovery_code SET used_at = clock_timestamp() WHERE user_id = $1 AND hash = $2 AND used_at IS NULL RETURNING user_id',
        [userId, hashRecoveryCode(code)],
      );
      return spent.length === 1;
    };
  }
}

function makeTotp(secret: Secret, email = ''): TOTP {
  return new TOTP({ issuer: 'Assent', label: email, secret, digits: 6, period: PERIOD_SECONDS, algorithm: 'SHA1' });
}

const ALPHABET = 'abcdefghijkmnpqrstuvwxyz23456789';

/** 24 of 32 letters and digits that aren't mistaken for each other: 120 bits, so that a plain hash keeps them safe. */
function newRecoveryCode(): string {
  const characters = Array.from(randomBytes(24), (byte) => ALPHABET[byte % ALPHABET.length]).join('');
  return (characters.match(/.{4}/g) ?? []).join('-');
}

function hashRecoveryCode(code: string): string {
  return hashToken(code.toLowerCase().replaceAll(/[^a-z0-9]/g, ''));
}
