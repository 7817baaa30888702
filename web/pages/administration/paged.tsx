import { Button, Group, Stack, Text } from '@mantine/core';
import type { InfiniteData, UseInfiniteQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { asProblem } from '../../api/problem.ts';
import { Loaded } from '../../components/loaded.tsx';
import { ProblemPanel } from '../../components/problem-panel.tsx';
import { t } from '../../messages/index.ts';

interface Props<Item> {
  readonly query: UseInfiniteQueryResult<InfiniteData<{ items: Item[]; nextCursor: string | null }>>;
  /** In place of an empty list. */
  readonly empty: ReactNode;
  readonly children: (items: readonly Item[]) => ReactNode;
}

/** A list that comes in pages: what has come so far, and a button for more. */
export function Paged<Item>({ query, empty, children }: Props<Item>) {
  const { error, hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  return (
    <Loaded queries={[query]} lines={8}>
      {({ pages }) => {
        const items = pages.flatMap((page) => page.items);
        if (items.length === 0) return empty;
        return (
          <Stack gap="sm">
            {children(items)}
            <ProblemPanel problem={error ? asProblem(error) : undefined} />
            <Group justify="space-between">
              <Text size="sm" c="dimmed" role="status">
                {t(hasNextPage ? 'administration.shownSoFar' : 'administration.shownAll', { count: items.length })}
              </Text>
              {hasNextPage && (
                <Button variant="default" className="no-print" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
                  {t('administration.showMore')}
                </Button>
              )}
            </Group>
          </Stack>
        );
      }}
    </Loaded>
  );
}

/** How useInfiniteQuery goes on behind a page with a cursor. */
export const BY_CURSOR = {
  initialPageParam: undefined as string | undefined,
  getNextPageParam: ({ nextCursor }: { nextCursor: string | null }) => nextCursor ?? undefined,
};
