import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from '@simplewebauthn/server';
import { isoCBOR } from '@simplewebauthn/server/helpers';
import type { Page } from 'playwright-core';
import type { Answer } from './api.js';
import { createPasskey, usePasskey } from './authenticator.js';
import type { Visitor } from './visitor.js';

export const WAYS = {
  register: '/api/me/passkeys',
  signIn: '/api/auth/passkey',
  verify: '/api/auth/verify/passkey',
} as const;
type Way = keyof typeof WAYS;

type Changes<T> = Partial<T> & { readonly challenge?: string };

/** What the page's authenticator answers to the server's options, some of which the page may have changed. */
export async function create(
  visitor: Visitor,
  page: Page,
  changes: Changes<PublicKeyCredentialCreationOptionsJSON> = {},
): Promise<RegistrationResponseJSON> {
  return createPasskey(page, { ...(await optionsOf(visitor, 'register')), ...changes } as PublicKeyCredentialCreationOptionsJSON);
}

export async function use(
  way: 'signIn' | 'verify',
  visitor: Visitor,
  page: Page,
  changes: Changes<PublicKeyCredentialRequestOptionsJSON> = {},
): Promise<AuthenticationResponseJSON> {
  return usePasskey(page, { ...(await optionsOf(visitor, way)), ...changes });
}

export async function optionsOf(visitor: Visitor, way: Way): Promise<{ challenge: string; [name: string]: unknown }> {
  const { status, body } = await visitor.post(`${WAYS[way]}/options`);
  if (status !== 200) throw new Error(JSON.stringify(body));
  return body.publicKey;
}

/** Registers a passkey in the page's authenticator, and returns what the server says of it. */
export async function register(
  visitor: Visitor,
  page: Page,
  label = 'Tablet',
  changes: Changes<PublicKeyCredentialCreationOptionsJSON> = {},
): Promise<Answer['body']> {
  const { status, body } = await visitor.post(WAYS.register, { label, response: await create(visitor, page, changes) });
  if (status !== 201) throw new Error(JSON.stringify(body));
  return body;
}

/** Says something else about where and for what it was made. */
export function withClientData<T extends RegistrationResponseJSON | AuthenticationResponseJSON>(made: T, values: object): T {
  const clientData = JSON.parse(Buffer.from(made.response.clientDataJSON, 'base64url').toString()) as object;
  const clientDataJSON = Buffer.from(JSON.stringify({ ...clientData, ...values })).toString('base64url');
  return { ...made, response: { ...made.response, clientDataJSON } };
}

/** Changes what the authenticator says, which nobody has signed at a registration. */
export function withAuthenticatorData(made: RegistrationResponseJSON, change: (data: Buffer) => Buffer): RegistrationResponseJSON {
  const attestation = isoCBOR.decodeFirst<Map<string, unknown>>(new Uint8Array(Buffer.from(made.response.attestationObject, 'base64url')));
  attestation.set('authData', new Uint8Array(change(Buffer.from(attestation.get('authData') as Uint8Array))));
  const attestationObject = Buffer.from(isoCBOR.encode(attestation as never)).toString('base64url');
  return { ...made, response: { ...made.response, attestationObject } };
}

/** After the hash of the host, flags, counter and model: the length of the passkey's id, and the id. */
const ID_AT = 32 + 1 + 4 + 16;

export function withId(made: RegistrationResponseJSON, id: Buffer): RegistrationResponseJSON {
  const changed = withAuthenticatorData(made, (data) => {
    const length = Buffer.alloc(2);
    length.writeUInt16BE(id.length);
    return Buffer.concat([data.subarray(0, ID_AT), length, id, data.subarray(ID_AT + 2 + data.readUInt16BE(ID_AT))]);
  });
  return { ...changed, id: id.toString('base64url'), rawId: id.toString('base64url') };
}
