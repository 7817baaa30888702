import type { Ctx } from '../common/context.js';
import type { LoginSessionView } from './me.dto.js';

interface Row {
  readonly id: string;
  readonly methods: string;
  readonly address: string | null;
  readonly user_agent: string | null;
  readonly started_at: Date;
  readonly last_seen_at: Date;
  readonly expires_at: Date;
  readonly current: boolean;
}

/** The live login sessions of a member of staff, or one's own (null). The database decides whether the caller may see them. */
export async function listLoginSessions({ tx }: Ctx, staffId: string | null): Promise<LoginSessionView[]> {
  const rows = await tx.query<Row[]>('SELECT * FROM app.login_sessions($1)', [staffId]);
  return rows.map((row) => ({
    id: row.id,
    current: row.current,
    methods: row.methods.split(' '),
    address: row.address,
    userAgent: row.user_agent,
    startedAt: row.started_at.toISOString(),
    lastSeenAt: row.last_seen_at.toISOString(),
    expiresAt: row.expires_at.toISOString(),
  }));
}

/** Ends one session, or all but the caller's (null). Returns how many. */
export async function endLoginSessions({ tx }: Ctx, staffId: string | null, sessionId: string | null): Promise<number> {
  const [row] = await tx.query<{ ended: number }[]>('SELECT app.end_login_sessions($1, $2) AS ended', [staffId, sessionId]);
  return row?.ended ?? 0;
}
