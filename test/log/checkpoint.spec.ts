import { openCheckpoint, readCheckpoint, type Trust, writeCheckpoint } from '../../src/log/format/checkpoint.js';
import { newKey, readSigner } from '../../src/log/format/keys.js';
import { EMPTY_ROOT, leafHash } from '../../src/log/format/merkle.js';
import { parseNote, signatureLine, signNote } from '../../src/log/format/note.js';
import { readProof, verifyProof, writeProof } from '../../src/log/format/proof.js';
import { MalformedError, UntrustedError } from '../../src/log/format/text.js';
import { NaiveTree } from '../support/naive-merkle.js';

const ORIGIN = 'example.com/behind-the-sofa';
const ROOT = 'CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=';
const log = readSigner(newKey(ORIGIN, 'note'));
const w1 = readSigner(newKey('witness.example/w1', 'cosignature'));
const w2 = readSigner(newKey('witness.example/w2', 'cosignature'));
const trust: Trust = { origin: ORIGIN, log: [log.verifier], witnesses: [w1.verifier, w2.verifier], quorum: 0 };

describe('a checkpoint', () => {
  const text = `${ORIGIN}\n20852163\n${ROOT}\n`;

  it('of the specification is read, and written the same', () => {
    const base64 = 'Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=';
    const note = parseNote(`${text}\n— ${ORIGIN} ${base64}\n`);
    const checkpoint = { origin: ORIGIN, size: 20_852_163, root: Buffer.from(ROOT, 'base64'), extensions: [] };
    expect(readCheckpoint(note.text)).toEqual(checkpoint);
    expect(writeCheckpoint(checkpoint)).toBe(text);
  });

  it('of an empty log, with extensions, and of the largest size', () => {
    for (const checkpoint of [
      { origin: 'any words + signs', size: 0, root: EMPTY_ROOT, extensions: [] },
      { origin: ORIGIN, size: 1, root: EMPTY_ROOT, extensions: ['one', ' two'] },
      { origin: ORIGIN, size: Number.MAX_SAFE_INTEGER, root: EMPTY_ROOT, extensions: [] },
    ]) {
      expect(readCheckpoint(writeCheckpoint(checkpoint))).toEqual(checkpoint);
    }
  });

  it.each([
    ['nothing', ''],
    ['two lines', `${ORIGIN}\n1\n`],
    ['no last newline', text.slice(0, -1)],
    ['an empty origin', `\n1\n${ROOT}\n`],
    ['a blank line', `${text}\n`],
    ['a blank line before an extension', `${text}\nmore\n`],
    ['a leading zero', `${ORIGIN}\n01\n${ROOT}\n`],
    ['two zeros', `${ORIGIN}\n00\n${ROOT}\n`],
    ['a plus', `${ORIGIN}\n+1\n${ROOT}\n`],
    ['a minus', `${ORIGIN}\n-1\n${ROOT}\n`],
    ['a space', `${ORIGIN}\n1 \n${ROOT}\n`],
    ['a hexadecimal size', `${ORIGIN}\n0x1\n${ROOT}\n`],
    ['an exponent', `${ORIGIN}\n1e3\n${ROOT}\n`],
    ['other digits', `${ORIGIN}\n١\n${ROOT}\n`],
    ['a size that isn’t exact', `${ORIGIN}\n9007199254740992\n${ROOT}\n`],
    ['a size of 17 digits', `${ORIGIN}\n10000000000000000\n${ROOT}\n`],
    ['a short root', `${ORIGIN}\n1\n${Buffer.alloc(31).toString('base64')}\n`],
    ['a long root', `${ORIGIN}\n1\n${Buffer.alloc(33).toString('base64')}\n`],
    ['a root without padding', `${ORIGIN}\n1\n${ROOT.slice(0, -1)}\n`],
    ['a root with bits in its padding', `${ORIGIN}\n1\n${ROOT.replace('2I=', '2J=')}\n`],
    ['a space after the root', `${ORIGIN}\n1\n${ROOT} \n`],
  ])('isn’t read with %s', (_, wrong) => {
    expect(() => readCheckpoint(wrong)).toThrow(MalformedError);
  });

  it('isn’t written as something else', () => {
    const right = { origin: ORIGIN, size: 1, root: EMPTY_ROOT, extensions: [] };
    for (const wrong of [
      { origin: '' },
      { origin: `${ORIGIN}\n2\n${ROOT}` },
      { size: -1 },
      { size: 1.5 },
      { size: 2 ** 53 },
      { root: Buffer.alloc(31) },
      { extensions: [''] },
      { extensions: ['a\nb'] },
    ]) {
      expect(() => writeCheckpoint({ ...right, ...wrong })).toThrow(MalformedError);
    }
  });

  it('is opened for the log that signed it', () => {
    const opened = openCheckpoint(signNote(text, [log]), trust);
    expect(opened.checkpoint.size).toBe(20_852_163);
  });

  it.each([
    ['is another log’s', signNote(text.replace('sofa', 'chair'), [log]), trust, 'another log'],
    ['was signed by witnesses alone', signNote(text, [w1, w2]), trust, 'The log didn’t sign'],
    ['was cosigned by none of one', signNote(text, [log]), { ...trust, quorum: 1 }, '0 of 1'],
    ['was cosigned by one of two', signNote(text, [log, w1]), { ...trust, quorum: 2 }, '1 of 2'],
    ['was cosigned by one, twice', signNote(text, [log, w1, w1]), { ...trust, quorum: 2 }, '1 of 2'],
    ['was signed by nobody known', signNote(text, [w1]), { ...trust, witnesses: [] }, 'No trusted key signed'],
    ['has a false cosignature', signNote(text, [log]) + signatureLine(`${text}x\n`, w1), trust, 'is invalid'],
  ])('isn’t when it %s', (_, note, trust, message) => {
    expect(() => openCheckpoint(note, trust)).toThrow(UntrustedError);
    expect(() => openCheckpoint(note, trust)).toThrow(message);
  });

  it('is opened when enough witnesses cosigned', () => {
    const note = signNote(text, [log]) + signatureLine(text, w1) + signatureLine(text, w2);
    expect(openCheckpoint(note, { ...trust, quorum: 2 }).signatures.map(({ name }) => name)).toEqual([log.name, w1.name, w2.name]);
  });

  it('isn’t opened when a witness with two keys is to count as two', () => {
    const second = readSigner(newKey(w1.name, 'cosignature'));
    const two = { ...trust, witnesses: [w1.verifier, second.verifier], quorum: 2 };
    expect(() => openCheckpoint(signNote(text, [log, w1, second]), two)).toThrow('1 of 2');
  });
});

describe('a proof that travels', () => {
  const leaves = Array.from({ length: 11 }, (_, i) => leafHash(Buffer.from(`entry ${i}`)));
  const tree = new NaiveTree(leaves);
  const checkpoint = signNote(writeCheckpoint({ origin: ORIGIN, size: 11, root: tree.MTH(0, 11), extensions: [] }), [log, w1]);
  const hashes = tree.PATH(7, 0, 11);
  const leaf = leaves[7] ?? EMPTY_ROOT;
  const witnessed = { ...trust, quorum: 1 };
  const written = writeProof({ index: 7, hashes, checkpoint });

  it('has the specification’s form', () => {
    const lines = ['c2sp.org/tlog-proof@v1', 'index 7', ...hashes.map((hash) => hash.toString('base64')), '', checkpoint];
    expect(written).toBe(lines.join('\n'));
    expect(readProof(written)).toEqual({ index: 7, hashes, checkpoint, extra: undefined });
    const extra = Buffer.from('more');
    const more = writeProof({ index: 7, hashes, checkpoint, extra });
    expect(more.split('\n').slice(0, 3)).toEqual(['c2sp.org/tlog-proof@v1', 'extra bW9yZQ==', 'index 7']);
    expect(readProof(more).extra).toEqual(extra);
  });

  it('of the specification’s example is read up to the checkpoint, which it abridges', () => {
    const example = [
      'c2sp.org/tlog-proof@v1',
      'index 73894',
      'gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=',
      'B95lDa8R83lS8n0eG+o0buTxRKQTYFi//1U8anccXmA=',
      'EKNzoDWG8LGC0Yp9o+sv3qllpMP9uHQ9B20KNL+Q1zs=',
      'RoopEkOdqkYqMB4MJXrbt/hMjOxsVn0IrWjpz1ZMMes=',
      'AHCioX9nLjsrse6YhjRRmk1WUEirVOLLRoOQ6vfO5vk=',
      '',
      'example.com/fancylog\n',
    ].join('\n');
    expect(readProof(example)).toMatchObject({ index: 73_894, checkpoint: 'example.com/fancylog\n' });
    expect(readProof(example).hashes).toHaveLength(5);
  });

  it('is verified, with what it brings', () => {
    const { index, checkpoint, extra } = verifyProof(Buffer.from(written), leaf, witnessed);
    expect({ index, size: checkpoint.size, extra }).toEqual({ index: 7, size: 11, extra: undefined });
  });

  it('of the only entry has no hashes', () => {
    const only = signNote(writeCheckpoint({ origin: ORIGIN, size: 1, root: leaf, extensions: [] }), [log, w1]);
    expect(verifyProof(writeProof({ index: 0, hashes: [], checkpoint: only }), leaf, witnessed).index).toBe(0);
  });

  it.each([
    ['another entry', leaves[6] ?? EMPTY_ROOT, written, witnessed],
    ['another index', leaf, written.replace('index 7', 'index 6'), witnessed],
    ['an index outside', leaf, written.replace('index 7', 'index 11'), witnessed],
    ['a hash less', leaf, writeProof({ index: 7, hashes: hashes.slice(1), checkpoint }), witnessed],
    ['too few witnesses', leaf, written, { ...witnessed, quorum: 2 }],
    ['another log', leaf, written, { ...witnessed, origin: 'example.com/other' }],
    ['another log’s key', leaf, written, { ...witnessed, log: [w2.verifier] }],
    ['another size under the signature', leaf, written.replace('\n11\n', '\n12\n'), witnessed],
  ])('isn’t with %s', (_, leaf, proof, trust) => {
    expect(() => verifyProof(proof, leaf, trust)).toThrow(UntrustedError);
  });

  it.each([
    ['another version', written.replace('@v1', '@v2')],
    ['CRLF', written.replaceAll('\n', '\r\n')],
    ['no index', written.replace('index 7\n', '')],
    ['an index that is no number', written.replace('index 7', 'index seven')],
    ['an index with a zero before', written.replace('index 7', 'index 07')],
    ['a negative index', written.replace('index 7', 'index -5')],
    ['the extra after the index', written.replace('index 7', 'index 7\nextra bW9yZQ==')],
    ['extra that is no base64', written.replace('index 7', 'extra !!\nindex 7')],
    ['two extras', written.replace('index 7', 'extra bW9yZQ==\nextra bW9yZQ==\nindex 7')],
    ['a hash that is no base64', written.replace('index 7', 'index 7\n!!notbase64!!')],
    ['a hash of 64 bytes', written.replace('index 7', `index 7\n${Buffer.alloc(64).toString('base64')}`)],
    ['64 hashes', writeProof({ index: 7, hashes: Array.from({ length: 64 }, () => leaf), checkpoint })],
    ['no blank line', 'c2sp.org/tlog-proof@v1\nindex 7\n'],
    ['no checkpoint', 'c2sp.org/tlog-proof@v1\nindex 7\n\n'],
    ['a checkpoint without signatures', `c2sp.org/tlog-proof@v1\nindex 0\n\n${ORIGIN}\n1\n${ROOT}\n`],
    ['nothing', ''],
  ])('is malformed with %s', (_, proof) => {
    expect(() => verifyProof(proof, leaf, witnessed)).toThrow(MalformedError);
  });
});
