import type { EntityManager } from 'typeorm';
import type { Ctx } from './context.js';
import { malformed } from './errors.js';

/**
 * A period from two dates or instants, as PostgreSQL reads a tstzrange: dates are those of the clinic's time zone, and an
 * end date is the last day. Without a beginning it begins now.
 */
export async function toRange(tx: EntityManager, from: string | undefined, until: string | undefined): Promise<string> {
  const [bounds] = await tx.query<{ from: string; until: string | null; ordered: boolean }[]>(
    `SELECT "from"::text, until::text, COALESCE("from" < until, true) AS ordered
       FROM (SELECT COALESCE(app.instant($1, false), clock_timestamp()) AS "from", app.instant($2, true) AS until) AS bounds`,
    [from ?? null, until ?? null],
  );
  if (!bounds?.ordered) throw malformed([{ field: 'validUntil', message: 'must come after validFrom' }]);
  return `[${bounds.from},${bounds.until ?? ''})`;
}

/**
 * The bounds of a search as instants, so that every statement, and every page of an export, has the same ones. Dates are those of the
 * clinic's time zone. PostgreSQL plans better for instants that it knows.
 */
export async function readPeriod(tx: EntityManager, { from, until }: Bounds): Promise<Bounds> {
  const [bounds] = await tx.query<{ from: string | null; until: string | null; ordered: boolean }[]>(
    `SELECT to_char("from" AT TIME ZONE 'UTC', $3) AS "from", to_char(until AT TIME ZONE 'UTC', $3) AS until,
            COALESCE("from" < until, true) AS ordered
       FROM (SELECT app.instant($1, false) AS "from", app.instant($2, true) AS until) AS bounds`,
    [from ?? null, until ?? null, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'],
  );
  if (!bounds?.ordered) throw malformed([{ field: 'until', message: 'must come after from' }]);
  return { from: bounds.from ?? undefined, until: bounds.until ?? undefined };
}

interface Bounds {
  readonly from?: string;
  readonly until?: string;
}

const DAY_MS = 86_400_000;

/** Refuses a date that lies ahead of today in the clinic's time zone, and names the field. */
export function refuseFuture(ctx: Ctx, field: string, date: string | undefined): void {
  // Past in every time zone: nearly all are, and a formatter is costly to make.
  if (date === undefined || date < new Date(Date.now() - DAY_MS).toISOString().slice(0, 10)) return;
  const today = new Intl.DateTimeFormat('en-CA', { timeZone: ctx.actor.timeZone }).format();
  if (date > today) throw malformed([{ field, message: 'must not be in the future' }]);
}
