import { Injectable } from '@nestjs/common';
import { READ } from '../audit/actions.js';
import type { Ctx } from '../common/context.js';
import { notFound } from '../common/errors.js';
import type { VerificationView } from './log.dto.js';

interface Row {
  readonly id: string;
  readonly requested_at: Date;
  readonly started_at: Date | null;
  readonly finished_at: Date | null;
  readonly silent: boolean;
  readonly phase: VerificationView['phase'];
  readonly done: string;
  readonly total: string;
  readonly entries: string | null;
  readonly row_count: string | null;
  readonly anchored: string | null;
  readonly problem: string | null;
  readonly finding_count: string;
  readonly findings: { subject: string; problem: string }[];
}

const FINDINGS = `COALESCE((SELECT jsonb_agg(f) FROM (SELECT subject, problem FROM audit.findings f WHERE f.verification_id = v.id
                                                       ORDER BY position LIMIT 1000) AS f), '[]')`;
const NO_FINDINGS = `'[]'::jsonb`;

const select = (where: string, findings: string, end: string): string =>
  `SELECT v.*, COALESCE(v.heartbeat_at, v.requested_at) < clock_timestamp() - interval '1 minute' AS silent, ${findings} AS findings
     FROM audit.verifications v ${where} ${end}`;

@Injectable()
export class Verifications {
  async request(ctx: Ctx): Promise<VerificationView> {
    const [row] = await ctx.tx.query<{ id: string }[]>('SELECT audit.request_verification() AS id');
    return this.require(ctx, row?.id ?? '');
  }

  async list({ tx }: Ctx): Promise<VerificationView[]> {
    const rows = await tx.query<Row[]>(select('', NO_FINDINGS, 'ORDER BY v.id DESC LIMIT 20'));
    return rows.map(toView);
  }

  /** Findings name the rows that differ, and so patients. */
  async find(ctx: Ctx, id: string): Promise<VerificationView> {
    const verification = await this.require(ctx, id);
    if (verification.findings.length > 0) ctx.saw(READ.verification, { subjectId: id });
    return verification;
  }

  private async require({ tx }: Ctx, id: string): Promise<VerificationView> {
    const [row] = await tx.query<Row[]>(select('WHERE v.id = $1', FINDINGS, ''), [id]);
    if (!row) throw notFound('verification');
    return toView(row);
  }
}

function toView(row: Row): VerificationView {
  return {
    id: row.id,
    requestedAt: row.requested_at.toISOString(),
    startedAt: row.started_at?.toISOString() ?? null,
    finishedAt: row.finished_at?.toISOString() ?? null,
    state: stateOf(row),
    phase: row.finished_at ? null : row.phase,
    done: Number(row.done),
    total: Number(row.total),
    entries: row.entries === null ? null : Number(row.entries),
    rows: row.row_count === null ? null : Number(row.row_count),
    anchored: row.anchored === null ? null : Number(row.anchored),
    problem: row.problem,
    findings: row.findings,
    findingCount: Number(row.finding_count),
  };
}

function stateOf({ started_at: started, finished_at: finished, problem, silent, finding_count: findings }: Row): VerificationView['state'] {
  if (finished) return problem ? 'failed' : findings === '0' ? 'clean' : 'altered';
  if (silent) return 'interrupted';
  return started ? 'running' : 'waiting';
}
