import { Alert, Badge, Group, List, Stack, Text, Title } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import type { Api } from '../../../api/client.ts';
import { DescriptionList } from '../../../components/description-list.tsx';
import { t } from '../../../messages/index.ts';
import { useTimes } from '../../../time.ts';

const STEPS = ['log.step1', 'log.step2', 'log.step3', 'log.step4', 'log.step5', 'log.step6'] as const;
const numbers = new Intl.NumberFormat('en');

export function LogState({ log }: { readonly log: Api['LogView'] }) {
  const times = useTimes();
  const { size, signedAt, waiting, waitingSince, origin, halted, problem } = log;
  return (
    <>
      {halted && <Halted problem={problem} />}
      {!halted && problem !== null && (
        <Alert color="yellow" variant="light" icon={<IconAlertTriangle aria-hidden />} title={t('log.problemTitle')} role="alert">
          {problem}
        </Alert>
      )}
      <Group gap="xs">
        <Badge variant="light" size="lg" tt="none" color={halted ? 'red' : problem === null ? 'pine' : 'yellow'}>
          {t(halted ? 'log.halted' : problem === null ? 'log.inOrder' : 'log.hasProblem')}
        </Badge>
      </Group>
      <DescriptionList
        items={[
          [t('log.size'), `${numbers.format(size)} (${t('log.sizeHint')})`],
          [t('log.signedAt'), signedAt === null ? t('log.never') : times.dateTime(signedAt)],
          [
            t('log.waiting'),
            waitingSince === null ? t('log.waitingNone') : t('log.waitingSince', { count: waiting, when: times.dateTime(waitingSince) }),
          ],
          [t('log.name'), origin ?? t('log.noKey')],
        ]}
      />
    </>
  );
}

/** What to do when the log is halted and nothing is signed. */
function Halted({ problem }: { readonly problem: string | null }) {
  return (
    <Alert color="red" variant="light" icon={<IconAlertTriangle aria-hidden />} title={t('log.haltedTitle')} role="alert">
      <Stack gap="sm">
        <Text size="sm" fw={600}>
          {problem}
        </Text>
        <Text size="sm">{t('log.haltedHint')}</Text>
        <Title order={3} size="h6">
          {t('log.todo')}
        </Title>
        <List size="sm" type="ordered" spacing={4}>
          {STEPS.map((step) => (
            <List.Item key={step}>{t(step)}</List.Item>
          ))}
        </List>
      </Stack>
    </Alert>
  );
}
