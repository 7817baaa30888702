import { queryOptions } from '@tanstack/react-query';
import { ask } from '../../api/client.ts';

export const todayQuery = queryOptions({ queryKey: ['today'], queryFn: () => ask((api) => api.GET('/api/today')) });
