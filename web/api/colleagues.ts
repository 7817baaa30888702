import { queryOptions, useQuery } from '@tanstack/react-query';
import { t } from '../messages/index.ts';
import { ask } from './client.ts';

const colleaguesQuery = queryOptions({
  queryKey: ['colleagues'],
  staleTime: 5 * 60_000,
  queryFn: () => ask((api) => api.GET('/api/colleagues')),
});

/** The names of staff by the ids in records; a dash until they are loaded. */
export function useNameOf(): (staffId: string) => string {
  const { data } = useQuery(colleaguesQuery);
  return (staffId) => (data ? (data.items.find(({ id }) => id === staffId)?.name ?? t('common.somebody')) : '–');
}
