import { createHash } from 'node:crypto';
import { xchacha20poly1305 } from '@noble/ciphers/chacha.js';
import { bytesToHex, hexToBytes, managedNonce, utf8ToBytes } from '@noble/ciphers/utils.js';

/**
 * For what must be read again and not be in the database as it is: the secrets of authenticator apps and of single sign-on.
 * XChaCha20-Poly1305 with a random nonce before the ciphertext, in hexadecimal.
 */
export function encrypt(secret: string, text: string): string {
  return bytesToHex(cipher(secret).encrypt(utf8ToBytes(text)));
}

/** Throws for whatever was altered, or encrypted with another secret. */
export function decrypt(secret: string, encrypted: string): string {
  return new TextDecoder().decode(cipher(secret).decrypt(hexToBytes(encrypted)));
}

function cipher(secret: string) {
  return managedNonce(xchacha20poly1305)(createHash('sha256').update(secret).digest());
}
