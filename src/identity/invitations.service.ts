import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Actor } from '../common/context.js';
import { AppError, malformed } from '../common/errors.js';
import { IdentityDatabase } from './identity-database.js';
import { LoginSessions, type Standing, whereFrom } from './login-sessions.service.js';
import { hashPassword, MINIMUM_ALONE, passwordProblem } from './passwords.js';
import type { AcceptInvitation, InvitationView } from './sign-in.dto.js';
import { hashToken } from './tokens.js';

interface OpenInvitation {
  readonly user_id: string;
  readonly staff_id: string;
  readonly name: string;
  readonly email: string;
  readonly role: string;
  readonly clinic_name: string;
  readonly expires_at: Date;
  readonly renews: boolean;
  readonly has_account: boolean;
}

/** The holder's side of invitations; staff.service.ts writes them. */
@Injectable()
export class Invitations {
  constructor(
    private readonly database: IdentityDatabase,
    private readonly sessions: LoginSessions,
  ) {}

  async open(token: string): Promise<InvitationView> {
    const invitation = await this.find(token);
    return {
      name: invitation.name,
      email: invitation.email,
      role: invitation.role,
      clinicName: invitation.clinic_name,
      expiresAt: invitation.expires_at.toISOString(),
      hasAccount: invitation.has_account,
      renews: invitation.renews,
    };
  }

  async accept(request: FastifyRequest, reply: FastifyReply, { token, password }: AcceptInvitation): Promise<Standing> {
    const invitation = await this.find(token);
    const setsPassword = invitation.renews || !invitation.has_account;
    if (setsPassword && password === undefined) throw malformed([{ field: 'password', message: 'must be given' }]);
    if (setsPassword && password !== undefined) {
      const problem = await passwordProblem(password, {
        minimum: MINIMUM_ALONE,
        names: [invitation.name, invitation.clinic_name, invitation.email],
      });
      if (problem) throw problem;
    }
    const signedIn = setsPassword ? undefined : await this.whoAccepts(request);
    await this.database.query('SELECT auth.accept_invitation($1, $2, $3)', [
      hashToken(token),
      setsPassword && password !== undefined ? await hashPassword(password) : null,
      signedIn?.userId ?? null,
    ]);
    await this.database.record({
      event: invitation.renews ? 'password.renew' : 'invitation.accept',
      outcome: 'success',
      userId: invitation.user_id,
      staffId: invitation.staff_id,
      ...whereFrom(request),
    });
    return signedIn
      ? this.sessions.renew(request, reply, signedIn, { staffId: invitation.staff_id })
      : this.sessions.open(request, reply, { userId: invitation.user_id, methods: 'password', staffId: invitation.staff_id });
  }

  /** A session that still owes a proof accepts nothing, and a clinic's provider speaks for its own clinic only. */
  private async whoAccepts(request: FastifyRequest): Promise<Actor | undefined> {
    const actor = await this.sessions.current(request);
    const counts = actor && actor.state !== 'locked' && actor.state !== 'second_factor' && !actor.methods.includes('provider');
    return counts ? actor : undefined;
  }

  private async find(token: string): Promise<OpenInvitation> {
    const [invitation] = await this.database.query<OpenInvitation>('SELECT * FROM auth.open_invitation($1)', [hashToken(token)]);
    if (!invitation) {
      throw new AppError('invitation.closed', 410, 'This link was used, replaced, or has expired.', {
        detail: 'Sign in if you have set a password already. Otherwise ask an administrator of your clinic for a new link.',
      });
    }
    return invitation;
  }
}
