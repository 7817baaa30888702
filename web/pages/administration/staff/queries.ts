import { queryOptions } from '@tanstack/react-query';
import { type Api, ask } from '../../../api/client.ts';

export type Person = Api['StaffView'];
export type Licence = Api['LicenceView'];

export const STAFF = ['administration', 'staff'] as const;

export const staffQuery = queryOptions({ queryKey: STAFF, queryFn: () => ask((api) => api.GET('/api/staff')) });

export const personSessionsQuery = (id: string) =>
  queryOptions({
    queryKey: [...STAFF, id, 'sessions'],
    queryFn: () => ask((api) => api.GET('/api/staff/{id}/sessions', { params: { path: { id } } })),
  });
