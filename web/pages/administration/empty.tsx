import { Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';

interface Props {
  readonly title: string;
  readonly text: string;
  /** What to do next. */
  readonly children?: ReactNode;
}

/** Where there is nothing to show: why, and what to do. */
export function Empty({ title, text, children }: Props) {
  return (
    <Stack align="center" gap="xs" py="xl" ta="center">
      <Title order={3} size="h5">
        {title}
      </Title>
      <Text size="sm" c="dimmed" maw="32rem">
        {text}
      </Text>
      {children}
    </Stack>
  );
}
