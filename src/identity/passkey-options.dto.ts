import { ApiProperty } from '@nestjs/swagger';

/** A passkey by its id in base64url, not by its id in this API. */
export class PasskeyDescriptor {
  @ApiProperty({ pattern: '^[\\w-]+$' })
  id: string;
  /** Always public-key. */
  type: string;
  /** How the browser may reach it, such as usb or internal. */
  transports?: string[];
}

/** PublicKeyCredentialRequestOptionsJSON of WebAuthn level 3. */
export class PasskeyRequest {
  challenge: string;
  rpId?: string;
  /** The passkeys that will do. Absent: any of this site. */
  allowCredentials?: PasskeyDescriptor[];
  /** In milliseconds. */
  timeout?: number;
  userVerification?: 'required' | 'preferred' | 'discouraged';
}

/** For `navigator.credentials.get`, by `PublicKeyCredential.parseRequestOptionsFromJSON`. */
export class PasskeyOptions {
  publicKey: PasskeyRequest;
}

export class PasskeySite {
  @ApiProperty({ pattern: '^[\\w.-]+$' })
  id?: string;
  name: string;
}

export class PasskeyOwner {
  @ApiProperty({ pattern: '^[\\w-]+$' })
  id: string;
  name: string;
  displayName: string;
}

export class PasskeyAlgorithm {
  /** Of the IANA registry of COSE algorithms. */
  alg: number;
  type: 'public-key';
}

export class PasskeySelection {
  residentKey?: 'required' | 'preferred' | 'discouraged';
  requireResidentKey?: boolean;
  userVerification?: 'required' | 'preferred' | 'discouraged';
}

export class PasskeyExtensions {
  credProps?: boolean;
}

/** PublicKeyCredentialCreationOptionsJSON of WebAuthn level 3. */
export class PasskeyCreation {
  rp: PasskeySite;
  user: PasskeyOwner;
  challenge: string;
  pubKeyCredParams: PasskeyAlgorithm[];
  /** In milliseconds. */
  timeout?: number;
  /** The person's passkeys. A device that holds one of them isn't asked for another. */
  excludeCredentials?: PasskeyDescriptor[];
  authenticatorSelection?: PasskeySelection;
  attestation?: 'none' | 'direct' | 'enterprise' | 'indirect';
  hints?: string[];
  extensions?: PasskeyExtensions;
}

/** For `navigator.credentials.create`, by `PublicKeyCredential.parseCreationOptionsFromJSON`. */
export class NewPasskeyOptions {
  publicKey: PasskeyCreation;
}
