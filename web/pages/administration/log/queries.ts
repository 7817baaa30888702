import { queryOptions } from '@tanstack/react-query';
import { ask } from '../../../api/client.ts';

export const LOG = ['administration', 'log'] as const;

export const logQuery = queryOptions({ queryKey: LOG, queryFn: () => ask((api) => api.GET('/api/audit/log')) });
