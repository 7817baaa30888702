import type { LogKeys } from '../log-keys.js';
import type { Query } from '../log-table.js';
import type { Report } from './findings.js';

const PAGE = 1_000;

interface Row {
  readonly id: string;
  readonly tree_size: string;
  readonly root: Buffer;
  readonly note: string;
}

/** Goes through the signed roots beside the tree, in the order of their sizes: all of them are the roots of one growing tree. */
export class CheckpointCheck {
  private rows: Row[] | undefined;
  private at = 0;
  private last = 0;
  private fits = true;

  constructor(
    private readonly query: Query,
    private readonly keys: LogKeys,
    private readonly report: Report,
  ) {}

  /** Whether a root was signed for this size. True as long as that isn't known. */
  isDue(size: number): boolean {
    const row = this.rows?.[this.at];
    return this.rows === undefined || (row ? Number(row.tree_size) <= size : this.rows.length === PAGE);
  }

  async compare(size: number, root: Buffer): Promise<void> {
    for (let row = await this.current(); row && Number(row.tree_size) <= size; row = await this.next()) {
      await this.verify(row, Number(row.tree_size) === size ? root : undefined);
      this.last = Number(row.tree_size);
    }
  }

  /** After the whole tree. */
  async end(size: number): Promise<void> {
    if (this.last < size) {
      await this.report({
        clinicId: null,
        subject: 'log',
        problem: `has ${size} entries, but no root was signed for more than ${this.last}`,
      });
    }
    for (let row = await this.current(); row; row = await this.next()) {
      await this.verify(row, undefined);
      await this.report({
        clinicId: null,
        subject: `checkpoint ${row.id}`,
        problem: `was signed for ${row.tree_size} entries, but there are ${size}`,
      });
    }
    const shrunk = await this.query<{ id: string }>(
      `SELECT id FROM (SELECT id, tree_size, lag(tree_size) OVER (ORDER BY id) AS before FROM audit.checkpoints) AS step
        WHERE tree_size < before ORDER BY id LIMIT 100`,
    );
    for (const { id } of shrunk) {
      await this.report({ clinicId: null, subject: `checkpoint ${id}`, problem: 'was signed for fewer entries than the one before it' });
    }
  }

  private async verify({ id, tree_size: size, root, note }: Row, tree: Buffer | undefined): Promise<void> {
    const report = (problem: string) => this.report({ clinicId: null, subject: `checkpoint ${id}`, problem });
    let signed = root;
    try {
      const { checkpoint } = this.keys.open(note);
      if (checkpoint.size !== Number(size) || !checkpoint.root.equals(root)) {
        await report('isn’t what was signed');
        if (checkpoint.size !== Number(size)) return;
      }
      signed = checkpoint.root;
    } catch (error) {
      await report(`can’t be trusted: ${(error as Error).message}`);
    }
    // All later ones hold the same change.
    if (this.fits && tree && !tree.equals(signed)) {
      this.fits = false;
      await report(`doesn’t match: of the first ${size} entries, one after the first ${this.last} was changed, added or removed`);
    }
  }

  private async current(): Promise<Row | undefined> {
    if (!this.rows || (this.at >= this.rows.length && this.rows.length === PAGE)) {
      const last = this.rows?.at(-1);
      this.rows = await this.query<Row>(
        `SELECT id, tree_size, root, note FROM audit.checkpoints WHERE (tree_size, id) > ($1, $2) ORDER BY tree_size, id LIMIT ${PAGE}`,
        [last?.tree_size ?? -1, last?.id ?? 0],
      );
      this.at = 0;
    }
    return this.rows[this.at];
  }

  private next(): Promise<Row | undefined> {
    this.at += 1;
    return this.current();
  }
}
