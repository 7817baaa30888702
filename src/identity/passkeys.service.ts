import { Inject, Injectable } from '@nestjs/common';
import {
  type AuthenticationResponseJSON,
  generateAuthenticationOptions,
  generateRegistrationOptions,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  type RegistrationResponseJSON,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import { AppError } from '../common/errors.js';
import { type Act, IdentityDatabase } from './identity-database.js';
import { IDENTITY_OPTIONS, type IdentityOptions } from './identity-options.js';
import { OneTimeValues } from './one-time-values.js';

const CEREMONY_SECONDS = 300;
/** In bytes, as WebAuthn has it. */
const LONGEST_ID = 1_023;
/** Those of today are usb, nfc, ble, smart-card, hybrid and internal; a browser keeps what it doesn't know. */
const TRANSPORT = /^[a-z-]{1,20}$/;
const MOST_TRANSPORTS = 10;

export interface Passkey {
  readonly id: string;
  readonly label: string;
  readonly backed_up: boolean;
  readonly created_at: Date;
  readonly last_used_at: Date | null;
}

/** Passkeys (WebAuthn level 3). The authenticator verifies the person, by PIN or body, so that one passkey is two factors. */
@Injectable()
export class Passkeys {
  private readonly origin: string;
  private readonly rpId: string;

  constructor(
    private readonly database: IdentityDatabase,
    private readonly values: OneTimeValues,
    @Inject(IDENTITY_OPTIONS) { baseUrl }: IdentityOptions,
  ) {
    const { origin, hostname } = new URL(baseUrl);
    this.origin = origin;
    this.rpId = hostname;
  }

  async registrationOptions(userId: string, email: string, name: string): Promise<PublicKeyCredentialCreationOptionsJSON> {
    const known = await this.database.query<{ id: string; transports: string[] }>(
      'SELECT id, transports FROM auth.passkey WHERE user_id = $1',
      [userId],
    );
    const options = await generateRegistrationOptions({
      rpName: 'Assent',
      rpID: this.rpId,
      userID: new TextEncoder().encode(userId),
      userName: email,
      userDisplayName: name,
      excludeCredentials: known,
      // One that is found without a user name, so that it can be the whole sign-in.
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    });
    await this.values.keep(`register ${options.challenge}`, userId, CEREMONY_SECONDS);
    return options;
  }

  /** Checks what the browser made. Returns how an act adds it. */
  async register(userId: string, label: string, response: RegistrationResponseJSON): Promise<(act: Act) => Promise<Passkey>> {
    const { registrationInfo } = await verifyRegistrationResponse({
      response,
      expectedChallenge: async (challenge) => (await this.values.take(`register ${challenge}`)) === userId,
      expectedOrigin: this.origin,
      expectedRPID: this.rpId,
      requireUserVerification: true,
    }).catch(refuse);
    if (!registrationInfo) throw refused();
    const { credential, credentialBackedUp } = registrationInfo;
    if (Buffer.from(credential.id, 'base64url').length > LONGEST_ID) throw refused();
    const values = [
      credential.id,
      userId,
      label,
      Buffer.from(credential.publicKey),
      credential.counter,
      transportsIn(credential.transports),
      credentialBackedUp,
    ];
    return async (act) => {
      const [passkey] = await act.query<Passkey>(
        `INSERT INTO auth.passkey (id, user_id, label, public_key, counter, transports, backed_up)
         VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id, label, backed_up, created_at, last_used_at`,
        values,
      );
      return passkey as Passkey;
    };
  }

  /** Of one person, or of anybody. */
  async authenticationOptions(userId?: string): Promise<PublicKeyCredentialRequestOptionsJSON> {
    const known =
      userId &&
      (await this.database.query<{ id: string; transports: string[] }>('SELECT id, transports FROM auth.passkey WHERE user_id = $1', [
        userId,
      ]));
    const options = await generateAuthenticationOptions({
      rpID: this.rpId,
      userVerification: 'required',
      ...(known && { allowCredentials: known }),
    });
    await this.values.keep(`authenticate ${options.challenge}`, userId ?? '', CEREMONY_SECONDS);
    return options;
  }

  /** Whose passkey it is, and how an act notes its use. A person who is signed in already proves to be the same. */
  async authenticate(
    response: AuthenticationResponseJSON,
    expectedUserId = '',
  ): Promise<{ userId: string; noteUse: (act: Act) => Promise<void> }> {
    const [passkey] = await this.database.query<{ user_id: string; public_key: Buffer; counter: string; transports: string[] }>(
      'SELECT user_id, public_key, counter, transports FROM auth.passkey WHERE id = $1',
      [response.id],
    );
    if (!passkey || (expectedUserId && passkey.user_id !== expectedUserId)) throw refused();
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response,
      expectedChallenge: async (challenge) => (await this.values.take(`authenticate ${challenge}`)) === expectedUserId,
      expectedOrigin: this.origin,
      expectedRPID: this.rpId,
      requireUserVerification: true,
      credential: {
        id: response.id,
        publicKey: new Uint8Array(passkey.public_key),
        counter: Number(passkey.counter),
        transports: passkey.transports,
      },
    }).catch(refuse);
    if (!verified) throw refused();
    return {
      userId: passkey.user_id,
      noteUse: async (act) => {
        const noted = await act.query(
          'UPDATE auth.passkey SET counter = $2, backed_up = $3, last_used_at = clock_timestamp() WHERE id = $1 RETURNING id',
          [response.id, authenticationInfo.newCounter, authenticationInfo.credentialBackedUp],
        );
        // Removed a moment ago.
        if (noted.length === 0) throw refused();
      },
    };
  }

  list(userId: string): Promise<Passkey[]> {
    return this.database.query<Passkey>(
      'SELECT id, label, backed_up, created_at, last_used_at FROM auth.passkey WHERE user_id = $1 ORDER BY created_at DESC',
      [userId],
    );
  }

  async rename(userId: string, id: string, label: string): Promise<Passkey | undefined> {
    const [passkey] = await this.database.query<Passkey>(
      `UPDATE auth.passkey SET label = $3 WHERE user_id = $1 AND id = $2
       RETURNING id, label, backed_up, created_at, last_used_at`,
      [userId, id, label],
    );
    return passkey;
  }

  async remove(act: Act, userId: string, id: string): Promise<boolean> {
    return (await act.query('DELETE FROM auth.passkey WHERE user_id = $1 AND id = $2 RETURNING id', [userId, id])).length === 1;
  }
}

/** The library passes on whatever the browser said. */
function transportsIn(said: unknown): string[] {
  if (!Array.isArray(said)) return [];
  return said.filter((one): one is string => typeof one === 'string' && TRANSPORT.test(one)).slice(0, MOST_TRANSPORTS);
}

/** The library throws where something doesn't fit. To the caller all of it is one answer. */
function refuse(error: unknown): never {
  if (error instanceof AppError) throw error;
  throw refused(error);
}

function refused(cause?: unknown): AppError {
  return new AppError('passkey.refused', 401, 'The passkey was not accepted.', { detail: 'Ask for new options and try again.', cause });
}
