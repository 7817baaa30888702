import { Inject, Injectable, Logger } from '@nestjs/common';
import { AppError } from '../common/errors.js';
import { passwordReset } from '../mail/messages.js';
import { Attempts } from './attempts.js';
import type { Origin } from './client.js';
import { IdentityDatabase } from './identity-database.js';
import { IDENTITY_OPTIONS, type IdentityOptions } from './identity-options.js';
import { OneTimeValues } from './one-time-values.js';
import { hashPassword, MINIMUM_ALONE, MINIMUM_WITH_SECOND_FACTOR, passwordProblem } from './passwords.js';
import { newToken } from './tokens.js';

const LINK_SECONDS = 60 * 60;

interface Person {
  readonly id: string;
  readonly name: string;
  readonly email: string;
}

/** A new password for somebody who forgot theirs, by a link in a mail. Second factors stay, and must be shown as ever. */
@Injectable()
export class PasswordReset {
  private readonly logger = new Logger('PasswordReset');

  constructor(
    private readonly database: IdentityDatabase,
    private readonly attempts: Attempts,
    private readonly values: OneTimeValues,
    @Inject(IDENTITY_OPTIONS) private readonly options: IdentityOptions,
  ) {}

  /** The same answer, as soon, whether or not there is such an account: the mail is sent afterwards. */
  async request(origin: Origin, email: string): Promise<void> {
    if (!this.options.mailer) {
      throw new AppError('mail.not-set-up', 409, 'This server sends no mail.', {
        detail: 'Ask an administrator of your clinic for a new link.',
      });
    }
    const account = email.toLowerCase();
    // Each request counts, so that nobody's mailbox is filled.
    await this.attempts.beginCode(`reset ${account}`, undefined);
    void this.send(account, origin).catch((error: unknown) => this.logger.error('A link could not be sent.', error));
  }

  private async send(account: string, origin: Origin): Promise<void> {
    const [person] = await this.database.query<Person>(
      `SELECT "user".id, "user".name, "user".email
         FROM auth."user" JOIN auth.account ON account."userId" = "user".id AND account."providerId" = 'credential'
        WHERE "user".email = $1`,
      [account],
    );
    const token = newToken();
    await this.database.transact(async (act) => {
      await act.record({ event: 'password.forgotten', outcome: person ? 'success' : 'failure', userId: person?.id, ...origin });
      if (person) await this.values.keep(`reset ${token}`, person.id, LINK_SECONDS, act);
    });
    if (!person) return;
    const link = new URL(`/password#${token}`, this.options.baseUrl).href;
    await this.options.mailer?.send({ to: { name: person.name, address: person.email }, ...passwordReset({ name: person.name, link }) });
  }

  async reset(origin: Origin, token: string, password: string): Promise<void> {
    const userId = await this.values.read(`reset ${token}`);
    const [person] = await this.database.query<Person & { clinics: string[]; has_factor: boolean }>(
      `SELECT "user".id, "user".name, "user".email, auth.clinics_of("user".id) AS clinics,
              EXISTS (SELECT FROM auth.totp WHERE user_id = "user".id AND confirmed_at IS NOT NULL)
                OR EXISTS (SELECT FROM auth.passkey WHERE user_id = "user".id) AS has_factor
         FROM auth."user" WHERE "user".id = $1`,
      [userId ?? ''],
    );
    if (!person) throw closed();
    const problem = await passwordProblem(password, {
      minimum: person.has_factor ? MINIMUM_WITH_SECOND_FACTOR : MINIMUM_ALONE,
      names: [person.name, person.email, ...person.clinics],
    });
    if (problem) throw problem;
    const hash = await hashPassword(password);
    await this.database.transact(async (act) => {
      await act.takeTurn(person.id);
      // Taken only now, so that a refused password doesn't cost the link.
      if ((await this.values.take(`reset ${token}`, act)) !== person.id) throw closed();
      await act.query(
        `UPDATE auth.account SET password = $2, needs_factor = $3, "updatedAt" = clock_timestamp()
          WHERE "userId" = $1 AND "providerId" = 'credential'`,
        [person.id, hash, [...password.normalize('NFKC')].length < MINIMUM_ALONE],
      );
      await act.query('DELETE FROM auth.session WHERE "userId" = $1', [person.id]);
      await act.record({ event: 'password.reset', outcome: 'success', userId: person.id, ...origin });
    });
  }
}

function closed(): AppError {
  return new AppError('password-reset.closed', 410, 'This link was used or has expired.', {
    detail: 'Request another: POST /api/auth/password/forgotten.',
  });
}
