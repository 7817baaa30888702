import type { Anchor } from './anchors.js';
import { treeRoot } from './format/tiles.js';
import { Halt } from './halt.js';
import type { LogKeys } from './log-keys.js';
import { type Query, readTilesWith, type StoredCheckpoint } from './log-table.js';

/** How long an anchor is left alone after a failure. */
const AGAIN_MS = 5_000;

interface Known {
  /** Of the checkpoint that it has. */
  id: bigint;
  size: number;
  /** When it may get the next one. */
  due: number;
}

/** Brings checkpoints to the anchors, each at its own pace, and sealing doesn't wait for them. */
export class Anchoring {
  private readonly known = new Map<Anchor, Known>();
  private readonly busy = new Map<Anchor, Promise<void>>();
  /** Those that hold another log's state. Nothing is put beside it. */
  private readonly foreign = new Set<Anchor>();

  constructor(
    private readonly anchors: readonly Anchor[],
    private readonly keys: LogKeys,
    private readonly query: Query,
    private readonly halt: (reason: string) => Promise<void>,
  ) {}

  /** That each anchor's last checkpoint is a beginning of this log. Who doesn't answer is noted, and delays nothing. */
  async compare(head: StoredCheckpoint | undefined, query: Query): Promise<void> {
    this.foreign.clear();
    this.known.clear();
    for (const anchor of this.anchors) {
      let note: string | undefined;
      let seen: { size: number; same: boolean } | undefined;
      try {
        note = await anchor.latest?.();
        seen = head && (await anchor.seen?.(head));
      } catch (error) {
        await this.note(anchor, `It can't be read: ${messageOf(error)}`);
      }
      if (note !== undefined) await this.compareWith(anchor, note, head, query);
      if (head && seen) compareSeen(anchor, seen, head);
    }
  }

  deliver(head: StoredCheckpoint): void {
    for (const anchor of this.anchors) {
      if (this.busy.has(anchor) || this.foreign.has(anchor)) continue;
      const task = this.deliverTo(anchor, head).finally(() => this.busy.delete(anchor));
      this.busy.set(anchor, task);
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.busy.values());
  }

  private async compareWith(anchor: Anchor, note: string, head: StoredCheckpoint | undefined, query: Query): Promise<void> {
    let there: { size: number; root: Buffer };
    try {
      there = this.keys.open(note).checkpoint;
    } catch (error) {
      this.foreign.add(anchor);
      await this.note(anchor, `It receives nothing, because what it holds isn't from this log: ${messageOf(error)}`);
      return;
    }
    const { size, root } = there;
    if (size > (head?.size ?? 0)) throw setBack(anchor, size, head?.size ?? 0);
    if (!(await treeRoot(size, readTilesWith(query))).equals(root)) {
      throw rewritten(anchor, size);
    }
  }

  private async deliverTo(anchor: Anchor, head: StoredCheckpoint): Promise<void> {
    try {
      const known = await this.knownOf(anchor);
      if (Date.now() < known.due || BigInt(head.id) <= known.id) return;
      known.due = Date.now() + AGAIN_MS;
      const receipt = await anchor.deliver(head, { size: known.size, query: this.query });
      await this.query('INSERT INTO audit.anchorings (anchor, checkpoint_id, receipt) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING', [
        anchor.name,
        head.id,
        receipt ?? null,
      ]);
      this.known.set(anchor, { id: BigInt(head.id), size: head.size, due: Date.now() + anchor.everyMs });
      await this.note(anchor, null);
    } catch (error) {
      if (error instanceof Halt) await this.halt(error.message);
      await this.note(anchor, messageOf(error)).catch(() => undefined);
    }
  }

  private async knownOf(anchor: Anchor): Promise<Known> {
    const remembered = this.known.get(anchor);
    if (remembered) return remembered;
    const [row] = await this.query<{ checkpoint_id: string; tree_size: string; anchored_at: Date }>(
      `SELECT checkpoint_id, tree_size, anchored_at FROM audit.anchorings JOIN audit.checkpoints ON id = checkpoint_id
        WHERE anchor = $1 ORDER BY checkpoint_id DESC LIMIT 1`,
      [anchor.name],
    );
    const known = row
      ? { id: BigInt(row.checkpoint_id), size: Number(row.tree_size), due: row.anchored_at.getTime() + anchor.everyMs }
      : { id: 0n, size: 0, due: 0 };
    this.known.set(anchor, known);
    return known;
  }

  /** Null: all is well. */
  private async note(anchor: Anchor, problem: string | null): Promise<void> {
    await this.query(
      `INSERT INTO audit.log_state (anchor, problem) VALUES ($1, $2)
       ON CONFLICT (anchor) DO UPDATE SET problem = excluded.problem, changed_at = clock_timestamp()
                                    WHERE log_state.problem IS DISTINCT FROM excluded.problem`,
      [anchor.name, problem],
    );
  }
}

function compareSeen(anchor: Anchor, { size, same }: { size: number; same: boolean }, head: StoredCheckpoint): void {
  if (size > head.size) throw setBack(anchor, size, head.size);
  if (size === head.size && !same) throw rewritten(anchor, size);
}

const setBack = (anchor: Anchor, known: number, size: number): Halt =>
  new Halt(`The database was set back: ${anchor.name} has seen ${known} entries, but the log has ${size}.`);

const rewritten = (anchor: Anchor, size: number): Halt =>
  new Halt(`The log was rewritten: its first ${size} entries aren't those that ${anchor.name} knows.`);

/** With its cause: "fetch failed" alone helps nobody. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof AggregateError && !error.message) return error.errors.map(messageOf).join('; ');
  return error.cause === undefined ? error.message : `${error.message}: ${messageOf(error.cause)}`;
}
