import * as fc from 'fast-check';
import { EMPTY_ROOT, leafHash, nodeHash, RootCalculator, verifyConsistency, verifyInclusion } from '../../src/log/format/merkle.js';
import { naiveLeaf, NaiveTree } from '../support/naive-merkle.js';

const hex = (text: string): Buffer => Buffer.from(text, 'hex');

// The vectors that implementations of Certificate Transparency share.
const DATA = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'].map(hex);
const ROOTS = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
].map(hex);
const H = {
  a: '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
  ab: 'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  cd: '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
  efgh: '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
  e: 'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
  ef: '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
  gh: 'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
  abcd: 'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  g: 'b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f',
};
const root = (size: number): Buffer => ROOTS[size] ?? EMPTY_ROOT;

describe('known answers of RFC 6962', () => {
  it('hashes an entry and an empty tree', () => {
    expect(leafHash(hex('4c313233343536')).toString('hex')).toBe('395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56');
    expect(leafHash(Buffer.alloc(0))).toEqual(root(1));
    expect(EMPTY_ROOT).toEqual(root(0));
  });

  it('hashes a node', () => {
    const [left, right] = [leafHash(hex('')), leafHash(hex('00'))];
    expect(nodeHash(left, right)).toEqual(root(2));
  });

  it('gives the roots of sizes 0 to 8', () => {
    const calculator = new RootCalculator();
    const roots = [calculator.root()];
    for (const data of DATA) {
      calculator.append(leafHash(data));
      roots.push(calculator.root());
    }
    expect(roots).toEqual(ROOTS);
    expect(calculator.size).toBe(8);
  });

  it.each([
    [0, 1, []],
    [0, 8, [H.a, H.cd, H.efgh]],
    [5, 8, [H.e, H.gh, H.abcd]],
    [2, 3, [H.ab]],
    [1, 5, ['6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d', H.cd, H.e]],
  ])('verifies that leaf %i is in the tree of %i', (index, size, proof) => {
    const leaf = leafHash(DATA[index] ?? Buffer.alloc(0));
    expect(verifyInclusion({ index, size, leaf, proof: proof.map(hex), root: root(size) })).toBe(true);
  });

  it.each([
    [1, 1, []],
    [1, 8, [H.a, H.cd, H.efgh]],
    [6, 8, [H.ef, H.gh, H.abcd]],
    [2, 5, [H.cd, H.e]],
    [6, 7, [H.ef, H.g, H.abcd]],
  ])('verifies that the tree of %i begins that of %i', (size1, size2, proof) => {
    expect(verifyConsistency({ size1, size2, root1: root(size1), root2: root(size2), proof: proof.map(hex) })).toBe(true);
  });
});

const leaves = Array.from({ length: 130 }, (_, i) => naiveLeaf(Buffer.from(`entry ${i}`)));
const naive = new NaiveTree(leaves);
const rootOf = (size: number): Buffer => naive.MTH(0, size);
const leafAt = (index: number): Buffer => leaves[index] ?? EMPTY_ROOT;
const inclusion = (index: number, size: number) => {
  return { index, size, leaf: leafAt(index), proof: naive.PATH(index, 0, size), root: rootOf(size) };
};
const consistency = (size1: number, size2: number) => {
  const proof = size1 === 0 ? [] : naive.PROOF(size1, size2);
  return { size1, size2, root1: rootOf(size1), root2: rootOf(size2), proof };
};

function flipped(hash: Uint8Array, bit: number): Buffer {
  const copy = Buffer.from(hash);
  copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return copy;
}

/** A proof with one thing wrong: a hash too many anywhere, one missing, two changed about, one of another length. */
function otherProofs(proof: readonly Buffer[]): Buffer[][] {
  const some = leafHash(Buffer.from('some'));
  const inserted = [...proof, some].flatMap((_, i) =>
    [some, proof[i] ?? some].map((more) => [...proof.slice(0, i), more, ...proof.slice(i)]),
  );
  const removed = proof.map((_, i) => proof.toSpliced(i, 1));
  const swapped = proof.slice(1).map((hash, i) => proof.toSpliced(i, 2, hash, proof[i] ?? hash));
  const cut = proof.flatMap((hash, i) => [proof.with(i, hash.subarray(0, 31)), proof.with(i, Buffer.concat([hash, Buffer.of(0)]))]);
  return [...inserted, ...removed, ...swapped, ...cut];
}

describe('against the RFC’s own recursive definition', () => {
  it('has the same root at every size up to 130', () => {
    const calculator = new RootCalculator();
    expect(calculator.root()).toEqual(rootOf(0));
    for (const [i, leaf] of leaves.entries()) {
      calculator.append(leaf);
      expect(calculator.root()).toEqual(rootOf(i + 1));
    }
  });

  it('verifies every inclusion proof up to size 128, at its index and no other', () => {
    let verified = 0;
    for (let size = 1; size <= 128; size += 1) {
      for (let index = 0; index < size; index += 1) {
        const right = inclusion(index, size);
        verified += verifyInclusion(right) ? 1 : 0;
        for (const other of [index - 1, index + 1, size - 1 - index]) {
          if (other !== index) verified -= verifyInclusion({ ...right, index: other }) ? 1 : 0;
        }
      }
    }
    expect(verified).toBe((128 * 129) / 2);
  });

  it('verifies every consistency proof up to size 128, and none between other sizes', () => {
    let verified = 0;
    for (let size2 = 0; size2 <= 128; size2 += 1) {
      for (let size1 = 0; size1 <= size2; size1 += 1) {
        const right = consistency(size1, size2);
        verified += verifyConsistency(right) ? 1 : 0;
        for (const other of [size1 - 1, size1 + 1]) {
          verified -= verifyConsistency({ ...right, size1: other }) ? 1 : 0;
        }
      }
    }
    expect(verified).toBe((129 * 130) / 2);
  });
});

describe('a proof with anything wrong is refused', () => {
  it('each element added, removed, swapped or of another length, up to size 40', () => {
    for (let size = 1; size <= 40; size += 1) {
      for (let other = 0; other < size; other += 1) {
        const one = inclusion(other, size);
        expect(otherProofs(one.proof).some((proof) => verifyInclusion({ ...one, proof }))).toBe(false);
        const two = consistency(other, size);
        expect(otherProofs(two.proof).some((proof) => verifyConsistency({ ...two, proof }))).toBe(false);
      }
    }
  });

  it('each bit, up to size 12', () => {
    const bits = Array.from({ length: 256 }, (_, bit) => bit);
    for (let size = 1; size <= 12; size += 1) {
      for (let other = 0; other < size; other += 1) {
        const one = inclusion(other, size);
        const two = consistency(other, size);
        const accepted = bits.filter(
          (bit) =>
            verifyInclusion({ ...one, leaf: flipped(one.leaf, bit) }) ||
            verifyInclusion({ ...one, root: flipped(one.root, bit) }) ||
            one.proof.some((hash, i) => verifyInclusion({ ...one, proof: one.proof.with(i, flipped(hash, bit)) })) ||
            verifyConsistency({ ...two, root1: flipped(two.root1, bit) }) ||
            // Every tree begins with the empty one.
            (other > 0 && verifyConsistency({ ...two, root2: flipped(two.root2, bit) })) ||
            two.proof.some((hash, i) => verifyConsistency({ ...two, proof: two.proof.with(i, flipped(hash, bit)) })),
        );
        expect(accepted).toEqual([]);
      }
    }
  });

  it('a bit anywhere, in trees up to 128', () => {
    const pair = fc.integer({ min: 2, max: 128 }).chain((size) => fc.tuple(fc.integer({ min: 1, max: size - 1 }), fc.constant(size)));
    fc.assert(
      fc.property(pair, fc.nat(), fc.integer({ min: 0, max: 255 }), ([other, size], n, bit) => {
        for (const [proof, holds] of [
          [inclusion(other, size).proof, (proof: Buffer[]) => verifyInclusion({ ...inclusion(other, size), proof })],
          [consistency(other, size).proof, (proof: Buffer[]) => verifyConsistency({ ...consistency(other, size), proof })],
        ] as const) {
          const at = n % proof.length;
          expect(holds(proof)).toBe(true);
          expect(holds(proof.with(at, flipped(proof[at] ?? EMPTY_ROOT, bit)))).toBe(false);
        }
      }),
    );
  });

  it.each([-1, 0.5, Number.NaN, 3, 4, 2 ** 53, Number.POSITIVE_INFINITY])('index %d in a tree of 3', (index) => {
    expect(verifyInclusion({ ...inclusion(2, 3), index })).toBe(false);
  });

  it.each([-1, 0, 1, 2, 2.5, Number.NaN, 2 ** 53])('size %d in place of 3', (size) => {
    expect(verifyInclusion({ ...inclusion(2, 3), size })).toBe(false);
    expect(verifyConsistency({ ...consistency(2, 3), size2: size })).toBe(false);
  });

  it('one that goes on above the root, to a root of its own', () => {
    const [one, two, more] = [inclusion(2, 3), consistency(2, 3), rootOf(9)];
    expect(verifyInclusion({ ...one, proof: [...one.proof, more], root: nodeHash(more, one.root) })).toBe(false);
    const above = { root1: nodeHash(more, two.root1), root2: nodeHash(more, two.root2) };
    expect(verifyConsistency({ ...two, ...above, proof: [...two.proof, more] })).toBe(false);
    const odd = consistency(3, 5);
    const aboveOdd = { root1: nodeHash(more, odd.root1), root2: nodeHash(more, odd.root2) };
    expect(verifyConsistency({ ...odd, ...aboveOdd, proof: [...odd.proof, more] })).toBe(false);
  });

  it('nothing is in an empty tree', () => {
    expect(verifyInclusion({ index: 0, size: 0, leaf: leafAt(0), proof: [], root: EMPTY_ROOT })).toBe(false);
    expect(verifyInclusion({ index: 0, size: 0, leaf: EMPTY_ROOT, proof: [], root: EMPTY_ROOT })).toBe(false);
  });

  it('the empty tree has one root, and begins every tree without a proof', () => {
    const other = rootOf(1);
    const empty = { size1: 0, size2: 0, root1: EMPTY_ROOT, root2: EMPTY_ROOT, proof: [] };
    expect(verifyConsistency(empty)).toBe(true);
    expect(verifyConsistency({ ...empty, root1: other, root2: other })).toBe(false);
    expect(verifyConsistency({ ...empty, size2: 1, root2: other })).toBe(true);
    expect(verifyConsistency({ ...empty, size2: 1, root1: other, root2: other })).toBe(false);
    expect(verifyConsistency({ ...empty, size2: 1, root2: other, proof: [other] })).toBe(false);
  });

  it('a tree is consistent with itself alone, without a proof', () => {
    const same = consistency(5, 5);
    expect(verifyConsistency(same)).toBe(true);
    expect(verifyConsistency({ ...same, root2: rootOf(6) })).toBe(false);
    expect(verifyConsistency({ ...same, proof: [rootOf(5)] })).toBe(false);
  });

  it('a tree doesn’t shrink', () => {
    const { root1, root2, proof } = consistency(3, 7);
    expect(verifyConsistency({ size1: 7, size2: 3, root1: root2, root2: root1, proof })).toBe(false);
  });
});
