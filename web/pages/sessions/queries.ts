import { queryOptions } from '@tanstack/react-query';
import { ask } from '../../api/client.ts';

const STANDING_EVERY = 2_000;

export const sessionKey = (id: string) => ['sessions', id] as const;

/** Fetched again only when its standing shows a change: each time is a recorded view. */
export const sessionQuery = (id: string) =>
  queryOptions({
    queryKey: sessionKey(id),
    staleTime: Infinity,
    queryFn: () => ask((api) => api.GET('/api/sessions/{id}', { params: { path: { id } } })),
  });

/** What the session permits now: every other second while the page is visible, and immediately when it comes to the front. */
export const standingQuery = (id: string) =>
  queryOptions({
    queryKey: ['standing', id],
    staleTime: 0,
    retry: false,
    refetchOnWindowFocus: 'always',
    refetchInterval: ({ state }) => (state.data?.open === false ? false : STANDING_EVERY),
    queryFn: () => ask((api) => api.GET('/api/sessions/{id}/standing', { params: { path: { id } } })),
  });
