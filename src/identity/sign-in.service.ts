import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Actor, Ctx } from '../common/context.js';
import { AppError, malformed } from '../common/errors.js';
import { Attempts, DEVICE_SECONDS, TooManyAttempts } from './attempts.js';
import { IdentityDatabase } from './identity-database.js';
import { LoginSessions, type Standing, whereFrom } from './login-sessions.service.js';
import { Passkeys } from './passkeys.service.js';
import { hashPassword, isPossible, verifyPassword } from './passwords.js';
import { SecondFactors } from './second-factors.service.js';
import type { Credentials, Proof } from './sign-in.dto.js';
import { DeviceCookie } from './tokens.js';

export const METHODS = { password: 'password', totp: 'totp', recoveryCode: 'recovery_code' } as const;

/** Signs people in, and lets them prove once more who they are. Every attempt is limited and recorded. */
@Injectable()
export class SignIn {
  constructor(
    private readonly database: IdentityDatabase,
    private readonly attempts: Attempts,
    private readonly devices: DeviceCookie,
    private readonly sessions: LoginSessions,
    private readonly factors: SecondFactors,
    private readonly passkeys: Passkeys,
  ) {}

  async byPassword(request: FastifyRequest, reply: FastifyReply, { email, password }: Credentials): Promise<Standing> {
    const account = email.toLowerCase();
    const recordFailure = async (detail: object) => {
      const [user] = await this.database.query<{ id: string }>('SELECT id FROM auth."user" WHERE email = $1', [account]);
      await this.database.record({ event: 'sign-in', outcome: 'failure', userId: user?.id, ...whereFrom(request), detail });
    };
    const attempt = await this.attempts
      .begin({ account, address: request.ip, device: this.devices.read(request) })
      .catch((error: unknown) => recordLimit(error, recordFailure));
    const userId = await this.personWith(account, password);
    if (userId === undefined) {
      await recordFailure({ methods: ['password'] });
      throw new AppError('sign-in.refused', 401, 'The email address or the password is wrong.', {
        detail: 'Try again, or ask an administrator of your clinic for a new link.',
      });
    }
    await attempt.succeeded();
    const standing = await this.sessions.open(request, reply, { userId, methods: 'password' });
    if (standing.actor.state !== 'second_factor') this.rememberDevice(request, reply, account);
    return standing;
  }

  /** Who has this address and this password. The answer and the work are the same whether or not there is such an account. */
  private async personWith(email: string, password: string): Promise<string | undefined> {
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
    return (await verifyPassword(account.password, password)) ? account.userId : undefined;
  }

  /** A passkey as the whole sign-in. Nobody can guess one, so that no limit is needed. */
  async byPasskey(request: FastifyRequest, reply: FastifyReply, response: object): Promise<Standing> {
    const userId = await this.passkeys.authenticate(response as never).catch(async (error: unknown) => {
      await this.database.record({ event: 'sign-in', outcome: 'failure', ...whereFrom(request), detail: { methods: ['passkey'] } });
      throw error;
    });
    return this.sessions.open(request, reply, { userId, methods: 'passkey' });
  }

  /** One more proof in a session that has begun: the second factor, the end of a lock, or a fresh authentication. */
  async verify({ actor }: Ctx, request: FastifyRequest, reply: FastifyReply, proof: Proof): Promise<Standing> {
    const given = Object.entries(METHODS).filter(([field]) => typeof proof[field as keyof Proof] === 'string');
    const [one] = given;
    if (!one || given.length > 1) {
      throw malformed([{ field: 'body', message: 'must have exactly one of password, totp, recoveryCode' }]);
    }
    const [field, method] = one as [keyof Proof, string];
    const account = await this.accountOf(actor.userId);
    const attempt = await this.attempts
      .beginCode(account, this.devices.read(request))
      .catch((error: unknown) => recordLimit(error, () => this.recordVerification(request, actor, 'failure', 'too many attempts')));
    const right = await this.check(field, actor.userId, proof[field] ?? '');
    await this.recordVerification(request, actor, right ? 'success' : 'failure', method);
    if (!right) throw new AppError('verification.refused', 401, 'That is not right.', { detail: REMEDIES[field] });
    await attempt.succeeded();
    const standing = await this.sessions.renew(request, reply, actor, { method });
    if (standing.actor.state !== 'second_factor') this.rememberDevice(request, reply, account);
    return standing;
  }

  async verifyByPasskey({ actor }: Ctx, request: FastifyRequest, reply: FastifyReply, response: object): Promise<Standing> {
    const recordAs = (outcome: 'success' | 'failure') => this.recordVerification(request, actor, outcome, 'passkey');
    await this.passkeys.authenticate(response as never, actor.userId).catch(async (error: unknown) => {
      await recordAs('failure');
      throw error;
    });
    await recordAs('success');
    return this.sessions.renew(request, reply, actor, { method: 'passkey' });
  }

  private recordVerification(request: FastifyRequest, actor: Actor, outcome: 'success' | 'failure', method: string): Promise<void> {
    const { userId, staffId, state } = actor;
    return this.database.record({ event: 'verification', outcome, userId, staffId, ...whereFrom(request), detail: { method, state } });
  }

  /** From now on this browser has limits of its own: nobody else's guesses shut it out. */
  private rememberDevice(request: FastifyRequest, reply: FastifyReply, account: string): void {
    this.devices.set(reply, this.attempts.issueDevice(account, this.devices.read(request)), DEVICE_SECONDS);
  }

  private async check(field: keyof Proof, userId: string, value: string): Promise<boolean> {
    if (field === 'password') return this.isPasswordOf(userId, value);
    return field === 'totp' ? this.factors.checkTotp(userId, value) : this.factors.spendRecoveryCode(userId, value);
  }

  /** The email address with which a person signs in. */
  async accountOf(userId: string): Promise<string> {
    const [user] = await this.database.query<{ email: string }>('SELECT email FROM auth."user" WHERE id = $1', [userId]);
    return user?.email ?? '';
  }

  async isPasswordOf(userId: string, password: string): Promise<boolean> {
    const [account] = await this.database.query<{ password: string }>(
      `SELECT password FROM auth.account WHERE "userId" = $1 AND "providerId" = 'credential'`,
      [userId],
    );
    return account !== undefined && verifyPassword(account.password, password);
  }
}

/** The first refusal of a window is recorded, and each is passed on. */
async function recordLimit(error: unknown, record: (detail: object) => Promise<void>): Promise<never> {
  if (error instanceof TooManyAttempts && error.first) await record({ limit: 'too many attempts' });
  throw error;
}

const REMEDIES: Readonly<Record<keyof Proof, string>> = {
  password: 'Type the password again.',
  totp: 'Wait for the next code of the app: each counts once. Check the clock of the device.',
  recoveryCode: 'Each recovery code works once. Try another, or ask an administrator of your clinic for a new link.',
};
