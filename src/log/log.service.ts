import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { READ } from '../audit/actions.js';
import type { Ctx } from '../common/context.js';
import { AppError, notFound } from '../common/errors.js';
import { writeProof } from './format/proof.js';
import { consistencyProof, inclusionProof } from './format/tiles.js';
import type { LogKeys } from './log-keys.js';
import { LOG_KEYS } from './log-options.js';
import { latestCheckpoint, latestNote, type Query, readTilesWith } from './log-table.js';
import type { LogView } from './log.dto.js';
import { writeAddCheckpoint } from './witness/witness.js';

@Injectable()
export class LogService {
  constructor(@Inject(LOG_KEYS) private readonly keys: LogKeys | undefined) {}

  async checkpoint(query: Query): Promise<{ readonly size: number; readonly note: string }> {
    const latest = await latestNote(query);
    if (!latest) throw new AppError('log.empty', 404, 'Nothing is in the log yet.');
    return latest;
  }

  /** As a witness takes it: the proof, and the checkpoint to which it leads. */
  async consistency(query: Query, from: number): Promise<string> {
    const { size, note } = await this.checkpoint(query);
    if (from > size) {
      throw new AppError('log.too-small', 409, `The log has ${size} entries, and not ${from}.`, {
        detail: 'If you have a signed checkpoint of that size, the log was set back: keep the checkpoint and report it.',
      });
    }
    return writeAddCheckpoint({ oldSize: from, proof: await consistencyProof(from, size, readTilesWith(query)), checkpoint: note });
  }

  /** That the event is in the log; the entry itself comes along. */
  async inclusion(ctx: Ctx, eventId: string): Promise<string> {
    const query = queryOf(ctx.tx);
    const [event] = await query<{ entry: string; leaf_index: string | null; patient_id: string | null }>(
      `SELECT audit.entry(e) AS entry, leaf_index, e.patient_id FROM audit.events e LEFT JOIN audit.leaves l ON l.event_id = e.id
        WHERE e.id = $1 AND e.occurred_at BETWEEN uuid_extract_timestamp($1) - interval '1 minute' AND uuid_extract_timestamp($1) + interval '1 minute'`,
      [eventId],
    );
    if (!event) throw notFound('event');
    if (event.leaf_index === null) {
      throw new AppError('event.not-in-log', 409, 'The event isn’t in the log yet.', {
        detail: 'It takes about a second. If it takes longer, look at GET /api/audit/log.',
        retryAfter: 2,
      });
    }
    ctx.saw(READ.proof, { subjectId: eventId, patientId: event.patient_id });
    const index = Number(event.leaf_index);
    const { size, note } = await this.checkpoint(query);
    const hashes = await inclusionProof(index, size, readTilesWith(query));
    return writeProof({ index, hashes, checkpoint: note, extra: Buffer.from(event.entry) });
  }

  async state({ tx }: Ctx): Promise<LogView> {
    const query = queryOf(tx);
    const latest = await latestCheckpoint(query);
    const [waiting] = await query<{ count: string; since: Date | null }>('SELECT count(*), min(occurred_at) AS since FROM audit.unsealed');
    const states = await query<{
      anchor: string;
      problem: string | null;
      halted: boolean;
      tree_size: string | null;
      anchored_at: Date | null;
    }>(
      `SELECT state.anchor, problem, halted, tree_size, anchored_at
         FROM audit.log_state AS state
         LEFT JOIN LATERAL (SELECT checkpoint_id, anchored_at FROM audit.anchorings WHERE anchorings.anchor = state.anchor
                             ORDER BY checkpoint_id DESC LIMIT 1) AS last ON true
         LEFT JOIN audit.checkpoints ON checkpoints.id = last.checkpoint_id
        ORDER BY state.anchor`,
    );
    const own = states.find(({ anchor }) => anchor === '');
    return {
      origin: this.keys?.origin ?? null,
      publicKey: this.keys?.signer.publicKey ?? null,
      size: latest?.size ?? 0,
      signedAt: latest?.signedAt.toISOString() ?? null,
      waiting: Number(waiting?.count ?? 0),
      waitingSince: waiting?.since?.toISOString() ?? null,
      halted: own?.halted ?? false,
      problem: own?.problem ?? null,
      anchors: states
        .filter(({ anchor }) => anchor !== '')
        .map(({ anchor, problem, tree_size: size, anchored_at: at }) => ({
          name: anchor,
          size: size === null ? null : Number(size),
          anchoredAt: at?.toISOString() ?? null,
          problem,
        })),
    };
  }
}

export const queryOf =
  (source: Pick<EntityManager, 'query'>): Query =>
  <Row>(sql: string, values?: unknown[]) =>
    source.query<Row[]>(sql, values);
