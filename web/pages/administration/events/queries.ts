import { infiniteQueryOptions } from '@tanstack/react-query';
import { ask } from '../../../api/client.ts';
import { BY_CURSOR } from '../paged.tsx';
import { given } from '../search.ts';
import type { Filters } from './search.ts';

export const eventsQuery = (filters: Filters) =>
  infiniteQueryOptions({
    ...BY_CURSOR,
    queryKey: ['administration', 'events', filters],
    queryFn: ({ pageParam: cursor }) =>
      ask((api) => api.GET('/api/audit/events', { params: { query: { ...filters, ...given({ cursor }) } } })),
  });
