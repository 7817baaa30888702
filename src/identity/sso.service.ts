import { Inject, Injectable } from '@nestjs/common';
import { AppError, notFound } from '../common/errors.js';
import { Places } from '../common/places.js';
import type { Client } from './client.js';
import { decrypt, encrypt } from './encryption.js';
import { IdentityDatabase } from './identity-database.js';
import { IDENTITY_OPTIONS, type IdentityOptions } from './identity-options.js';
import { type ContinuedLogin, LoginSessions } from './login-sessions.service.js';
import { type Ceremony, type Identity, Oidc, type OidcProvider } from './oidc.js';
import { OneTimeValues } from './one-time-values.js';
import { newToken } from './tokens.js';

export const CEREMONY_SECONDS = 600;

interface Kept {
  readonly clinicId: string;
  readonly ceremony: Ceremony;
  /** The provider was asked to authenticate the person again, and confirmed that it did. */
  readonly fresh: boolean;
}

interface Place {
  readonly user_id: string;
  readonly staff_id: string;
}

/** Single sign-on by a clinic's own OpenID provider. It speaks for that clinic, and for no other in which the person works. */
@Injectable()
export class Sso {
  /** Of people who wait for their clinic's provider: one that is silent delays its own clinic alone. */
  private readonly waiting = new Places(20);

  constructor(
    private readonly database: IdentityDatabase,
    private readonly sessions: LoginSessions,
    private readonly values: OneTimeValues,
    private readonly oidc: Oidc,
    @Inject(IDENTITY_OPTIONS) private readonly options: IdentityOptions,
  ) {}

  urls(clinicId: string): { redirectUri: string; signInUrl: string } {
    return { redirectUri: this.redirectUri(), signInUrl: this.url(clinicId) };
  }

  /** For everybody to read, as it must be on the page of sign-in. */
  choices(): Promise<{ clinicId: string; label: string }[]> {
    return this.database.query<{ clinicId: string; label: string }>(
      'SELECT clinic_id AS "clinicId", label FROM auth.sso_provider ORDER BY label, clinic_id LIMIT 20',
      [],
    );
  }

  check(clinicId: string, provider: OidcProvider): Promise<void> {
    return this.ask(clinicId, () => this.oidc.checkProvider(provider));
  }

  encrypt(clientSecret: string): string {
    return encrypt(this.options.secret, clientSecret);
  }

  /** The address at the provider to which the browser goes, and the handle that it must bring back. */
  async begin(clinicId: string, fresh: boolean): Promise<{ url: string; handle: string }> {
    const provider = await this.providerOf(clinicId);
    const { url, ceremony } = await this.ask(clinicId, () => this.oidc.begin(provider, this.redirectUri(), { fresh }));
    const handle = newToken();
    await this.values.keep(`sso ${handle}`, JSON.stringify({ clinicId, ceremony, fresh } satisfies Kept), CEREMONY_SECONDS);
    return { url, handle };
  }

  async finish(client: Client, { handle, path }: { readonly handle: string | undefined; readonly path: string }): Promise<ContinuedLogin> {
    const kept = handle && (await this.values.take(`sso ${handle}`));
    if (!kept) {
      throw new AppError('sso.failed', 401, 'This sign-in was not started in this browser, or took too long.', { detail: 'Start again.' });
    }
    const { clinicId, ceremony, fresh } = JSON.parse(kept) as Kept;
    const provider = await this.providerOf(clinicId);
    const identity = await this.ask(clinicId, () => this.oidc.finish(provider, new URL(path, this.options.baseUrl), ceremony));
    const place = await this.admit(clinicId, identity);
    if (!place) {
      await this.database.record({ event: 'sign-in', outcome: 'failure', ...client, detail: { methods: ['provider'], clinicId } });
      throw new AppError('sso.not-invited', 403, 'No one with this email address works in this clinic.', {
        detail: 'Ask an administrator of the clinic for an invitation.',
      });
    }
    const method = identity.methods.includes('mfa') ? 'provider_mfa' : 'provider';
    // A person who comes back to their own session has proved again who they are, and goes on with it: in this clinic alone, whose
    // provider says nothing about another clinic's session.
    const current = fresh ? await this.sessions.current(client) : undefined;
    const token = await this.database.transact(async (act) => {
      if (current?.userId === place.user_id && current.clinicId === clinicId && /\bprovider/.test(current.methods)) {
        return this.sessions.renew(act, client, current, { method });
      }
      return this.sessions.open(act, client, {
        userId: place.user_id,
        methods: method,
        staffId: place.staff_id,
        onlyClinicId: clinicId,
        // Somebody may have signed in there this morning: that is no fresh authentication.
        authenticatedAt: fresh ? new Date() : (identity.authenticatedAt ?? new Date(0)),
      });
    });
    return this.sessions.goOn(token, client);
  }

  /**
   * The person's place in the clinic, which begins with their first sign-in. An address can change hands; issuer and subject name a person
   * permanently. The first sign-in binds them.
   */
  private admit(clinicId: string, { email, issuer, subject }: Identity): Promise<Place | undefined> {
    return this.database.transact(async (act) => {
      const [place] = await act.query<Place>('SELECT * FROM auth.admit_by_provider($1, $2)', [clinicId, email]);
      if (!place) return undefined;
      const [bound] = await act.query<{ subject: string }>(
        `INSERT INTO auth.account (id, "accountId", "providerId", "userId") VALUES (gen_random_uuid(), $1, $2, $3)
         ON CONFLICT ("userId", "providerId") DO UPDATE SET "accountId" = account."accountId"
         RETURNING "accountId" AS subject`,
        [subject, `sso ${clinicId} ${issuer}`, place.user_id],
      );
      if (bound?.subject !== subject) {
        throw new AppError('sso.someone-else', 403, 'At the provider, this email address now belongs to someone else.', {
          detail: 'Ask an administrator of the clinic for a new link.',
        });
      }
      return place;
    });
  }

  /** Holds no connection to the database. */
  private async ask<T>(clinicId: string, work: () => Promise<T>): Promise<T> {
    const giveBack = this.waiting.take(clinicId);
    if (!giveBack) {
      throw new AppError('sso.provider-slow', 503, 'Too many people are waiting for your clinic’s sign-in provider.', {
        detail: 'Try again in a moment.',
      });
    }
    try {
      return await work();
    } finally {
      giveBack();
    }
  }

  private redirectUri(): string {
    return this.url('callback');
  }

  private url(end: string): string {
    return new URL(`/${this.options.prefix}/auth/sso/${end}`, this.options.baseUrl).href;
  }

  private async providerOf(clinicId: string): Promise<OidcProvider> {
    const [row] = await this.database.query<{ issuer: string; client_id: string; client_secret: string }>(
      'SELECT issuer, client_id, client_secret FROM auth.sso_provider WHERE clinic_id = $1',
      [clinicId],
    );
    if (!row) throw notFound('single sign-on for this clinic');
    return {
      issuer: row.issuer,
      clientId: row.client_id,
      clientSecret: decrypt(this.options.secret, row.client_secret),
    };
  }
}
