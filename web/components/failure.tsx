import { Button, Container, Stack } from '@mantine/core';
import type { ErrorComponentProps } from '@tanstack/react-router';
import { asProblem } from '../api/problem.ts';
import { t } from '../messages/index.ts';
import { ProblemPanel } from './problem-panel.tsx';

/** In place of a page that can't be shown: a defect, or a script that an update has replaced. */
export function Failure({ error }: ErrorComponentProps) {
  return (
    <Container component="main" size="sm" py="xl">
      <Stack align="flex-start">
        <ProblemPanel problem={asProblem(error)} />
        <Button onClick={() => location.reload()}>{t('common.tryAgain')}</Button>
      </Stack>
    </Container>
  );
}
