import { Text, Title } from '@mantine/core';
import type { Api } from '../../../api/client.ts';
import { t, tMaybe } from '../../../messages/administration.ts';
import classes from './bars.module.css';

/** Why starts were refused, the most frequent reason first. */
export function Reasons({ reasons }: { readonly reasons: Api['RefusalsView']['byBlocker'] }) {
  const most = Math.max(...reasons.map(({ count }) => count));
  return (
    <div>
      <Title order={3} size="h6">
        {t('disclosures.byReason')}
      </Title>
      <ul className={classes.rows}>
        {reasons.map(({ blocker, count }) => (
          <li key={blocker} className={classes.row}>
            <span>{tMaybe('blockers', blocker) ?? blocker}</span>
            <span className={classes.count}>{count}</span>
            <span className={classes.bar} style={{ width: `${(count / most) * 100}%` }} />
          </li>
        ))}
      </ul>
      <Text size="xs" c="dimmed">
        {t('disclosures.byReasonHint')}
      </Text>
    </div>
  );
}
