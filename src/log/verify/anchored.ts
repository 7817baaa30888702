import type { Anchor } from '../anchors.js';
import type { Verifier } from '../format/keys.js';
import { openNote, parseNote } from '../format/note.js';
import { treeRoot } from '../format/tiles.js';
import type { LogKeys } from '../log-keys.js';
import { latestCheckpoint, type Query, readTilesWith } from '../log-table.js';
import type { Report } from './findings.js';

/** What is known outside the database, against a tree that was verified. Returns how many checkpoints there were. */
export async function verifyAnchored(
  query: Query,
  size: number,
  { now, keys, anchors, report }: { now: Query; keys: LogKeys; anchors: readonly Anchor[]; report: Report },
): Promise<number> {
  let count = 0;
  for (const anchor of anchors) {
    try {
      for await (const note of anchor.all?.() ?? []) {
        count += 1;
        const problem = await problemOf(note, { query, now, keys, size });
        if (problem) await report({ clinicId: null, subject: anchor.name, problem });
      }
      if (anchor.cosigners) count += await verifyReceipts(query, anchor.name, anchor.cosigners, report);
      await verifySeen(query, size, { now, anchor, report });
    } catch (error) {
      // A file that isn't there holds nothing against the log, unless something was put into it.
      const isAbsent = error instanceof Error && 'code' in error && error.code === 'ENOENT';
      if (isAbsent && (await query('SELECT FROM audit.anchorings WHERE anchor = $1 LIMIT 1', [anchor.name])).length === 0) continue;
      await report({ clinicId: null, subject: anchor.name, problem: `can’t be read: ${(error as Error).message}` });
    }
  }
  return count;
}

async function verifyReceipts(query: Query, anchor: string, cosigners: readonly Verifier[], report: Report): Promise<number> {
  let count = 0;
  for (let last = '0'; ;) {
    const rows = await query<{ id: string; note: string; receipt: string }>(
      `SELECT c.id, note, receipt FROM audit.anchorings JOIN audit.checkpoints c ON c.id = checkpoint_id
        WHERE anchor = $1 AND receipt IS NOT NULL AND c.id > $2 ORDER BY c.id LIMIT 1000`,
      [anchor, last],
    );
    for (const { id, note, receipt } of rows) {
      try {
        openNote(`${parseNote(note).text}\n${receipt}`, cosigners);
        count += 1;
      } catch (error) {
        await report({
          clinicId: null,
          subject: `checkpoint ${id}`,
          problem: `has no true cosignature of ${anchor}: ${(error as Error).message}`,
        });
      }
    }
    const next = rows.at(-1);
    if (!next) return count;
    last = next.id;
  }
}

const setBack = (known: number, size: number): string => `has seen ${known} entries, but the log has ${size}: the database was set back`;

/** What a witness answers that remembers how far it saw the log come. */
async function verifySeen(
  query: Query,
  size: number,
  { now, anchor, report }: { now: Query; anchor: Anchor; report: Report },
): Promise<void> {
  const head = await latestCheckpoint(query);
  const seen = head && (await anchor.seen?.(head));
  if (!head || !seen) return;
  const problem =
    seen.size > head.size && seen.size > ((await latestCheckpoint(now))?.size ?? 0)
      ? setBack(seen.size, size)
      : seen.size === head.size && !seen.same
        ? `has seen different content in the first ${seen.size} entries: the log was rewritten`
        : undefined;
  if (problem) await report({ clinicId: null, subject: anchor.name, problem });
}

/** Undefined: the log continues what this note says. */
async function problemOf(
  note: string,
  { query, now, keys, size }: { query: Query; now: Query; keys: LogKeys; size: number },
): Promise<string | undefined> {
  try {
    const { checkpoint } = keys.open(note);
    // What was signed while we verify is in the database by now; that it continues what we saw is verified the next time.
    const [same] = await (checkpoint.size > size ? now : query)(
      'SELECT FROM audit.checkpoints WHERE tree_size = $1 AND root = $2 LIMIT 1',
      [checkpoint.size, checkpoint.root],
    );
    if (!same && checkpoint.size > size) return setBack(checkpoint.size, size);
    if (same || (await treeRoot(checkpoint.size, readTilesWith(query))).equals(checkpoint.root)) return undefined;
    return `has seen different content in the first ${checkpoint.size} entries: the log was rewritten`;
  } catch (error) {
    return `holds what can’t be trusted: ${(error as Error).message}`;
  }
}
