import type { Licence } from './queries.ts';

const DAY = 86_400_000;
/** From how many days before its end a licence is worth a warning. */
const SOON = 90;
/** And from how many it is urgent. */
const URGENT = 30;

export type LicenceState =
  | { readonly kind: 'none' | 'open' }
  | { readonly kind: 'expired' | 'revoked' | 'begins' | 'valid' | 'soon' | 'urgent'; readonly date: string; readonly days: number };

type OneState = 'valid' | 'expired' | 'revoked' | 'future';

/** Of one licence. */
export function stateOf({ revokedAt, validFrom, validUntil }: Licence, now = Date.now()): OneState {
  if (revokedAt !== null) return 'revoked';
  if (validUntil !== null && Date.parse(validUntil) <= now) return 'expired';
  return validFrom !== null && Date.parse(validFrom) > now ? 'future' : 'valid';
}

/** Of a person: until when they are covered, renewals included; otherwise why they aren't. */
export function licenceState(licences: readonly Licence[], now = Date.now()): LicenceState {
  const state = (kind: Exclude<LicenceState['kind'], 'none' | 'open'>, at: number): LicenceState => ({
    kind,
    date: new Date(at).toISOString(),
    days: Math.floor((at - now) / DAY),
  });
  const until = coveredUntil(licences, now);
  if (until === Infinity) return { kind: 'open' };
  if (until > now) {
    const days = (until - now) / DAY;
    return state(days < URGENT ? 'urgent' : days < SOON ? 'soon' : 'valid', until);
  }
  const begins = licences.filter((licence) => stateOf(licence, now) === 'future').map(({ validFrom }) => startOf(validFrom));
  if (begins.length > 0) return state('begins', Math.min(...begins));
  const [last] = [...licences].sort((one, other) => overAt(other) - overAt(one));
  if (!last) return { kind: 'none' };
  return state(last.revokedAt === null ? 'expired' : 'revoked', overAt(last));
}

/** Whether somebody should do something about it. */
export function needsAttention({ kind }: LicenceState): boolean {
  return kind !== 'open' && kind !== 'valid';
}

/** The end of the present cover, with licences that follow without a gap. */
function coveredUntil(licences: readonly Licence[], now: number): number {
  const periods = licences
    .filter(({ revokedAt }) => revokedAt === null)
    .map(({ validFrom, validUntil }) => ({ from: startOf(validFrom), until: validUntil === null ? Infinity : Date.parse(validUntil) }))
    .sort((one, other) => one.from - other.from);
  return periods.reduce((end, { from, until }) => (from <= end ? Math.max(end, until) : end), now);
}

const startOf = (validFrom: string | null) => (validFrom === null ? -Infinity : Date.parse(validFrom));
const overAt = ({ revokedAt, validUntil }: Licence) => Date.parse(revokedAt ?? validUntil ?? '');
