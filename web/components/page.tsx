import { Box, Group, Stack, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTitle } from './title.tsx';
import classes from './page.module.css';

interface Props {
  readonly title: string;
  /** Buttons at the right of the title. */
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

/** The frame of a page in the shell: its title, in the tab too, and what is on it. */
export function Page({ title, actions, children }: Props) {
  useTitle(title);
  return (
    <Stack gap="lg">
      <Group justify="space-between" align="center" className={classes.head}>
        <Title order={1} size="h2">
          {title}
        </Title>
        {actions && <Box className={`${classes.actions} no-print`}>{actions}</Box>}
      </Group>
      {children}
    </Stack>
  );
}
