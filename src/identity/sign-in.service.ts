import { Injectable } from '@nestjs/common';
import type { Actor, Ctx } from '../common/context.js';
import { AppError, malformed } from '../common/errors.js';
import { Attempts, TooManyAttempts } from './attempts.js';
import type { Client, Origin } from './client.js';
import { type Act, IdentityDatabase } from './identity-database.js';
import { type ContinuedLogin, LoginSessions } from './login-sessions.service.js';
import { Passkeys } from './passkeys.service.js';
import { hashPassword, isPossible, verifyPassword } from './passwords.js';
import { SecondFactors, type Spend } from './second-factors.service.js';
import type { Credentials, Proof } from './sign-in.dto.js';

export const METHODS = { password: 'password', totp: 'totp', recoveryCode: 'recovery_code' } as const;

/** Signs people in, and lets them prove once more who they are. Every attempt is limited and recorded. */
@Injectable()
export class SignIn {
  constructor(
    private readonly database: IdentityDatabase,
    private readonly attempts: Attempts,
    private readonly sessions: LoginSessions,
    private readonly factors: SecondFactors,
    private readonly passkeys: Passkeys,
  ) {}

  async byPassword(client: Client, { email, password }: Credentials): Promise<ContinuedLogin> {
    const account = email.toLowerCase();
    const recordFailure = async (detail: object) => {
      const [user] = await this.database.query<{ id: string }>('SELECT id FROM auth."user" WHERE email = $1', [account]);
      await this.database.record({ event: 'sign-in', outcome: 'failure', userId: user?.id, ...client, detail });
    };
    const attempt = await this.attempts
      .begin({ account, address: client.address, device: client.device })
      .catch((error: unknown) => recordLimit(error, recordFailure));
    const person = await this.personWith(account, password);
    const token =
      person &&
      (await this.database.transact(async (act) => {
        await act.takeTurn(person.userId);
        return (await person.stillHas(act)) ? this.sessions.open(act, client, { userId: person.userId, methods: 'password' }) : undefined;
      }));
    if (!token) {
      await recordFailure({ methods: ['password'] });
      throw new AppError('sign-in.refused', 401, 'The email address or the password is wrong.', {
        detail: 'Try again, or ask an administrator of your clinic for a new link.',
      });
    }
    await attempt.succeeded();
    return this.onKnownDevice(account, client, await this.sessions.goOn(token, client));
  }

  /** Who has this address and this password. The answer and the work are the same whether or not there is such an account. */
  private async personWith(email: string, password: string): Promise<{ userId: string; stillHas: Spend } | undefined> {
    if (!isPossible(password)) return undefined;
    const [account] = await this.database.query<{ userId: string; password: string }>(
      `SELECT account."userId", account.password
         FROM auth."user" JOIN auth.account ON account."userId" = "user".id AND account."providerId" = 'credential'
        WHERE "user".email = $1`,
      [email],
    );
    if (!account) {
      await hashPassword(password);
      return undefined;
    }
    if (!(await verifyPassword(account.password, password))) return undefined;
    return { userId: account.userId, stillHas: stillHasPassword(account.userId, account.password) };
  }

  /** A passkey as the whole sign-in. Nobody can guess one, so that no limit is needed. */
  async byPasskey(client: Client, response: object): Promise<ContinuedLogin> {
    const { userId, noteUse } = await this.passkeys.authenticate(response as never).catch(async (error: unknown) => {
      await this.database.record({ event: 'sign-in', outcome: 'failure', ...client, detail: { methods: ['passkey'] } });
      throw error;
    });
    const token = await this.database.transact(async (act) => {
      await act.takeTurn(userId);
      await noteUse(act);
      return this.sessions.open(act, client, { userId, methods: 'passkey' });
    });
    return this.sessions.goOn(token, client);
  }

  /** One more proof in a login that has begun: the second factor, the end of a lock, or a fresh authentication. */
  async verify(ctx: Ctx, client: Client, proof: Proof): Promise<ContinuedLogin> {
    const given = Object.entries(METHODS).filter(([field]) => typeof proof[field as keyof Proof] === 'string');
    const [one] = given;
    if (!one || given.length > 1) {
      throw malformed([{ field: 'body', message: 'must have exactly one of password, totp, recoveryCode' }]);
    }
    const [field, method] = one as [keyof Proof, string];
    const { actor, tx } = ctx;
    const { account, attempt, spend } = await ctx.ahead(async () => {
      const account = await this.accountOf(actor.userId);
      const attempt = await this.attempts
        .beginCode(account, client.device)
        .catch((error: unknown) =>
          recordLimit(error, () => recordVerification(this.database, client, actor, 'failure', 'too many attempts')),
        );
      return { account, attempt, spend: await this.check(field, actor.userId, proof[field] ?? '') };
    });
    const token = spend && (await this.database.transact((act) => this.proceed(act, client, actor, method, spend)));
    if (!token) {
      await recordVerification(this.database, client, actor, 'failure', method);
      const { title, remedy } = REFUSALS[field];
      throw new AppError('verification.refused', 401, title, { detail: remedy });
    }
    await attempt.succeeded();
    return this.onKnownDevice(account, client, await this.sessions.goOn(token, client, tx));
  }

  async verifyByPasskey({ actor, tx }: Ctx, client: Client, response: object): Promise<ContinuedLogin> {
    const { noteUse } = await this.passkeys.authenticate(response as never, actor.userId).catch(async (error: unknown) => {
      await recordVerification(this.database, client, actor, 'failure', 'passkey');
      throw error;
    });
    const token = await this.database.transact(async (act) => {
      await act.takeTurn(actor.userId);
      await noteUse(act);
      await recordVerification(act, client, actor, 'success', 'passkey');
      return this.sessions.renew(act, client, actor, { method: 'passkey' });
    });
    return this.sessions.goOn(token, client, tx);
  }

  /** Uses the proof up and goes on with the login, under the token that it returns. Undefined: somebody was quicker with the same proof. */
  private async proceed(act: Act, client: Client, actor: Actor, method: string, spend: Spend): Promise<string | undefined> {
    await act.takeTurn(actor.userId);
    if (!(await spend(act))) return undefined;
    await recordVerification(act, client, actor, 'success', method);
    return this.sessions.renew(act, client, actor, { method });
  }

  /** From now on this browser has limits of its own: nobody else's guesses shut it out. */
  private onKnownDevice(account: string, { device }: Client, login: ContinuedLogin): ContinuedLogin {
    return login.state.actor.state === 'second_factor' ? login : { ...login, device: this.attempts.issueDevice(account, device) };
  }

  private async check(field: keyof Proof, userId: string, value: string): Promise<Spend | undefined> {
    if (field === 'password') return this.checkPassword(userId, value);
    return field === 'totp' ? this.factors.checkTotp(userId, value) : this.factors.useRecoveryCode(userId, value);
  }

  /** The email address with which a person signs in. */
  async accountOf(userId: string): Promise<string> {
    const [user] = await this.database.query<{ email: string }>('SELECT email FROM auth."user" WHERE id = $1', [userId]);
    return user?.email ?? '';
  }

  /** Undefined: it isn't theirs. */
  async checkPassword(userId: string, password: string): Promise<Spend | undefined> {
    const [account] = await this.database.query<{ password: string }>(
      `SELECT password FROM auth.account WHERE "userId" = $1 AND "providerId" = 'credential'`,
      [userId],
    );
    if (!account || !(await verifyPassword(account.password, password))) return undefined;
    return stillHasPassword(userId, account.password);
  }
}

/** Comparing took a while, without a connection: an act asks whether the password was changed meanwhile. */
function stillHasPassword(userId: string, hash: string): Spend {
  return async (act) => {
    const rows = await act.query(
      `SELECT "userId" FROM auth.account WHERE "userId" = $1 AND "providerId" = 'credential' AND password = $2`,
      [userId, hash],
    );
    return rows.length === 1;
  };
}

function recordVerification(
  by: IdentityDatabase | Act,
  origin: Origin,
  { userId, staffId, state }: Actor,
  outcome: 'success' | 'failure',
  method: string,
): Promise<void> {
  return by.record({ event: 'verification', outcome, userId, staffId, ...origin, detail: { method, state } });
}

/** The first refusal of a window is recorded, and each is passed on. */
async function recordLimit(error: unknown, record: (detail: object) => Promise<void>): Promise<never> {
  if (error instanceof TooManyAttempts && error.first) await record({ limit: 'too many attempts' });
  throw error;
}

const REFUSALS: Readonly<Record<keyof Proof, { readonly title: string; readonly remedy: string }>> = {
  password: { title: 'Incorrect password.', remedy: 'Try again.' },
  totp: { title: 'Incorrect code.', remedy: 'Wait for the next code in the app: each works once. Check the clock of the device.' },
  recoveryCode: {
    title: 'Incorrect recovery code.',
    remedy: 'Each recovery code works once. Try another, or ask an administrator of your clinic for a new link.',
  },
};
