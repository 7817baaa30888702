import { queryOptions } from '@tanstack/react-query';
import { ask } from '../../api/client.ts';
import { patientKey } from '../patients/queries.ts';

const path = (id: string) => ({ params: { path: { id } } });

/** Below the patient's key, because a screening changes which risks it has. */
export const discussionQuery = (patientId: string, id: string) =>
  queryOptions({
    queryKey: [...patientKey(patientId), 'discussion', id],
    queryFn: () => ask((api) => api.GET('/api/discussions/{id}', path(id))),
  });

/** A published version never changes. */
export const disclosureQuery = (id: string | undefined) =>
  queryOptions({
    queryKey: ['disclosure', id],
    queryFn: () => ask((api) => api.GET('/api/disclosures/{id}', path(id ?? ''))),
    enabled: id !== undefined,
    staleTime: Infinity,
  });

export const languagesQuery = queryOptions({
  queryKey: ['disclosure', 'languages'],
  queryFn: () => ask((api) => api.GET('/api/disclosures/languages')),
});
