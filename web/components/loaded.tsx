import { Button, Skeleton, Stack } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { asProblem } from '../api/problem.ts';
import { t } from '../messages/index.ts';
import { ProblemPanel } from './problem-panel.tsx';

interface Props<T> {
  readonly query: UseQueryResult<T>;
  /** How many lines the answer will take, about, so that nothing jumps when it comes. */
  readonly lines?: number;
  readonly children: (data: T) => ReactNode;
}

/** What a query brings: its shape while it loads, the problem if it fails, then the answer. */
export function Loaded<T>({ query, lines = 3, children }: Props<T>) {
  const { data, error, refetch } = query;
  if (data !== undefined) return children(data);
  if (error) {
    return (
      <Stack align="flex-start">
        <ProblemPanel problem={asProblem(error)} />
        <Button variant="default" onClick={() => void refetch()}>
          {t('common.tryAgain')}
        </Button>
      </Stack>
    );
  }
  return (
    <Stack gap="sm" role="status" aria-label={t('common.loading')}>
      {Array.from({ length: lines }, (_, line) => (
        <Skeleton key={line} height={24} />
      ))}
    </Stack>
  );
}
