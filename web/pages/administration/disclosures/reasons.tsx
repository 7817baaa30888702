import { Group, Progress, Text, Title } from '@mantine/core';
import type { Api } from '../../../api/client.ts';
import { t, tMaybe } from '../../../messages/index.ts';
import classes from './reasons.module.css';

/** Why starts were refused, the most frequent reason first. */
export function Reasons({ reasons }: { readonly reasons: Api['RefusalsView']['byBlocker'] }) {
  const most = Math.max(...reasons.map(({ count }) => count));
  return (
    <div>
      <Title order={3} size="h6" mb="sm">
        {t('disclosures.byReason')}
      </Title>
      <ul className={classes.reasons}>
        {reasons.map(({ blocker, count }) => (
          <li key={blocker}>
            <Group justify="space-between" wrap="nowrap" mb={4}>
              <span>{tMaybe('blockers', blocker) ?? blocker}</span>
              <Text span inherit fw={600}>
                {count}
              </Text>
            </Group>
            <Progress value={(count / most) * 100} size="sm" aria-hidden />
          </li>
        ))}
      </ul>
      <Text size="xs" c="dimmed">
        {t('disclosures.byReasonHint')}
      </Text>
    </div>
  );
}
