import { Group, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './row.module.css';

interface Props {
  readonly title: string;
  readonly text: string;
  readonly badge?: ReactNode;
  /** What can be done with it. */
  readonly children?: ReactNode;
}

/** One of a list: what it is, something about it, and buttons. */
export function Row({ title, text, badge, children }: Props) {
  return (
    <div className={classes.row}>
      <div className={classes.text}>
        <Group gap="xs">
          <Text fw={500}>{title}</Text>
          {badge}
        </Group>
        <Text size="sm" c="dimmed">
          {text}
        </Text>
      </div>
      {children && (
        <Group gap="xs" className={classes.acts}>
          {children}
        </Group>
      )}
    </div>
  );
}
