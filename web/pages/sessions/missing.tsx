import { Button, Group, Paper, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { Api } from '../../api/client.ts';
import { useMay } from '../../api/session.ts';
import { t } from '../../messages/index.ts';
import { remediesOf } from './remedies.ts';
import classes from './start.module.css';

interface Props {
  readonly patientId: string;
  readonly blockers: readonly Api['BlockerView'][];
  readonly openSessionId: string | null;
  readonly consentId: string | undefined;
  /** It answers what somebody just did. */
  readonly refused?: boolean;
}

/** Exactly what keeps a session from starting, and for each the page that mends it. */
export function Missing({ blockers, refused = false, ...about }: Props) {
  const may = useMay();
  return (
    <Paper withBorder p="lg" bg="var(--app-surface)" role={refused ? 'alert' : undefined} className={classes.missing}>
      <Title order={2} size="h4">
        {t('sessions.missing')}
      </Title>
      <Text size="sm" c="dimmed" mt={4}>
        {t('sessions.missingHint')}
      </Text>
      <ul className={classes.blockers}>
        {blockers.map(({ code, message, remedy }, index) => (
          <li key={code} className={classes.blocker}>
            <div>
              <Text fw={600}>{message}</Text>
              <Text size="sm">{remedy}</Text>
            </div>
            <Group gap="xs">
              {remediesOf(code, { ...about, may }).map(({ label, to }) => (
                <Button key={label} component={Link} to={to} variant={index === 0 ? 'filled' : 'default'}>
                  {label}
                </Button>
              ))}
            </Group>
          </li>
        ))}
      </ul>
    </Paper>
  );
}
