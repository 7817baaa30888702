import { Alert, Stack, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { t } from '../../../messages/administration.ts';
import { useTimes } from '../../../time.ts';
import type { Verification } from './queries.ts';
import table from '../table.module.css';

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
        <div className={table.frame}>
          <table className={table.table}>
            <caption>{t('log.findingsCaption')}</caption>
            <thead>
              <tr>
                <th scope="col">{t('log.subject')}</th>
                <th scope="col">{t('log.finding')}</th>
              </tr>
            </thead>
            <tbody>
              {findings.map(({ subject, problem }) => (
                <tr key={`${subject} ${problem}`}>
                  <th scope="row" className={table.anywhere}>
                    {subject}
                  </th>
                  <td>{problem}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Stack>
  );
}
