import { Injectable } from '@nestjs/common';
import type { PublicKeyCredentialCreationOptionsJSON } from '@simplewebauthn/server';
import type { Actor, Ctx } from '../common/context.js';
import { AppError, Denial, notFound } from '../common/errors.js';
import { Attempts } from './attempts.js';
import type { Client, Origin } from './client.js';
import { type Act, IdentityDatabase } from './identity-database.js';
import { type ContinuedLogin, LoginSessions, notSignedIn } from './login-sessions.service.js';
import type { ChangePassword, RegisterPasskey } from './me.dto.js';
import { type Passkey, Passkeys } from './passkeys.service.js';
import { hashPassword, MINIMUM_ALONE, MINIMUM_WITH_SECOND_FACTOR, passwordProblem } from './passwords.js';
import { SecondFactors, type Spend } from './second-factors.service.js';
import { SignIn } from './sign-in.service.js';

/** A person's own means of signing in. Each change ends their other logins and is recorded, in one transaction. */
@Injectable()
export class Account {
  constructor(
    private readonly database: IdentityDatabase,
    private readonly attempts: Attempts,
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
      throw new Denial('second-factor-required', 403, 'A second factor is required.', { detail: 'Confirm it with POST /api/auth/verify.' });
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
    if (typeof row?.allowed !== 'boolean') throw notSignedIn();
    if (!row.allowed) {
      throw new Denial('sso.not-enough', 403, 'Your account also opens another clinic.', {
        detail: 'Sign in with your password or a passkey to change it: single sign-on is valid for one clinic only.',
      });
    }
  }

  async changePassword(ctx: Ctx, client: Client, { currentPassword, newPassword }: ChangePassword): Promise<ContinuedLogin> {
    const { actor } = ctx;
    const { stillHas, hash, needsFactor } = await ctx.ahead(() => this.checkPasswords(actor, client, { currentPassword, newPassword }));
    return this.change(ctx, client, { event: 'password.change' }, async (act) => {
      if (!(await stillHas(act))) throw wrongPassword();
      await act.query(
        `INSERT INTO auth.account (id, "accountId", "providerId", "userId", password, needs_factor)
         VALUES (gen_random_uuid(), $1, 'credential', $1, $2, $3)
         ON CONFLICT ("userId", "providerId")
         DO UPDATE SET password = EXCLUDED.password, needs_factor = EXCLUDED.needs_factor, "updatedAt" = clock_timestamp()`,
        [actor.userId, hash, needsFactor],
      );
    });
  }

  private async checkPasswords(
    actor: Actor,
    client: Client,
    { currentPassword, newPassword }: ChangePassword,
  ): Promise<{ stillHas: Spend; hash: string; needsFactor: boolean }> {
    await this.assertMayChange(actor);
    const stillHas = await this.checkCurrentPassword(actor, client, currentPassword ?? '');
    const secondFactors = (await this.sessions.factors(actor.userId)).filter((factor) => factor !== 'recovery_code');
    const minimum = secondFactors.length > 0 ? MINIMUM_WITH_SECOND_FACTOR : MINIMUM_ALONE;
    const problem = await passwordProblem(newPassword, { minimum, names: [actor.name, actor.clinicName, actor.email] });
    if (problem) throw problem;
    const needsFactor = [...newPassword.normalize('NFKC')].length < MINIMUM_ALONE;
    return { stillHas, hash: await hashPassword(newPassword), needsFactor };
  }

  /** A person without a password shows none. */
  private async checkCurrentPassword(actor: Actor, client: Client, password: string): Promise<Spend> {
    const credentials = `SELECT "userId" FROM auth.account WHERE "userId" = $1 AND "providerId" = 'credential'`;
    if ((await this.database.query(credentials, [actor.userId])).length === 0) {
      return async (act) => (await act.query(credentials, [actor.userId])).length === 0;
    }
    const attempt = await this.attempts.beginCode(await this.signIns.accountOf(actor.userId), client.device);
    const stillHas = await this.signIns.checkPassword(actor.userId, password);
    if (!stillHas) {
      await record(this.database, client, actor, 'password.change', 'failure');
      throw wrongPassword();
    }
    await attempt.succeeded();
    return stillHas;
  }

  async enrolTotp(actor: Actor): Promise<{ secret: string; uri: string }> {
    await this.assertMayChange(actor);
    return this.factors.enrolTotp(actor.userId, actor.email);
  }

  async confirmTotp(ctx: Ctx, client: Client, code: string): Promise<ContinuedLogin & { recoveryCodes: string[] }> {
    const { actor } = ctx;
    await this.assertMayChange(actor);
    const attempt = await this.attempts.beginCode(await this.signIns.accountOf(actor.userId), client.device);
    const confirm = await this.factors.confirmTotp(actor.userId, code);
    let recoveryCodes: string[] = [];
    const login = await this.change(ctx, client, { event: 'totp.add', method: 'totp' }, async (act) => {
      if (!(await confirm?.(act))) {
        throw new AppError('totp.wrong', 422, 'The code is wrong.', {
          detail: 'Type the code that the app shows now. If there is none to confirm, start again: POST /api/me/totp.',
        });
      }
      recoveryCodes = await this.factors.renewRecoveryCodes(act, actor.userId);
    });
    await attempt.succeeded();
    return { ...login, recoveryCodes };
  }

  async removeTotp(ctx: Ctx, client: Client): Promise<ContinuedLogin> {
    await this.assertMayChange(ctx.actor);
    return this.change(ctx, client, { event: 'totp.remove' }, async (act) => {
      if (!(await this.factors.removeTotp(act, ctx.actor.userId))) throw notFound('authenticator app');
    });
  }

  async renewRecoveryCodes(actor: Actor, origin: Origin): Promise<string[]> {
    await this.assertMayChange(actor);
    return this.database.transact(async (act) => {
      await act.takeTurn(actor.userId);
      if ((await this.sessions.factors(actor.userId, act)).length === 0) {
        throw new AppError('recovery-codes.no-factor', 409, 'There is no second factor to recover.', {
          detail: 'Set one up first: POST /api/me/totp.',
        });
      }
      await record(act, origin, actor, 'recovery-codes.renew', 'success');
      return this.factors.renewRecoveryCodes(act, actor.userId);
    });
  }

  async startPasskey(actor: Actor): Promise<PublicKeyCredentialCreationOptionsJSON> {
    await this.assertMayChange(actor);
    return this.passkeys.registrationOptions(actor.userId, actor.email, actor.name);
  }

  async addPasskey(ctx: Ctx, client: Client, { label, response }: RegisterPasskey): Promise<ContinuedLogin & { passkey: Passkey }> {
    await this.assertMayChange(ctx.actor);
    const add = await this.passkeys.register(ctx.actor.userId, label, response as never);
    let passkey: Passkey | undefined;
    const login = await this.change(ctx, client, { event: 'passkey.add', method: 'passkey' }, async (act) => {
      passkey = await add(act);
    });
    return { ...login, passkey: passkey as Passkey };
  }

  async removePasskey(ctx: Ctx, client: Client, id: string): Promise<ContinuedLogin> {
    await this.assertMayChange(ctx.actor);
    return this.change(ctx, client, { event: 'passkey.remove' }, async (act) => {
      if (!(await this.passkeys.remove(act, ctx.actor.userId, id))) throw notFound('passkey');
    });
  }

  /** Other logins end: they may be somebody else's. */
  private async change(
    { actor, tx }: Ctx,
    client: Client,
    { event, method }: { readonly event: string; readonly method?: string },
    work: (act: Act) => Promise<void>,
  ): Promise<ContinuedLogin> {
    const token = await this.database.transact(async (act) => {
      await act.takeTurn(actor.userId);
      await work(act);
      await this.sessions.endOthers(act, actor.userId, actor.sessionId);
      await record(act, client, actor, event, 'success');
      return this.sessions.renew(act, client, actor, method ? { method } : {});
    });
    return this.sessions.goOn(token, client, tx);
  }
}

function record(
  by: IdentityDatabase | Act,
  origin: Origin,
  { userId, staffId }: Actor,
  event: string,
  outcome: 'success' | 'failure',
): Promise<void> {
  return by.record({ event, outcome, userId, staffId, ...origin });
}

function wrongPassword(): AppError {
  return new AppError('password.wrong', 422, 'The current password is wrong.', { detail: 'Type it again.' });
}
