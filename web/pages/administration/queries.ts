import { queryOptions } from '@tanstack/react-query';
import { ask } from '../../api/client.ts';

/** Everybody who works or worked in the clinic. */
export const staffQuery = queryOptions({ queryKey: ['administration', 'staff-names'], queryFn: () => ask((api) => api.GET('/api/staff')) });

/** The patients that a text finds, a few. */
export const foundPatientsQuery = (query: string) =>
  queryOptions({
    queryKey: ['administration', 'found-patients', query],
    queryFn: () => ask((api) => api.GET('/api/patients', { params: { query: { query, limit: 8 } } })),
    enabled: query.length > 1,
  });

export const patientNameQuery = (id: string) =>
  queryOptions({
    queryKey: ['administration', 'patient-name', id],
    queryFn: () => ask((api) => api.GET('/api/patients/{id}', { params: { path: { id } } })),
    staleTime: 600_000,
  });
