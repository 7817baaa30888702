import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from '@simplewebauthn/server';
import type { CDPSession, Page } from 'playwright-core';

interface Options {
  readonly transport?: 'internal' | 'usb' | 'nfc' | 'ble';
  /** Whether it keeps passkeys. */
  readonly hasResidentKey?: boolean;
  /** Whether it can ask for a finger or a PIN. */
  readonly hasUserVerification?: boolean;
  /** Whether that finger or PIN is the right one. */
  readonly isUserVerified?: boolean;
  /** Whether somebody touches it when it asks for a touch. */
  readonly automaticPresenceSimulation?: boolean;
}

/** That of a phone or a laptop. */
const BUILT_IN: Required<Options> = {
  transport: 'internal',
  hasResidentKey: true,
  hasUserVerification: true,
  isUserVerified: true,
  automaticPresenceSimulation: true,
};

/** A passkey with its private key, as an authenticator holds it. */
export type HeldPasskey = Awaited<ReturnType<typeof held>>[number];

export interface Authenticator {
  /** Whether the finger or PIN is the right one from now on. */
  verifyUser(isUserVerified: boolean): Promise<void>;
  passkeys(): Promise<HeldPasskey[]>;
  /** Copies a passkey into it, as from another page's authenticator. */
  put(passkey: HeldPasskey): Promise<void>;
  /** The page then has none, and doesn't see the machine's own either. */
  remove(): Promise<void>;
}

/** Gives a page an authenticator that answers in place of hardware and of the browser's dialogs, until the page closes. */
export async function addAuthenticator(page: Page, options: Options = {}): Promise<Authenticator> {
  const session = await page.context().newCDPSession(page);
  await session.send('WebAuthn.enable');
  const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
    options: { protocol: 'ctap2', ...BUILT_IN, ...options },
  });
  return {
    verifyUser: async (isUserVerified) => {
      await session.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified });
    },
    passkeys: () => held(session, authenticatorId),
    put: async (credential) => {
      await session.send('WebAuthn.addCredential', { authenticatorId, credential });
    },
    remove: async () => {
      await session.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId });
    },
  };
}

async function held(session: CDPSession, authenticatorId: string) {
  return (await session.send('WebAuthn.getCredentials', { authenticatorId })).credentials;
}

/** Registers a passkey as a page would. Rejects with the name of the browser's error. */
export function createPasskey(page: Page, options: PublicKeyCredentialCreationOptionsJSON): Promise<RegistrationResponseJSON> {
  return page.evaluate<RegistrationResponseJSON>(`
    navigator.credentials
      .create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(${JSON.stringify(options)}) })
      .then((passkey) => passkey.toJSON())`);
}

/** Signs in with a passkey as a page would. Rejects with the name of the browser's error. */
export function usePasskey(page: Page, options: PublicKeyCredentialRequestOptionsJSON): Promise<AuthenticationResponseJSON> {
  return page.evaluate<AuthenticationResponseJSON>(`
    navigator.credentials
      .get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(${JSON.stringify(options)}) })
      .then((passkey) => passkey.toJSON())`);
}
