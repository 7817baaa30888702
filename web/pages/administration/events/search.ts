import type { Api } from '../../../api/client.ts';
import { boundsOf, periodOf, type PeriodSearch } from '../period.ts';
import { given, oneOf, type RawSearch, textOf, uuidOf } from '../search.ts';

export type AuditEvent = Api['EventView'];

export interface EventSearch extends PeriodSearch {
  readonly staffId?: string;
  readonly patientId?: string;
  readonly action?: string;
  readonly outcome?: AuditEvent['outcome'];
  readonly text?: string;
}

export const OTHERWISE = 'month';
export const OUTCOMES = ['success', 'failure'] as const;

export function readSearch(search: RawSearch): EventSearch {
  const action = textOf(search['action']);
  return {
    ...periodOf(search),
    ...given({
      staffId: uuidOf(search['staffId']),
      patientId: uuidOf(search['patientId']),
      action: action !== undefined && /^[a-z][a-z.-]{1,40}$/.test(action) ? action : undefined,
      outcome: oneOf(OUTCOMES, search['outcome']),
      text: textOf(search['text']),
    }),
  };
}

/** What the server is asked for. */
export function filtersOf(search: EventSearch, timeZone: string) {
  const { period: _, from: __, until: ___, ...filters } = search;
  return { ...boundsOf(search, OTHERWISE, timeZone), ...filters };
}

export type Filters = ReturnType<typeof filtersOf>;
