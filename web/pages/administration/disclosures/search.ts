import { REGIONS, type Region } from '../../../anatomy.ts';
import { boundsOf, periodOf, type PeriodSearch } from '../period.ts';
import { countOf, given, oneOf, type RawSearch, uuidOf } from '../search.ts';

export interface DisclosureSearch extends PeriodSearch {
  readonly practitionerId?: string;
  readonly patientId?: string;
  readonly region?: Region;
  readonly version?: number;
  /** Left out: sessions. */
  readonly view?: 'refusals';
}

export const OTHERWISE = 'quarter';

export function readSearch(search: RawSearch): DisclosureSearch {
  return {
    ...periodOf(search),
    ...given({
      practitionerId: uuidOf(search['practitionerId']),
      patientId: uuidOf(search['patientId']),
      region: oneOf(REGIONS, search['region']),
      version: countOf(search['version']),
      view: oneOf(['refusals'] as const, search['view']),
    }),
  };
}

export type Filters = ReturnType<typeof filtersOf>;

/** What the server is asked for. */
export function filtersOf(search: DisclosureSearch, timeZone: string) {
  const { practitionerId, patientId, region, version: disclosureVersion } = search;
  return { ...boundsOf(search, OTHERWISE, timeZone), ...given({ practitionerId, patientId, region, disclosureVersion }) };
}

/** Of them, those that a refused start has. */
export function withoutConsent(filters: Filters) {
  const { region: _, disclosureVersion: __, ...others } = filters;
  return others;
}
