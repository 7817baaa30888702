import { createHash } from 'node:crypto';
import { newKey, readSigner, readVerifier, timeOf } from '../../src/log/format/keys.js';
import { openNote, parseNote, signatureLine, signNote } from '../../src/log/format/note.js';
import { MalformedError, UntrustedError } from '../../src/log/format/text.js';

// The vectors of golang.org/x/mod/sumdb/note.
const PETER_SECRET = 'PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz';
const PETER_KEY = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
const ENOCH_KEY = 'EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop';
const PETER_BASE64 = 'x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=';
const PETER = `— PeterNeumann ${PETER_BASE64}\n`;
const ENOCH = '— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n';
const TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const peter = readVerifier(PETER_KEY);
const enoch = readVerifier(ENOCH_KEY);
const namesOf = (note: string | Uint8Array, verifiers = [peter, enoch]): string[] =>
  openNote(note, verifiers).signatures.map(({ name }) => name);

/** Each part of a text but the whole one, and the text with each character the next one. */
function manglings(text: string): string[] {
  const parts = Array.from(text, (_, i) => [text.slice(0, i), text.slice(i + 1)]).flat();
  const changed = Array.from(text, (char, i) => `${text.slice(0, i)}${String.fromCharCode(char.charCodeAt(0) + 1)}${text.slice(i + 1)}`);
  return [...parts, ...changed];
}

describe('a key', () => {
  it('is read, and written as it was', () => {
    expect(readSigner(PETER_SECRET)).toMatchObject({ name: 'PeterNeumann', id: 'c74f20a3', kind: 'note', publicKey: PETER_KEY });
    expect(peter).toMatchObject({ name: 'PeterNeumann', id: 'c74f20a3', kind: 'note' });
  });

  it('isn’t read when anything of it is missing or changed', () => {
    for (const key of manglings(PETER_KEY)) expect(() => readVerifier(key)).toThrow(MalformedError);
    for (const key of manglings(PETER_SECRET)) expect(() => readSigner(key)).toThrow(MalformedError);
  });

  it.each([
    ['of another length, with an id to match', 'PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY=='],
    ['of an unknown kind, with an id to match', 'PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'],
    ['with an id in capitals', PETER_KEY.replace('c74f20a3', 'C74F20A3')],
    ['with a line more', `${PETER_KEY}\n`],
    ['without a name', PETER_KEY.replace('PeterNeumann', '')],
    ['with a space in its name', PETER_KEY.replace('PeterNeumann', 'Peter Neumann')],
  ])('isn’t read %s', (_, key) => {
    expect(() => readVerifier(key)).toThrow(MalformedError);
  });

  it('that is secret isn’t told in an error', () => {
    const wrong = PETER_SECRET.replace('c74f20a3', 'c74f20a4');
    expect(() => readSigner(wrong)).toThrow(expect.objectContaining({ message: expect.not.stringContaining('AYEKFALV') }));
  });

  it.each(['note', 'cosignature'] as const)('that is new signs a %s', (kind) => {
    const signer = readSigner(newKey('clinic.example/log', kind));
    const verifier = readVerifier(signer.publicKey);
    expect(verifier).toMatchObject({ kind, name: 'clinic.example/log', id: signer.id });
    const signature = signer.sign('text\n');
    expect(verifier.verify('text\n', signature)).toBe(true);
    for (const i of signature.keys()) expect(verifier.verify('text\n', signature.with(i, (signature[i] ?? 0) ^ 1))).toBe(false);
    expect(verifier.verify('Text\n', signature)).toBe(false);
    for (const length of [0, 7, 63, signature.length - 1]) expect(verifier.verify('text\n', signature.subarray(0, length))).toBe(false);
  });

  it.each(['', 'a b', 'a+b', 'a\u00a0b', 'a\u2003b', 'a\u0085b', 'a\nb', '\ud800'])('has no name such as %j', (name) => {
    expect(() => newKey(name, 'note')).toThrow(MalformedError);
  });
});

describe('a note', () => {
  it('is signed as the known one', () => {
    expect(signNote(TEXT, [readSigner(PETER_SECRET)])).toBe(`${TEXT}\n${PETER}`);
  });

  it('is opened by those who are trusted; other signatures are left out', () => {
    expect(openNote(`${TEXT}\n${PETER}${ENOCH}`, [peter])).toMatchObject({
      text: TEXT,
      signatures: [{ name: 'PeterNeumann', line: PETER }],
    });
    expect(namesOf(`${TEXT}\n${PETER}${ENOCH}`)).toEqual(['PeterNeumann', 'EnochRoot']);
    expect(namesOf(Buffer.from(`${TEXT}\n${ENOCH}`))).toEqual(['EnochRoot']);
  });

  it('of the specification is read', () => {
    const text = 'Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\ned è subito sera.\n';
    const base64 = 'NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=';
    const note = parseNote(`${text}\n— quasimodo.example/salvatore ${base64}\n`);
    expect(note).toMatchObject({ text, signatures: [{ name: 'quasimodo.example/salvatore', id: '367ba04b' }] });
  });

  it('is refused when nobody signed it who is trusted', () => {
    expect(() => openNote(`${TEXT}\n${PETER}${ENOCH}`, [])).toThrow(UntrustedError);
    expect(() => openNote(`${TEXT}\n${PETER}`, [enoch])).toThrow(UntrustedError);
  });

  it('is refused for a false signature of somebody trusted, even next to a true one', () => {
    const forged = PETER.replace('x08go/Z', 'x08go/Y');
    expect(() => openNote(`${TEXT}\n${forged}`, [peter])).toThrow('is invalid');
    expect(() => openNote(`${TEXT}\n${ENOCH}${forged}`, [peter, enoch])).toThrow('is invalid');
    expect(() => openNote(`${TEXT}\n${PETER}${forged}`, [peter])).toThrow('is invalid');
    expect(() => openNote(`${TEXT.replace('If', 'if')}\n${PETER}`, [peter])).toThrow('is invalid');
  });

  it('ignores a signature under a known name with another id, and under a known id with another name', () => {
    const otherId = PETER.replace('x08go', 'y08go');
    const otherName = PETER.replace('PeterNeumann', 'CarmenSandiego');
    expect(namesOf(`${TEXT}\n${otherId}${otherName}${ENOCH}`)).toEqual(['EnochRoot']);
    expect(() => openNote(`${TEXT}\n${otherId}${otherName}`, [peter])).toThrow('No trusted key signed');
  });

  it('counts nobody twice', () => {
    expect(namesOf(`${TEXT}\n${PETER}${PETER}${ENOCH}${PETER}`)).toEqual(['PeterNeumann', 'EnochRoot']);
  });

  it('is refused where two keys have one name and id', () => {
    expect(() => openNote(`${TEXT}\n${ENOCH}`, [enoch, peter, readVerifier(ENOCH_KEY)])).toThrow('Two keys');
    expect(namesOf(`${TEXT}\n${PETER}`, [enoch, peter, readVerifier(ENOCH_KEY)])).toEqual(['PeterNeumann']);
  });

  it('has at least 16 signatures, and at most 100', () => {
    expect(parseNote(`${TEXT}\n${PETER.repeat(100)}`).signatures).toHaveLength(100);
    expect(() => parseNote(`${TEXT}\n${PETER.repeat(101)}`)).toThrow(MalformedError);
  });

  it.each([
    ['without signatures', TEXT],
    ['without signatures after the blank line', `${TEXT}\n`],
    ['without a blank line', `${TEXT}${PETER}`],
    ['without the last newline', `${TEXT}\n${PETER.slice(0, -1)}`],
    ['with a blank line at its end', `${TEXT}\n${PETER}\n`],
    ['with a blank line between signatures', `${TEXT}\n${PETER}\n${ENOCH.slice(2)}`],
    ['with another line below', `${TEXT}\n${PETER}Unexpected line.\n`],
    ['with another line between', `${TEXT}\nUnexpected line.\n${PETER}`],
    ['with CRLF', `${TEXT}\n${PETER}`.replaceAll('\n', '\r\n')],
    ['with one CR', `${TEXT}\n${PETER.slice(0, -1)}\r\n`],
    ['with NUL', `\0${TEXT}\n${PETER}`],
    ['with a tab', `a\tb\n\n${PETER}`],
    ['with U+001F', `a\u001fb\n\n${PETER}`],
    ['with a space in a name', `${TEXT}\n— Bad Name ${PETER_BASE64}\n`],
    ['with a no-break space in a name', `${TEXT}\n— Bad\u00a0Name ${PETER_BASE64}\n`],
    ['with U+0085 in a name', `${TEXT}\n— Bad\u0085Name ${PETER_BASE64}\n`],
    ['with a plus in a name', `${TEXT}\n— Bad+Name ${PETER_BASE64}\n`],
    ['with an empty name', `${TEXT}\n—  ${PETER_BASE64}\n`],
    ['with a hyphen for the dash', `${TEXT}\n- PeterNeumann ${PETER_BASE64}\n`],
    ['with two spaces', `${TEXT}\n—  PeterNeumann ${PETER_BASE64}\n`],
    ['with a space at the end', `${TEXT}\n— PeterNeumann ${PETER_BASE64} \n`],
    ['with an id alone', `${TEXT}\n— PeterNeumann x08gow==\n`],
    ['without an id', `${TEXT}\n— PeterNeumann \n`],
    ['with base64 that isn’t padded', `${TEXT}\n${PETER.replace('=\n', '\n')}`],
    ['with bits in the padding', `${TEXT}\n${PETER.replace('AM=', 'AN=')}`],
    ['with base64url', `${TEXT}\n${PETER.replaceAll('/', '_')}`],
    ['with something else than base64', `${TEXT}\n${PETER.replace('x08', 'x!8')}`],
    ['with half a surrogate', `\ud800${TEXT}\n${PETER}`],
  ])('is malformed %s', (_, note) => {
    expect(() => openNote(note, [peter])).toThrow(MalformedError);
    expect(() => openNote(note, [])).toThrow(MalformedError);
  });

  it('is malformed when its bytes aren’t UTF-8', () => {
    expect(() => parseNote(Buffer.concat([Buffer.of(0xff), Buffer.from(`${TEXT}\n${PETER}`)]))).toThrow(MalformedError);
    expect(() => parseNote(Buffer.concat([Buffer.of(0xc0, 0x80), Buffer.from(`${TEXT}\n${PETER}`)]))).toThrow(MalformedError);
  });

  it('keeps a byte order mark, which was or wasn’t signed', () => {
    expect(parseNote(Buffer.from(`\ufeff${TEXT}\n${PETER}`)).text).toBe(`\ufeff${TEXT}`);
  });

  it('isn’t signed when it couldn’t be read', () => {
    const signer = readSigner(PETER_SECRET);
    for (const text of ['abc', '', 'a\r\n', 'a\0\n', '\ud800\n']) expect(() => signNote(text, [signer])).toThrow(MalformedError);
    expect(() => signNote(TEXT, [])).toThrow(MalformedError);
  });
});

describe('a cosignature', () => {
  // The specification's message, signed and verified as a plain text by the same key.
  const secret = newKey('witness.example/w1', 'cosignature');
  const text = 'example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n';
  const witness = readSigner(secret, () => 1_679_315_147);

  it('is over the text and the time, in the specification’s form', () => {
    const signature = witness.sign(text);
    expect(signature).toHaveLength(72);
    expect(timeOf(signature)).toBe(1_679_315_147n);
    const plain = readVerifier(asNoteKey(witness.publicKey));
    expect(plain.verify(`cosignature/v1\ntime 1679315147\n${text}`, signature.subarray(8))).toBe(true);
    expect(plain.id).not.toBe(witness.id);
  });

  it('is ignored by who knows the key for notes, and opened by who knows it for cosignatures', () => {
    const note = `${text}\n${signatureLine(text, witness)}`;
    expect(openNote(note, [witness.verifier]).signatures).toHaveLength(1);
    expect(() => openNote(note, [readVerifier(asNoteKey(witness.publicKey))])).toThrow('No trusted key signed');
  });

  it('of others is read: a public witness’s key, and a time', () => {
    // From the tests of github.com/transparency-dev/formats.
    const key = 'remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2';
    expect(readVerifier(key)).toMatchObject({ name: 'remora.n621.de', id: 'da77ade7', kind: 'cosignature' });
    const base64 = 'ZGhGuQAAAABm/qTPeyKXD+R2rzyQsxPiP8mXum7qq/iF0u4vanlqJyocWODBt97w9uL+8qT7S5gxEHWWOworDcFiEBYJXORmnFBOBA==';
    const [signature] = parseNote(`${text}\n— witness ${base64}\n`).signatures;
    expect(signature?.id).toBe('646846b9');
    expect(signature && timeOf(signature.signature)).toBe(1_727_964_367n);
  });

  it('of a time after 2^63 - 1 is false', () => {
    const latest = readSigner(secret, () => 2 ** 63 - 1_024);
    expect(witness.verifier.verify(text, latest.sign(text))).toBe(true);
    const after = readSigner(secret, () => 2 ** 63);
    expect(witness.verifier.verify(text, after.sign(text))).toBe(false);
  });
});

/** The same public key for signatures of type 1. */
function asNoteKey(publicKey: string): string {
  const [name = '', , base64 = ''] = publicKey.split(/\+([0-9a-f]{8})\+/);
  const bytes = Buffer.from(base64, 'base64').with(0, 1);
  const id = createHash('sha256').update(`${name}\n`).update(bytes).digest('hex').slice(0, 8);
  return `${name}+${id}+${Buffer.from(bytes).toString('base64')}`;
}
