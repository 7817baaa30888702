import { Button, Skeleton, Stack } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { asProblem } from '../api/problem.ts';
import { t } from '../messages/index.ts';
import { ProblemPanel } from './problem-panel.tsx';

interface Props<Answers extends unknown[]> {
  readonly queries: readonly [...{ [Index in keyof Answers]: UseQueryResult<Answers[Index]> }];
  /** About how many lines the answers take, so that nothing jumps when they arrive. */
  readonly lines?: number;
  readonly children: (...answers: NoInfer<Answers>) => ReactNode;
}

/** A placeholder until all queries are answered, the problem if one fails, then what is made of the answers. */
export function Loaded<Answers extends unknown[]>({ queries, lines = 3, children }: Props<Answers>) {
  const waiting = queries.filter(({ data }) => data === undefined);
  if (waiting.length === 0) return children(...(queries.map(({ data }) => data) as unknown as Answers));
  const failed = waiting.filter(({ isError }) => isError);
  const error = failed[0]?.error;
  if (error) {
    return (
      <Stack align="flex-start">
        <ProblemPanel problem={asProblem(error)} />
        <Button variant="default" onClick={() => failed.forEach(({ refetch }) => void refetch())}>
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
