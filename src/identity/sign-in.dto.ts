import { IsObject, IsOptional, IsString, IsUUID, Matches, MaxLength } from 'class-validator';
import type { LoginState } from './login-sessions.service.js';
import { MeView, toMe } from './me.dto.js';

export class Credentials {
  @IsString()
  @MaxLength(254)
  email: string;

  @IsString()
  @MaxLength(1024)
  password: string;
}

/** One proof of who it is. */
export class Proof {
  /** The password. */
  @IsOptional()
  @IsString()
  @MaxLength(1024)
  password?: string;

  /**
   * A code of the authenticator app.
   * @example 492039
   */
  @IsOptional()
  @Matches(/^\d{6}$/, { message: 'must be six digits' })
  totp?: string;

  /** One of the recovery codes, with or without its hyphens. */
  @IsOptional()
  @IsString()
  @MaxLength(60)
  recoveryCode?: string;
}

export class PasskeyProof {
  /** What `PublicKeyCredential.toJSON()` gives after `navigator.credentials.get`. */
  @IsObject()
  response: object;
}

export class ChooseClinic {
  @IsUUID()
  clinicId: string;
}

export class InvitationToken {
  /** The part of the link after the #. */
  @Matches(/^[\w-]{16,128}$/, { message: 'must be the part of the link after the #' })
  token: string;
}

export class AcceptInvitation extends InvitationToken {
  /** At least 15 characters. Left out by somebody who has an account already and is signed in to it. */
  @IsOptional()
  @IsString()
  @MaxLength(1024)
  password?: string;
}

export class InvitationView {
  name: string;
  email: string;
  role: string;
  clinicName: string;
  expiresAt: string;
  /** The person has an account: sign in to it, then accept without a password. */
  hasAccount: boolean;
  /** A new password for somebody who couldn't sign in any more. Second factors are forgotten. */
  renews: boolean;
}

export class ForgottenPassword {
  @IsString()
  @MaxLength(254)
  email: string;
}

export class ResetPassword {
  /** The part of the link after the #. */
  @Matches(/^[\w-]{16,128}$/, { message: 'must be the part of the link after the #' })
  token: string;

  /** At least 15 characters, or 8 with a second factor; at most 128. */
  @IsString()
  @MaxLength(1024)
  password: string;
}

export class PlaceView {
  clinicId: string;
  clinicName: string;
  role: string;
}

export class LoginView {
  /**
   * How far the login session has come. Only a `full` one reads or writes anything. `locked`: idle for too long, continue with one
   * proof. `second_factor`: one is due. `clinic`: choose one.
   */
  state: 'locked' | 'second_factor' | 'clinic' | 'full';
  /** Authenticated a short while ago, as signing and administering demand. */
  fresh: boolean;
  /** How the person authenticated: password, passkey, totp, recovery_code, provider, provider_mfa. */
  methods: string[];
  /** The second factors that the person can show. None in the state `second_factor`: one must be set up. */
  factors: string[];
  /** The clinics to choose from. */
  clinics: PlaceView[];
  /** Null until a clinic is chosen. */
  me: MeView | null;
  /** What the person's role may do. None until the session is `full`. Some need a fresh authentication as well. */
  permissions: string[];
  /** After how many minutes without a request the session locks. */
  idleMinutes: number;
}

export function toLogin({ actor, places, factors, permissions, idleMinutes }: LoginState): LoginView {
  return {
    state: actor.state,
    fresh: actor.fresh,
    methods: actor.methods.split(' '),
    factors: [...factors],
    clinics: places.map((place) => ({ clinicId: place.clinic_id, clinicName: place.clinic_name, role: place.role })),
    me: actor.staffId ? toMe(actor) : null,
    permissions: [...permissions],
    idleMinutes,
  };
}
