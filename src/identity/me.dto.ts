import { ApiProperty } from '@nestjs/swagger';
import { IsObject, IsOptional, IsString, Matches, MaxLength } from 'class-validator';
import type { Actor } from '../common/context.js';
import { IsLine } from '../common/input.js';
import type { Passkey } from './passkeys.service.js';

export class ClinicView {
  id: string;
  name: string;
  /** IANA name. */
  timeZone: string;
}

export class MeView {
  id: string;
  name: string;
  email: string;
  role: string;
  profession: string | null;
  clinic: ClinicView;
}

export class DraftKeyView {
  /** 256 bits in base64url. The same at every sign-in of this person at this clinic. */
  draftKey: string;
}

export class ChangePassword {
  /** The present one. Left out by somebody who has none, because they sign in by single sign-on or passkey. */
  @IsOptional()
  @IsString()
  @MaxLength(1024)
  currentPassword?: string;

  /** At least 15 characters, or 8 with a second factor; at most 128. */
  @IsString()
  @MaxLength(1024)
  newPassword: string;
}

export class ConfirmTotp {
  /** A code that the app shows now. */
  @Matches(/^\d{6}$/, { message: 'must be six digits' })
  code: string;
}

export class NewTotpView {
  /** For typing in where no QR code can be scanned. */
  secret: string;
  /** For a QR code: otpauth://totp/… */
  uri: string;
}

export class RecoveryCodesView {
  /** Shown this once. Each works once. */
  recoveryCodes: string[];
}

export class RegisterPasskey {
  /**
   * A name by which its owner knows it.
   * @example Front desk tablet
   */
  @IsString()
  @IsLine(100)
  label: string;

  /** What `PublicKeyCredential.toJSON()` gives after `navigator.credentials.create`. */
  @IsObject()
  response: object;
}

export class RenamePasskey {
  @IsString()
  @IsLine(100)
  label: string;
}

export class PasskeyView {
  /** The credential's own, in base64url. */
  @ApiProperty({ pattern: '^[\\w-]+$' })
  id: string;
  label: string;
  /** Kept by the provider of the device, and so on the person's other devices too. */
  backedUp: boolean;
  createdAt: string;
  lastUsedAt: string | null;
}

export class PasskeyList {
  items: PasskeyView[];
}

export class LoginSessionView {
  id: string;
  /** The one that asks. */
  current: boolean;
  methods: string[];
  address: string | null;
  userAgent: string | null;
  startedAt: string;
  /** To the minute. */
  lastSeenAt: string;
  expiresAt: string;
}

export class LoginSessionList {
  items: LoginSessionView[];
}

export class EndedSessions {
  ended: number;
}

export function toMe(actor: Actor): MeView {
  return {
    id: actor.staffId,
    name: actor.name,
    email: actor.email,
    role: actor.role,
    profession: actor.profession,
    clinic: { id: actor.clinicId, name: actor.clinicName, timeZone: actor.timeZone },
  };
}

export function toPasskey(passkey: Passkey): PasskeyView {
  return {
    id: passkey.id,
    label: passkey.label,
    backedUp: passkey.backed_up,
    createdAt: passkey.created_at.toISOString(),
    lastUsedAt: passkey.last_used_at?.toISOString() ?? null,
  };
}
