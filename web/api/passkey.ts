import { ask } from './client.ts';
import type { Login } from './session.ts';

type Options = Parameters<typeof PublicKeyCredential.parseRequestOptionsFromJSON>[0];

export const passkeysWork =
  typeof PublicKeyCredential === 'function' && typeof PublicKeyCredential.parseRequestOptionsFromJSON === 'function';

/** The person changed their mind, or has no passkey for this. */
export function isCancelled(error: unknown): boolean {
  return error instanceof DOMException && ['NotAllowedError', 'AbortError', 'InvalidStateError'].includes(error.name);
}

/** Signs in with a passkey alone. */
export async function signInWithPasskey(): Promise<Login> {
  const { publicKey } = await ask((api) => api.POST('/api/auth/passkey/options'));
  const response = await getPasskey(publicKey);
  return ask((api) => api.POST('/api/auth/passkey', { body: { response } }));
}

/** Waits until the person picks a passkey from the browser's suggestions at the field for the email address. */
export async function signInWithSuggestedPasskey(signal: AbortSignal): Promise<Login | undefined> {
  if (!passkeysWork || !(await PublicKeyCredential.isConditionalMediationAvailable())) return undefined;
  const { publicKey } = await ask((api) => api.POST('/api/auth/passkey/options'));
  if (signal.aborted) return undefined;
  const response = await getPasskey(publicKey, { mediation: 'conditional', signal });
  return ask((api) => api.POST('/api/auth/passkey', { body: { response } }));
}

/** One more proof, with one of one's own passkeys. */
export async function verifyWithPasskey(): Promise<Login> {
  const { publicKey } = await ask((api) => api.POST('/api/auth/verify/passkey/options'));
  const response = await getPasskey(publicKey);
  return ask((api) => api.POST('/api/auth/verify/passkey', { body: { response } }));
}

export async function addPasskey(label: string): Promise<void> {
  const { publicKey } = await ask((api) => api.POST('/api/me/passkeys/options'));
  const options = PublicKeyCredential.parseCreationOptionsFromJSON(publicKey);
  const made = (await navigator.credentials.create({ publicKey: options })) as PublicKeyCredential | null;
  if (!made) throw new DOMException('No passkey was made.', 'NotAllowedError');
  await ask((api) => api.POST('/api/me/passkeys', { body: { label, response: { ...made.toJSON() } } }));
}

async function getPasskey(
  options: Options,
  more: Pick<CredentialRequestOptions, 'mediation' | 'signal'> = {},
): Promise<Record<string, unknown>> {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
  const used = (await navigator.credentials.get({ publicKey, ...more })) as PublicKeyCredential | null;
  if (!used) throw new DOMException('No passkey was used.', 'NotAllowedError');
  return { ...used.toJSON() };
}
