import { createPrivateKey, createPublicKey, hash, type KeyObject, randomBytes, sign, verify } from 'node:crypto';
import { MalformedError, readBase64 } from './text.js';

/**
 * Keys that sign notes: Ed25519 (c2sp.org/signed-note), and Ed25519 with a time for the cosignatures of witnesses
 * (c2sp.org/tlog-cosignature). Their text forms are those of golang.org/x/mod/sumdb/note: name+id+base64 for the public key, and the
 * same after PRIVATE+KEY+ for the secret one.
 */

const NOTE = 0x01;
const COSIGNATURE = 0x04;
export type KeyKind = 'note' | 'cosignature';

/** Who signs, as far as a signature's line names it. */
export interface KeyName {
  readonly name: string;
  /** Eight hexadecimal digits. */
  readonly id: string;
}

export interface Verifier extends KeyName {
  readonly kind: KeyKind;
  readonly verify: (text: string, signature: Uint8Array) => boolean;
}

export interface Signer extends KeyName {
  readonly kind: KeyKind;
  readonly sign: (text: string) => Buffer;
  readonly verifier: Verifier;
  /** The public key as a text. */
  readonly publicKey: string;
}

const KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;
const TIME_BYTES = 8;
const LATEST = 2n ** 63n - 1n;
const PRIVATE = 'PRIVATE+KEY+';
/** An Ed25519 seed as PKCS #8 begins so; Node.js reads no bare one. */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');

export function isKeyName(name: string): boolean {
  return name.isWellFormed() && /^[^\p{White_Space}+]+$/u.test(name);
}

/** A new secret key, as a text. */
export function newKey(name: string, kind: KeyKind): string {
  if (!isKeyName(name)) throw new MalformedError('A key’s name has no spaces and no plus');
  const seed = randomBytes(KEY_BYTES);
  const type = kind === 'note' ? NOTE : COSIGNATURE;
  return PRIVATE + encode(name, keyId(name, type, rawPublicKey(privateKey(seed))), type, seed);
}

export function readVerifier(publicKey: string): Verifier {
  const { name, id, type, key } = decode(publicKey);
  if (id !== keyId(name, type, key)) throw new MalformedError('The key’s id isn’t that of its name and public key');
  return verifierOf(name, id, type, key);
}

/** `now` gives the time of cosignatures, in seconds since 1970. */
export function readSigner(secretKey: string, now: () => number = () => Math.floor(Date.now() / 1_000)): Signer {
  if (!secretKey.startsWith(PRIVATE)) throw new MalformedError('Not a secret key');
  const { name, id, type, key: seed } = decode(secretKey.slice(PRIVATE.length));
  const secret = privateKey(seed);
  const key = rawPublicKey(secret);
  if (id !== keyId(name, type, key)) throw new MalformedError('The key’s id isn’t that of its name and public key');
  const verifier = verifierOf(name, id, type, key);
  return {
    name,
    id,
    kind: verifier.kind,
    verifier,
    publicKey: encode(name, id, type, key),
    sign: (text) => {
      if (type === NOTE) return sign(null, Buffer.from(text), secret);
      const time = Buffer.alloc(TIME_BYTES);
      time.writeBigUInt64BE(BigInt(now()));
      return Buffer.concat([time, sign(null, cosigned(time, text), secret)]);
    },
  };
}

/** When a cosignature was made, in seconds since 1970. */
export function timeOf(cosignature: Uint8Array): bigint {
  return Buffer.from(cosignature.subarray(0, TIME_BYTES)).readBigUInt64BE();
}

function cosigned(time: Uint8Array, text: string): Buffer {
  return Buffer.from(`cosignature/v1\ntime ${timeOf(time)}\n${text}`);
}

function verifierOf(name: string, id: string, type: number, key: Buffer): Verifier {
  const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: key.toString('base64url') }, format: 'jwk' });
  if (type === NOTE) {
    return { name, id, kind: 'note', verify: (text, signature) => verify(null, Buffer.from(text), publicKey, signature) };
  }
  return {
    name,
    id,
    kind: 'cosignature',
    verify: (text, signature) =>
      signature.length === TIME_BYTES + SIGNATURE_BYTES &&
      timeOf(signature) <= LATEST &&
      verify(null, cosigned(signature, text), publicKey, signature.subarray(TIME_BYTES)),
  };
}

function keyId(name: string, type: number, publicKey: Buffer): string {
  return hash('sha256', Buffer.concat([Buffer.from(`${name}\n`), Buffer.of(type), publicKey])).slice(0, 8);
}

function privateKey(seed: Buffer): KeyObject {
  return createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' });
}

function rawPublicKey(secret: KeyObject): Buffer {
  return Buffer.from(createPublicKey(secret).export({ format: 'jwk' }).x ?? '', 'base64url');
}

function encode(name: string, id: string, type: number, key: Buffer): string {
  return `${name}+${id}+${Buffer.concat([Buffer.of(type), key]).toString('base64')}`;
}

/** Messages say nothing of what was read: it may be a secret key. */
function decode(text: string): { name: string; id: string; type: number; key: Buffer } {
  const [, name, id, base64] = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/.exec(text) ?? [];
  if (name === undefined || id === undefined || base64 === undefined || !isKeyName(name)) throw new MalformedError('Not a key');
  const bytes = readBase64(base64);
  const [type] = bytes;
  if (type !== NOTE && type !== COSIGNATURE) throw new MalformedError('Not a kind of key that is known here');
  if (bytes.length !== 1 + KEY_BYTES) throw new MalformedError('A key has 32 bytes');
  return { name, id, type, key: bytes.subarray(1) };
}
