import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { ask } from '../../../api/client.ts';
import { BY_CURSOR } from '../paged.tsx';
import { given } from '../search.ts';
import { type Filters, withoutConsent } from './search.ts';

export const DISCLOSURES = ['administration', 'disclosures'] as const;

export const sessionsQuery = (filters: Filters) =>
  infiniteQueryOptions({
    ...BY_CURSOR,
    queryKey: [...DISCLOSURES, 'sessions', filters],
    queryFn: ({ pageParam: cursor }) =>
      ask((api) => api.GET('/api/reports/disclosures', { params: { query: { ...filters, ...given({ cursor }) } } })),
  });

export const refusalsQuery = (filters: Filters) =>
  infiniteQueryOptions({
    ...BY_CURSOR,
    queryKey: [...DISCLOSURES, 'refusals', withoutConsent(filters)],
    queryFn: ({ pageParam: cursor }) =>
      ask((api) => api.GET('/api/reports/refusals', { params: { query: { ...withoutConsent(filters), ...given({ cursor }) } } })),
  });

export const totalsQuery = (filters: Filters) =>
  queryOptions({
    queryKey: [...DISCLOSURES, 'totals', filters],
    queryFn: () => ask((api) => api.GET('/api/reports/disclosures/totals', { params: { query: filters } })),
  });

/** How many versions there are. */
export const versionQuery = queryOptions({
  queryKey: [...DISCLOSURES, 'version'],
  queryFn: async () => (await ask((api) => api.GET('/api/disclosures/current', { params: { query: {} } }))).version,
});

export const storyQuery = (id: string) =>
  infiniteQueryOptions({
    ...BY_CURSOR,
    queryKey: [...DISCLOSURES, 'story', id],
    queryFn: ({ pageParam: cursor }) =>
      ask((api) => api.GET('/api/consents/{id}/history', { params: { path: { id }, query: given({ cursor }) } })),
  });
