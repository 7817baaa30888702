import { dateOf, oneOf, type RawSearch } from './search.ts';

export const PERIODS = ['week', 'month', 'quarter', 'year', 'all', 'own'] as const;
export type PeriodName = (typeof PERIODS)[number];

/** A period as an address has it. Presets go with the days: the same address shows today's last 30 days. */
export interface PeriodSearch {
  readonly period?: PeriodName;
  /** Days in the clinic's time zone, of one's own period. */
  readonly from?: string;
  readonly until?: string;
}

/** How many days a preset goes back, today included. */
const DAYS: Partial<Record<PeriodName, number>> = { week: 7, month: 30, quarter: 90, year: 365 };
const DAY_MS = 86_400_000;

export function periodOf(search: RawSearch): PeriodSearch {
  const [from, until] = [dateOf(search['from']), dateOf(search['until'])];
  const named = oneOf(PERIODS, search['period']);
  if (named === undefined && from === undefined && until === undefined) return {};
  const period = named === undefined || named === 'own' ? 'own' : named;
  return period === 'own' ? { period, ...(from && { from }), ...(until && { until }) } : { period };
}

/** The days that the server is asked for. */
export function boundsOf(
  { period, from, until }: PeriodSearch,
  otherwise: PeriodName,
  timeZone: string,
): { from?: string; until?: string } {
  const name = period ?? otherwise;
  if (name === 'own') return { ...(from && { from }), ...(until && { until }) };
  const days = DAYS[name];
  return days === undefined ? {} : { from: daysAfter(today(timeZone), 1 - days) };
}

export function today(timeZone: string): string {
  return new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(new Date());
}

/** A day so many days after another, or before. */
export function daysAfter(day: string, days: number): string {
  return new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10);
}
