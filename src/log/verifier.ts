import { setTimeout as delay } from 'node:timers/promises';
import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Client } from 'pg';
import type { LogOptions } from './log-options.js';
import { type Query, queryOn } from './log-table.js';
import type { Finding } from './verify/findings.js';
import { type Phase, verify } from './verify/verify.js';

const EVERY_MS = 1_000;
const BEAT_MS = 10_000;
/** Any number will do: of all servers on a database, one verifies at a time. */
const VERIFIER_LOCK = 7_302_115_883;

/** Does the verifications that administrators ask for, one after the other, and tells how far it is. */
@Injectable()
export class Verifier implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(Verifier.name);
  private readonly stopping = new AbortController();
  private running: Promise<void> | undefined;

  constructor(private readonly options: LogOptions) {}

  onApplicationBootstrap(): void {
    this.running = this.run();
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    let client: Client | undefined;
    while (!this.stopping.signal.aborted) {
      try {
        client ??= await connect(this.options.databaseUrl);
        await this.turn(queryOn(client));
      } catch (error) {
        if (client) this.logger.warn(`Verification has to wait: ${String(error)}`);
        await client?.end().catch(() => undefined);
        client = undefined;
      }
      await delay(EVERY_MS, undefined, { signal: this.stopping.signal }).catch(() => undefined);
    }
    await client?.end().catch(() => undefined);
  }

  private async turn(query: Query): Promise<void> {
    const [next] = await query<{ id: string }>('SELECT id FROM audit.verifications WHERE started_at IS NULL ORDER BY id LIMIT 1');
    if (!next) return;
    const [lock] = await query<{ mine: boolean }>('SELECT pg_try_advisory_lock($1) AS mine', [VERIFIER_LOCK]);
    if (!lock?.mine) return;
    try {
      const begun = await query(
        `UPDATE audit.verifications SET started_at = clock_timestamp(), heartbeat_at = clock_timestamp() WHERE id = $1 AND started_at IS NULL RETURNING id`,
        [next.id],
      );
      if (begun.length > 0) await this.verify(query, next.id);
    } finally {
      await query('SELECT pg_advisory_unlock($1)', [VERIFIER_LOCK]);
    }
  }

  private async verify(query: Query, id: string): Promise<void> {
    let position = 0;
    let reportedAt = 0;
    const report = async ({ clinicId, subject, problem }: Finding): Promise<void> => {
      position += 1;
      await query('INSERT INTO audit.findings (verification_id, position, clinic_id, subject, problem) VALUES ($1, $2, $3, $4, $5)', [
        id,
        position,
        clinicId,
        subject,
        problem,
      ]);
    };
    const progress = async (phase: Phase, done: number, total: number): Promise<void> => {
      this.stopping.signal.throwIfAborted();
      if (Date.now() - reportedAt < EVERY_MS) return;
      reportedAt = Date.now();
      await query('UPDATE audit.verifications SET phase = $2, done = $3, total = $4, heartbeat_at = clock_timestamp() WHERE id = $1', [
        id,
        phase,
        done,
        total,
      ]);
    };
    // Some tables take longer than the silence that counts as death.
    const beat = setInterval(() => {
      query('UPDATE audit.verifications SET heartbeat_at = clock_timestamp() WHERE id = $1', [id]).catch(() => undefined);
    }, BEAT_MS);
    const { ownerUrl: databaseUrl, keys, anchors } = this.options;
    try {
      const { entries, rows, anchored } = await verify({ databaseUrl, keys, anchors, report, progress });
      await query(
        'UPDATE audit.verifications SET finished_at = clock_timestamp(), entries = $2, row_count = $3, anchored = $4, finding_count = $5 WHERE id = $1',
        [id, entries, rows, anchored, position],
      );
    } catch (error) {
      const problem = this.stopping.signal.aborted ? 'The server was stopped.' : String(error);
      await query('UPDATE audit.verifications SET finished_at = clock_timestamp(), problem = $2 WHERE id = $1', [id, problem]);
    } finally {
      clearInterval(beat);
    }
  }
}

async function connect(url: string): Promise<Client> {
  const client = new Client({ connectionString: url, application_name: 'assent verifier' });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}
