import { Button, Paper, Stack, Text } from '@mantine/core';
import type { InfiniteData, UseInfiniteQueryResult } from '@tanstack/react-query';
import type { Api } from '../../api/client.ts';
import { asProblem } from '../../api/problem.ts';
import { useMay } from '../../api/session.ts';
import { ButtonLink } from '../../components/button-link.tsx';
import { Empty } from '../../components/empty.tsx';
import { Loaded } from '../../components/loaded.tsx';
import { ProblemPanel } from '../../components/problem-panel.tsx';
import { t } from '../../messages/index.ts';
import { PatientHit } from './patient-hit.tsx';

interface Props {
  readonly query: string;
  readonly found: UseInfiniteQueryResult<InfiniteData<Api['PatientPage']>>;
}

export function FoundPatients({ query, found }: Props) {
  const may = useMay();
  return (
    <Loaded queries={[found]} lines={6}>
      {({ pages }) => {
        const patients = pages.flatMap(({ items }) => items);
        if (patients.length === 0) {
          return (
            <Empty title={t('patients.noneFound', { query: query.trim() })} hint={t('patients.noneFoundHint')}>
              {may('patient.write') && (
                <ButtonLink to="/patients/new" variant="default">
                  {t('patients.register')}
                </ButtonLink>
              )}
            </Empty>
          );
        }
        return (
          <Stack gap="xs" align="stretch">
            <Text size="sm" c="dimmed" role="status">
              {found.hasNextPage ? t('patients.foundMore', { count: patients.length }) : t('patients.found', { count: patients.length })}
            </Text>
            <Paper withBorder p={4} bg="var(--app-surface)">
              {patients.map((patient) => (
                <PatientHit key={patient.id} patient={patient} />
              ))}
            </Paper>
            {found.error && <ProblemPanel problem={asProblem(found.error)} />}
            {found.hasNextPage && (
              <Button
                variant="default"
                style={{ alignSelf: 'flex-start' }}
                loading={found.isFetchingNextPage}
                onClick={() => void found.fetchNextPage()}
              >
                {t('patients.showMore')}
              </Button>
            )}
          </Stack>
        );
      }}
    </Loaded>
  );
}
