import { Group, Paper, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { Mark } from '../../components/brand.tsx';
import { useTitle } from '../../components/title.tsx';
import { t } from '../../messages/index.ts';
import classes from './card.module.css';

interface Props {
  readonly title: string;
  readonly hint?: string | undefined;
  readonly children: ReactNode;
}

/** The frame of everything before the shell: sign-in, invitation, new password. */
export function Card({ title, hint, children }: Props) {
  useTitle(title);
  return (
    <main className={classes.main}>
      <div className={classes.column}>
        <Group gap="sm" mb="lg" wrap="nowrap">
          <Mark size={44} />
          <div>
            <Text fw={600} size="lg" lh={1.2}>
              Assent
            </Text>
            <Text size="sm" c="dimmed" lh={1.3}>
              {t('signIn.tagline')}
            </Text>
          </div>
        </Group>
        <Paper withBorder p="xl" radius="lg" className={classes.card}>
          <Stack>
            <div>
              <Title order={1} size="h3">
                {title}
              </Title>
              {hint && (
                <Text size="sm" c="dimmed" mt={4}>
                  {hint}
                </Text>
              )}
            </div>
            {children}
          </Stack>
        </Paper>
      </div>
    </main>
  );
}
