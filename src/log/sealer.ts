import { setTimeout as delay } from 'node:timers/promises';
import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Client, Pool } from 'pg';
import { CONNECTION_OPTIONS } from '../database/database.module.js';
import { Anchoring } from './anchoring.js';
import { type Entry, entryHash, writeEntry } from './entry.js';
import { writeCheckpoint } from './format/checkpoint.js';
import { signNote } from './format/note.js';
import { append, treeRoot } from './format/tiles.js';
import { Halt } from './halt.js';
import type { LogKeys } from './log-keys.js';
import type { LogOptions } from './log-options.js';
import { latestCheckpoint, type Query, queryOn, readTilesWith, type StoredCheckpoint } from './log-table.js';

/** Any number will do: of all servers on a database, one seals. */
export const SEALER_LOCK = 7_302_115_882;
const EVERY_MS = 1_000;
/** Without news a checkpoint is signed all the same, so that silence means something. */
const QUIET_MS = 5 * 60_000;
const BATCH = 4_096;

/**
 * What anchors have received must not be lost, whatever the database's own setting. And the few events that wait are looked up one by
 * one: a plan made from old statistics would read the whole record for them.
 */
const SETTINGS = `
  SET synchronous_commit = on;
  SET enable_hashjoin = off;
  SET enable_mergejoin = off;
  SET enable_seqscan = off;
  SET enable_sort = off;
  SET max_parallel_workers_per_gather = 0;
  SET jit = off`;

interface Waiting extends Entry {
  /** As it was recorded. */
  readonly leafHash: Buffer;
}

/**
 * Moves what was recorded into the log: leaves, tiles and the signed root in one transaction, so that a kill at any point leaves the
 * log as it was. Before it begins, and whenever it goes on, the tree must be the one that was signed last.
 */
@Injectable()
export class Sealer implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(Sealer.name);
  private readonly stopping = new AbortController();
  private readonly pool: Pool;
  private readonly anchoring: Anchoring;
  private readonly query: Query;
  private client: Client | undefined;
  private head: StoredCheckpoint | undefined;
  private compared = false;
  private halted = false;
  /** So that an absent database is complained about once. */
  private away = false;
  /** Events that aren't any more what was recorded. They wait for verification to name them. */
  private readonly altered = new Set<string>();
  private running: Promise<void> | undefined;

  constructor(private readonly options: LogOptions) {
    this.pool = new Pool({ connectionString: options.databaseUrl, ...CONNECTION_OPTIONS, max: 2, application_name: 'assent anchors' });
    this.pool.on('error', () => undefined);
    this.query = queryOn(this.pool);
    this.anchoring = new Anchoring(options.anchors, options.keys, this.query, (reason) => this.halt(reason));
  }

  onApplicationBootstrap(): void {
    this.running = this.run();
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await this.running;
    await this.anchoring.stop();
    await this.client?.end().catch(() => undefined);
    await this.pool.end();
  }

  private async run(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      try {
        await this.turn();
        this.away = false;
      } catch (error) {
        if (error instanceof Halt) await this.halt(error.message);
        else await this.forget(error);
      }
      await delay(EVERY_MS, undefined, { signal: this.stopping.signal }).catch(() => undefined);
    }
    // What was recorded while the server was closing. Whatever fails waits for the next start.
    await this.sealAll().catch(() => undefined);
  }

  private async turn(): Promise<void> {
    if (this.halted) return;
    const client = this.client ?? (await this.lead());
    if (client && !this.compared) await this.compare(client);
    await this.sealAll();
  }

  private async sealAll(): Promise<void> {
    const { client } = this;
    if (!client || !this.compared) return;
    // An anchor may say meanwhile that this isn't the log that it knows.
    while (!this.halted && (await this.seal(client)));
    if (this.head && !this.halted) this.anchoring.deliver(this.head);
  }

  /** Undefined while another server seals. */
  private async lead(): Promise<Client | undefined> {
    const client = new Client({ connectionString: this.options.databaseUrl, ...CONNECTION_OPTIONS, application_name: 'assent sealer' });
    // The lock ends with the connection, and so does what is known of the log's state.
    client.on('error', () => undefined);
    client.on('end', () => {
      if (this.client === client) this.client = undefined;
    });
    try {
      await client.connect();
      const [row] = await queryOn(client)<{ leads: boolean }>('SELECT pg_try_advisory_lock($1) AS leads', [SEALER_LOCK]);
      if (row?.leads) {
        await this.requireCurrentKey();
        await client.query(SETTINGS);
        this.compared = false;
        this.client = client;
        return client;
      }
    } catch (error) {
      await client.end().catch(() => undefined);
      throw error;
    }
    await client.end();
    return undefined;
  }

  /** A server that waited while the key was replaced would sign with the old one. */
  private async requireCurrentKey(): Promise<void> {
    const { signer } = await this.options.rereadKeys();
    if (signer.publicKey === this.options.keys.signer.publicKey) return;
    throw new Halt('The log was given another key after this server started: restart the server.');
  }

  /** The tree against its last checkpoint, and both against what is known outside. */
  private async compare(client: Client): Promise<void> {
    const query = queryOn(client);
    const head = await latestCheckpoint(query);
    const [row] = await query<{ leaves: string }>('SELECT COALESCE(max(leaf_index) + 1, 0) AS leaves FROM audit.leaves');
    const leaves = Number(row?.leaves);
    if (leaves !== (head?.size ?? 0)) {
      throw new Halt(`The log has ${leaves} entries, and the last checkpoint was signed for ${head?.size ?? 0}.`);
    }
    if (head) await this.compareWithTree(query, head);
    await this.anchoring.compare(head, query);
    this.head = head;
    this.compared = true;
    await query(`UPDATE audit.log_state SET problem = NULL, halted = false, changed_at = clock_timestamp()
                  WHERE anchor = '' AND (problem IS NOT NULL OR halted)`);
  }

  private async compareWithTree(query: Query, { note, size, root }: StoredCheckpoint): Promise<void> {
    const { checkpoint } = open(this.options.keys, note);
    const tree = await treeRoot(size, readTilesWith(query)).catch((error: unknown) => {
      throw new Halt(`The log's tree is damaged: ${(error as Error).message}`);
    });
    if (checkpoint.size !== size || !checkpoint.root.equals(root) || !tree.equals(root)) {
      throw new Halt(`The tree of ${size} entries isn't the one whose root was signed.`);
    }
  }

  /** One batch. Returns whether there may be more. */
  private async seal(client: Client): Promise<boolean> {
    const query = queryOn(client);
    await query('BEGIN');
    try {
      const all = await waiting(query, [...this.altered]);
      const events = all.filter((event) => this.isAsRecorded(event));
      const due = this.head !== undefined && Date.now() - this.head.signedAt.getTime() >= QUIET_MS;
      const head = events.length > 0 || due ? await this.extend(query, events) : this.head;
      await query('COMMIT');
      this.head = head;
      if (events.length < all.length) await this.report();
      return all.length === BATCH;
    } catch (error) {
      // Whether it was committed is looked up again.
      this.compared = false;
      await query('ROLLBACK').catch(() => undefined);
      throw error;
    }
  }

  private async extend(query: Query, events: readonly Waiting[]): Promise<StoredCheckpoint> {
    const head = await latestCheckpoint(query);
    if (head?.id !== this.head?.id) throw new Halt('Another process extended the log meanwhile, or it was set back.');
    const start = head?.size ?? 0;
    const { size, root, previousRoot, tiles } = await append(
      start,
      events.map(({ leafHash }) => leafHash),
      readTilesWith(query),
    );
    if (head && !previousRoot.equals(head.root)) throw new Halt(`The tree of ${start} entries isn't the one whose root was signed.`);
    await query(
      `INSERT INTO audit.leaves (leaf_index, event_id, occurred_at, clinic_id)
       SELECT $1::bigint + n - 1, event_id, occurred_at, clinic_id
         FROM unnest($2::uuid[], $3::timestamptz[], $4::uuid[]) WITH ORDINALITY AS event (event_id, occurred_at, clinic_id, n)`,
      [start, events.map(({ id }) => id), events.map(({ occurredAt }) => occurredAt), events.map(({ clinicId }) => clinicId)],
    );
    await query(
      `INSERT INTO audit.tiles (level, tile_index, hashes) SELECT * FROM unnest($1::smallint[], $2::bigint[], $3::bytea[])
       ON CONFLICT (level, tile_index) DO UPDATE SET hashes = excluded.hashes`,
      [tiles.map(({ level }) => level), tiles.map(({ index }) => index), tiles.map(({ hashes }) => hashes)],
    );
    await query('DELETE FROM audit.unsealed WHERE event_id = ANY ($1)', [events.map(({ id }) => id)]);
    const text = writeCheckpoint({ origin: this.options.keys.origin, size, root, extensions: [] });
    const note = signNote(text, [this.options.keys.signer]);
    const [row] = await query<{ id: string; signed_at: Date }>(
      'INSERT INTO audit.checkpoints (tree_size, root, note) VALUES ($1, $2, $3) RETURNING id, signed_at',
      [size, root, note],
    );
    if (!row) throw new Error('The checkpoint wasn’t stored');
    return { id: row.id, size, root, note, signedAt: row.signed_at };
  }

  private isAsRecorded({ leafHash, ...entry }: Waiting): boolean {
    if (entryHash(writeEntry(entry)).equals(leafHash)) return true;
    this.altered.add(entry.id);
    return false;
  }

  private async report(): Promise<void> {
    await this.state(
      `${this.altered.size} events aren't any more what was recorded, and don't get into the log. Verification names them.`,
      false,
    );
  }

  private async halt(reason: string): Promise<void> {
    this.halted = true;
    this.logger.error(`The log is not signed on: ${reason}`);
    await this.state(reason, true).catch(() => undefined);
    // Another server on this database may be right: it had the wrong key, say.
    await this.release();
  }

  private async state(problem: string, halted: boolean): Promise<void> {
    await this.query(
      `INSERT INTO audit.log_state (anchor, problem, halted) VALUES ('', $1, $2)
       ON CONFLICT (anchor) DO UPDATE SET problem = excluded.problem, halted = excluded.halted, changed_at = clock_timestamp()`,
      [problem, halted],
    );
  }

  /** The database went away, or a transaction failed: all state is read again. */
  private async forget(reason: unknown): Promise<void> {
    if (!this.away) this.logger.warn(`Sealing has to wait: ${reason instanceof Error ? reason.message : String(reason)}`);
    this.away = true;
    await this.release();
  }

  private async release(): Promise<void> {
    const { client } = this;
    this.client = undefined;
    await client?.end().catch(() => undefined);
  }
}

function open(keys: LogKeys, note: string) {
  try {
    return keys.open(note);
  } catch (error) {
    throw new Halt(
      `The last checkpoint can't be trusted with the key of this server (${keys.signer.publicKey}): ${(error as Error).message}`,
    );
  }
}

/** In the order of their ids: what saw another event's effect has a later one. Of an event that was removed, there is the leaf alone. */
function waiting(query: Query, except: readonly string[]): Promise<Waiting[]> {
  return query<Waiting>(
    `WITH waiting AS MATERIALIZED (
       SELECT * FROM audit.unsealed u
        WHERE event_id <> ALL ($1) AND NOT EXISTS (SELECT FROM audit.leaves l WHERE l.event_id = u.event_id)
        ORDER BY event_id LIMIT ${BATCH})
     SELECT e.action, e.address, e.clinic_id AS "clinicId", encode(e.details_sha256, 'hex') AS "detailsSha256", u.event_id AS id,
            encode(e.nonce, 'hex') AS nonce, to_char(e.occurred_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS "occurredAt",
            e.outcome, e.patient_id AS "patientId", e.request_id AS "requestId", e.staff_id AS "staffId", e.staff_name AS "staffName",
            e.staff_role AS "staffRole", e.subject, e.subject_id AS "subjectId", e.user_agent AS "userAgent", u.leaf_hash AS "leafHash"
       FROM waiting u LEFT JOIN audit.events e ON e.id = u.event_id AND e.occurred_at = u.occurred_at
      ORDER BY u.event_id`,
    [except],
  );
}
