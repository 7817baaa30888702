import { writeCheckpoint } from '../../src/log/format/checkpoint.js';
import { newKey, readSigner, type Signer } from '../../src/log/format/keys.js';
import { signNote } from '../../src/log/format/note.js';
import type { AddCheckpoint } from '../../src/log/witness/witness.js';
import { naiveLeaf, NaiveTree } from './naive-merkle.js';

/** A log of 40 entries, whose checkpoint at any size can be submitted to a witness. */
export class WitnessedLog {
  private readonly tree: NaiveTree;

  /** Of one origin and key, logs with other contents are forks of each other. */
  constructor(
    readonly origin: string,
    content: string,
    readonly signer: Signer = readSigner(newKey(origin, 'note')),
  ) {
    this.tree = new NaiveTree(Array.from({ length: 40 }, (_, i) => naiveLeaf(Buffer.from(`${content} ${i}`))));
  }

  checkpoint(size: number): string {
    return signNote(writeCheckpoint({ origin: this.origin, size, root: this.tree.MTH(0, size), extensions: [] }), [this.signer]);
  }

  request(oldSize: number, size: number): AddCheckpoint {
    const proof = oldSize === 0 || oldSize >= size ? [] : this.tree.PROOF(oldSize, size);
    return { oldSize, proof, checkpoint: this.checkpoint(size) };
  }
}
