import { Alert, Stack, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { t } from '../../../messages/index.ts';
import { useTimes } from '../../../time.ts';
import { Cell, DataRow, DataTable } from '../data-table.tsx';
import type { Verification } from './queries.ts';

/** What isn't as it was recorded. */
export function Findings({ verification: { findings, findingCount, finishedAt } }: { readonly verification: Verification }) {
  const times = useTimes();
  const others = findingCount - findings.length;
  return (
    <Stack gap="sm">
      <Alert
        color="red"
        variant="light"
        icon={<IconAlertTriangle aria-hidden />}
        title={t('log.altered', { count: findingCount })}
        role="alert"
      >
        <Text size="sm">{t('log.alteredHint')}</Text>
        {others > 0 && <Text size="sm">{t('log.alteredOthers', { count: others })}</Text>}
        {finishedAt !== null && <Text size="sm">{t('log.finishedAt', { when: times.dateTime(finishedAt) })}</Text>}
      </Alert>
      {findings.length > 0 && (
        <DataTable caption={t('log.findingsCaption')} columns={[t('log.subject'), t('log.finding')]}>
          {findings.map(({ subject, problem }) => (
            <DataRow key={`${subject} ${problem}`} name={subject}>
              <Cell label={t('log.finding')}>{problem}</Cell>
            </DataRow>
          ))}
        </DataTable>
      )}
    </Stack>
  );
}
