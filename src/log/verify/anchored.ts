import type { Anchor } from '../anchors.js';
import type { Verifier } from '../format/keys.js';
import { openNote, parseNote } from '../format/note.js';
import { treeRoot } from '../format/tiles.js';
import type { LogKeys } from '../log-keys.js';
import { type Query, readTilesWith } from '../log-table.js';
import type { Report } from './findings.js';

/** What is known outside the database, against a tree that was verified. Returns how many checkpoints there were. */
export async function verifyAnchored(
  query: Query,
  size: number,
  { keys, anchors, report }: { keys: LogKeys; anchors: readonly Anchor[]; report: Report },
): Promise<number> {
  let count = 0;
  for (const anchor of anchors) {
    try {
      for await (const note of anchor.all?.() ?? []) {
        count += 1;
        const problem = await problemOf(note, { query, keys, size });
        if (problem) await report({ clinicId: null, subject: anchor.name, problem });
      }
      if (anchor.cosigners) await verifyReceipts(query, anchor.name, anchor.cosigners, report);
    } catch (error) {
      await report({ clinicId: null, subject: anchor.name, problem: `can’t be read: ${(error as Error).message}` });
    }
  }
  return count;
}

async function verifyReceipts(query: Query, anchor: string, cosigners: readonly Verifier[], report: Report): Promise<void> {
  for (let last = '0'; ;) {
    const rows = await query<{ id: string; note: string; receipt: string }>(
      `SELECT c.id, note, receipt FROM audit.anchorings JOIN audit.checkpoints c ON c.id = checkpoint_id
        WHERE anchor = $1 AND receipt IS NOT NULL AND c.id > $2 ORDER BY c.id LIMIT 1000`,
      [anchor, last],
    );
    for (const { id, note, receipt } of rows) {
      try {
        openNote(`${parseNote(note).text}\n${receipt}`, cosigners);
      } catch (error) {
        await report({
          clinicId: null,
          subject: `checkpoint ${id}`,
          problem: `has no true cosignature of ${anchor}: ${(error as Error).message}`,
        });
      }
    }
    const next = rows.at(-1);
    if (!next) return;
    last = next.id;
  }
}

/** Undefined: the log continues what this note says. */
async function problemOf(note: string, { query, keys, size }: { query: Query; keys: LogKeys; size: number }): Promise<string | undefined> {
  try {
    const { checkpoint } = keys.open(note);
    if (checkpoint.size > size) return `knows of ${checkpoint.size} entries, and the log has ${size}: the database was set back`;
    const [same] = await query('SELECT FROM audit.checkpoints WHERE tree_size = $1 AND root = $2 LIMIT 1', [
      checkpoint.size,
      checkpoint.root,
    ]);
    if (same || (await treeRoot(checkpoint.size, readTilesWith(query))).equals(checkpoint.root)) return undefined;
    return `knows other first ${checkpoint.size} entries than the log has: it was rewritten`;
  } catch (error) {
    return `holds what can’t be believed: ${(error as Error).message}`;
  }
}
