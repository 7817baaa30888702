import { decrypt, encrypt } from '../../src/identity/encryption.js';

const SECRET = 'a secret of at least thirty-two characters';
/** Made by the version before this file: whoever set up an authenticator app then still signs in with it. */
const OF_AN_EARLIER_VERSION =
  'eacb2dcceb2028875149450742210a10aced3ece69fbd7a27bcd822d9c4ce32be9daa665fbe99d51628c3cbd19c609e5d21753792f775651';

describe('encryption of what must be read again', () => {
  it('reads what an earlier version wrote', () => {
    expect(decrypt(SECRET, OF_AN_EARLIER_VERSION)).toBe('JBSWY3DPEHPK3PXP');
  });

  it('gives back any text, and never writes it twice in one way', () => {
    const text = 'Schlüssel, 鍵, 🔑';
    const [one, other] = [encrypt(SECRET, text), encrypt(SECRET, text)];
    expect(one).not.toBe(other);
    expect([decrypt(SECRET, one), decrypt(SECRET, other)]).toEqual([text, text]);
  });

  it('refuses what was altered, and another secret', () => {
    const encrypted = encrypt(SECRET, 'JBSWY3DPEHPK3PXP');
    const altered = encrypted.replace(/.$/, (last) => (last === '0' ? '1' : '0'));
    expect(() => decrypt(SECRET, altered)).toThrow('invalid tag');
    expect(() => decrypt(`${SECRET}!`, encrypted)).toThrow('invalid tag');
  });
});
