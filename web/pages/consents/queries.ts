import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { ask } from '../../api/client.ts';
import { patientKey } from '../patients/queries.ts';

export const consentKey = (id: string) => ['consents', id] as const;

export const consentQuery = (id: string) =>
  queryOptions({
    queryKey: [...consentKey(id), 'consent'],
    queryFn: () => ask((api) => api.GET('/api/consents/{id}', { params: { path: { id } } })),
  });

/** A discussion doesn't change once its decision is recorded. */
export const discussionOfQuery = (patientId: string, id: string) =>
  queryOptions({
    queryKey: [...patientKey(patientId), 'discussions', id],
    queryFn: () => ask((api) => api.GET('/api/discussions/{id}', { params: { path: { id } } })),
  });

/** One version, which never changes. */
export const disclosureQuery = (id: string) =>
  queryOptions({
    queryKey: ['disclosures', id],
    staleTime: Infinity,
    queryFn: () => ask((api) => api.GET('/api/disclosures/{id}', { params: { path: { id } } })),
  });

export const historyQuery = (id: string) =>
  infiniteQueryOptions({
    queryKey: [...consentKey(id), 'history'],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) =>
      ask((api) =>
        api.GET('/api/consents/{id}/history', { params: { path: { id }, query: pageParam === undefined ? {} : { cursor: pageParam } } }),
      ),
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
  });
