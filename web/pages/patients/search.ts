import { infiniteQueryOptions, keepPreviousData } from '@tanstack/react-query';
import { ask } from '../../api/client.ts';
import { readDay } from '../../time.ts';

interface Search {
  readonly query: string;
  /** Archived patients too. */
  readonly archived?: boolean;
  readonly limit?: number;
}

/** One Latin letter finds nearly everybody, and each search is on record with all whom it showed. One character of other scripts may be a name. */
export function isAskable(query: string): boolean {
  const { length } = query.trim();
  return length > 1 || (length === 1 && !/[\p{Script=Latin}\d\s]/u.test(query));
}

/** Patients by any part of name or record number, or by a birth date as it is written here. */
export const searchQuery = ({ query, archived = false, limit = 25 }: Search) => {
  const asked = readDay(query) ?? query.trim();
  return infiniteQueryOptions({
    queryKey: ['patients', 'search', asked, archived, limit],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      ask((api) =>
        api.GET('/api/patients', {
          params: { query: { query: asked, limit, ...(archived && { archived }), ...(pageParam && { cursor: pageParam }) } },
          signal,
        }),
      ),
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
    enabled: isAskable(asked),
    // What is found stays in sight until the next answer is there.
    placeholderData: keepPreviousData,
  });
};
