import { Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';

interface Props {
  readonly title: string;
  readonly text: string;
  /** Of its heading; 2 where no section is around it. */
  readonly order?: 2 | 3;
  /** What to do next. */
  readonly children?: ReactNode;
}

/** Where there is nothing to show: why, and what to do. */
export function Empty({ title, text, order = 3, children }: Props) {
  return (
    <Stack align="center" gap="xs" py="xl" ta="center">
      <Title order={order} size="h5">
        {title}
      </Title>
      <Text size="sm" c="dimmed" maw="32rem">
        {text}
      </Text>
      {children}
    </Stack>
  );
}
