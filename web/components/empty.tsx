import { Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './empty.module.css';

interface Props {
  readonly title: string;
  /** What comes next, and why. */
  readonly hint: string;
  /** Of the heading; 2 if left out. */
  readonly level?: 2 | 3;
  /** The next step, as a button. */
  readonly children?: ReactNode;
}

/** Where there is nothing yet: says so, and teaches the next step. */
export function Empty({ title, hint, level = 2, children }: Props) {
  return (
    <Stack align="center" gap="xs" className={classes.empty}>
      <Title order={level} size="h4" ta="center">
        {title}
      </Title>
      <Text c="dimmed" ta="center" maw={440}>
        {hint}
      </Text>
      {children}
    </Stack>
  );
}
