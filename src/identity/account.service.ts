import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Actor } from '../common/context.js';
import { AppError, Denial, notFound } from '../common/errors.js';
import { Attempts } from './attempts.js';
import { IdentityDatabase } from './identity-database.js';
import { LoginSessions, whereFrom } from './login-sessions.service.js';
import type { ChangePassword, RegisterPasskey } from './me.dto.js';
import { type Passkey, Passkeys } from './passkeys.service.js';
import { hashPassword, MINIMUM_ALONE, MINIMUM_WITH_SECOND_FACTOR, passwordProblem } from './passwords.js';
import { SecondFactors } from './second-factors.service.js';
import { SignIn } from './sign-in.service.js';
import { DeviceCookie } from './tokens.js';

/** A person's own means of signing in. Each change ends their other sessions and is recorded. */
@Injectable()
export class Account {
  constructor(
    private readonly database: IdentityDatabase,
    private readonly attempts: Attempts,
    private readonly devices: DeviceCookie,
    private readonly sessions: LoginSessions,
    private readonly factors: SecondFactors,
    private readonly passkeys: Passkeys,
    private readonly signIns: SignIn,
  ) {}

  /**
   * Who may change how they sign in: somebody who authenticated a short while ago, or who must set up their first second factor
   * now. Not by the word of one clinic's provider when the same account opens another clinic.
   */
  async assertMayChange(actor: Actor): Promise<void> {
    const setsUpFirst = actor.state === 'second_factor' && !actor.hasFactor;
    if (actor.machine || (actor.state !== 'full' && !setsUpFirst)) {
      throw new Denial('second-factor-required', 403, 'A second factor is required.', { detail: 'Show it with POST /api/auth/verify.' });
    }
    if (!actor.fresh) {
      throw new Denial('reauthentication-required', 403, 'Confirm that it is you.', {
        detail: 'Authenticate again with POST /api/auth/verify, then repeat the request.',
      });
    }
    const [row] = await this.database.query<{ allowed: boolean | null }>('SELECT auth.may_change_account($1) AS allowed', [
      actor.sessionId,
    ]);
    // Ended a moment ago, by another change.
    if (typeof row?.allowed !== 'boolean') {
      throw new AppError('not-signed-in', 401, 'You are not signed in.', { detail: 'Sign in: POST /api/auth/sign-in.' });
    }
    if (!row.allowed) {
      throw new Denial('sso.not-enough', 403, 'Your account also opens another clinic.', {
        detail: 'Sign in with your password or a passkey to change it: single sign-on speaks for one clinic only.',
      });
    }
  }

  async changePassword(
    request: FastifyRequest,
    reply: FastifyReply,
    actor: Actor,
    { currentPassword, newPassword }: ChangePassword,
  ): Promise<void> {
    await this.assertMayChange(actor);
    const [account] = await this.database.query('SELECT FROM auth.account WHERE "userId" = $1 AND "providerId" = \'credential\'', [
      actor.userId,
    ]);
    if (account) {
      const attempt = await this.attempts.beginCode(await this.signIns.accountOf(actor.userId), this.devices.read(request));
      if (!(await this.signIns.isPasswordOf(actor.userId, currentPassword ?? ''))) {
        await this.record(request, actor, 'password.change', 'failure');
        throw new AppError('password.wrong', 422, 'The present password is wrong.', { detail: 'Type it again.' });
      }
      await attempt.succeeded();
    }
    const secondFactors = (await this.sessions.factors(actor.userId)).filter((factor) => factor !== 'recovery_code');
    const minimum = secondFactors.length > 0 ? MINIMUM_WITH_SECOND_FACTOR : MINIMUM_ALONE;
    const problem = await passwordProblem(newPassword, { minimum, names: [actor.name, actor.clinicName, actor.email] });
    if (problem) throw problem;
    await this.database.query(
      `INSERT INTO auth.account (id, "accountId", "providerId", "userId", password, needs_factor)
       VALUES (gen_random_uuid(), $1, 'credential', $1, $2, $3)
       ON CONFLICT ("userId", "providerId")
       DO UPDATE SET password = EXCLUDED.password, needs_factor = EXCLUDED.needs_factor, "updatedAt" = clock_timestamp()`,
      [actor.userId, await hashPassword(newPassword), [...newPassword.normalize('NFKC')].length < MINIMUM_ALONE],
    );
    await this.changed(request, reply, actor, 'password.change');
  }

  async enrolTotp(actor: Actor): Promise<{ secret: string; uri: string }> {
    await this.assertMayChange(actor);
    return this.factors.enrolTotp(actor.userId, actor.email);
  }

  async confirmTotp(request: FastifyRequest, reply: FastifyReply, actor: Actor, code: string): Promise<string[]> {
    await this.assertMayChange(actor);
    const attempt = await this.attempts.beginCode(await this.signIns.accountOf(actor.userId), this.devices.read(request));
    if (!(await this.factors.confirmTotp(actor.userId, code))) {
      throw new AppError('totp.wrong', 422, 'The code is wrong.', {
        detail: 'Type the code that the app shows now. If there is none to confirm, start again: POST /api/me/totp.',
      });
    }
    await attempt.succeeded();
    const codes = await this.factors.renewRecoveryCodes(actor.userId);
    await this.changed(request, reply, actor, 'totp.add', 'totp');
    return codes;
  }

  async removeTotp(request: FastifyRequest, reply: FastifyReply, actor: Actor): Promise<void> {
    await this.assertMayChange(actor);
    if (!(await this.factors.removeTotp(actor.userId))) throw notFound('authenticator app');
    await this.changed(request, reply, actor, 'totp.remove');
  }

  async renewRecoveryCodes(request: FastifyRequest, actor: Actor): Promise<string[]> {
    await this.assertMayChange(actor);
    if ((await this.sessions.factors(actor.userId)).length === 0) {
      throw new AppError('recovery-codes.no-factor', 409, 'There is no second factor to recover.', {
        detail: 'Set one up first: POST /api/me/totp.',
      });
    }
    const codes = await this.factors.renewRecoveryCodes(actor.userId);
    await this.record(request, actor, 'recovery-codes.renew', 'success');
    return codes;
  }

  async startPasskey(actor: Actor): Promise<object> {
    await this.assertMayChange(actor);
    return this.passkeys.registrationOptions(actor.userId, actor.email, actor.name);
  }

  async addPasskey(request: FastifyRequest, reply: FastifyReply, actor: Actor, { label, response }: RegisterPasskey): Promise<Passkey> {
    await this.assertMayChange(actor);
    const passkey = await this.passkeys.register(actor.userId, label, response as never);
    await this.changed(request, reply, actor, 'passkey.add', 'passkey');
    return passkey;
  }

  async removePasskey(request: FastifyRequest, reply: FastifyReply, actor: Actor, id: string): Promise<void> {
    await this.assertMayChange(actor);
    if (!(await this.passkeys.remove(actor.userId, id))) throw notFound('passkey');
    await this.changed(request, reply, actor, 'passkey.remove');
  }

  /** Whoever may be signed in elsewhere, perhaps not by the person's own doing, is signed out. */
  private async changed(request: FastifyRequest, reply: FastifyReply, actor: Actor, event: string, method?: string): Promise<void> {
    await this.sessions.endOthers(actor.userId, actor.sessionId);
    await this.sessions.renew(request, reply, actor, method ? { method } : {});
    await this.record(request, actor, event, 'success');
  }

  private record(request: FastifyRequest, actor: Actor, event: string, outcome: 'success' | 'failure'): Promise<void> {
    return this.database.record({ event, outcome, userId: actor.userId, staffId: actor.staffId, ...whereFrom(request) });
  }
}
