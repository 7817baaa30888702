import { Injectable } from '@nestjs/common';
import type { Actor } from '../common/context.js';
import { AppError, malformed } from '../common/errors.js';
import type { Client } from './client.js';
import { IdentityDatabase } from './identity-database.js';
import { type ContinuedLogin, LoginSessions } from './login-sessions.service.js';
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

  async accept(client: Client, { token, password }: AcceptInvitation): Promise<ContinuedLogin> {
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
    const hash = setsPassword && password !== undefined ? await hashPassword(password) : null;
    const signedIn = setsPassword ? undefined : await this.whoAccepts(client);
    const { user_id: userId, staff_id: staffId } = invitation;
    const renewed = await this.database.transact(async (act) => {
      await act.query('SELECT auth.accept_invitation($1, $2, $3)', [hashToken(token), hash, signedIn?.userId ?? null]);
      const event = invitation.renews ? 'password.renew' : 'invitation.accept';
      await act.record({ event, outcome: 'success', userId, staffId, ...client });
      return signedIn && this.sessions.renew(act, client, signedIn, { staffId });
    });
    // The sign-in is an act of its own: until the acceptance is committed, the place hasn't begun.
    const opened =
      renewed ?? (await this.database.transact((act) => this.sessions.open(act, client, { userId, methods: 'password', staffId })));
    return this.sessions.goOn(opened, client);
  }

  /** A login that still owes a proof accepts nothing, and a clinic's provider speaks for its own clinic only. */
  private async whoAccepts(client: Client): Promise<Actor | undefined> {
    const actor = await this.sessions.current(client);
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
