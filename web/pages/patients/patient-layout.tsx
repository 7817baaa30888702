import { Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Outlet, useParams } from '@tanstack/react-router';
import { asProblem } from '../../api/problem.ts';
import { Loaded } from '../../components/loaded.tsx';
import { Page } from '../../components/page.tsx';
import { t } from '../../messages/index.ts';
import { IdentityHeader } from './identity-header.tsx';
import { patientQuery } from './queries.ts';

/** Around every page about one patient. Where there is no such patient, or no more, it says so instead of the page. */
export function PatientLayout() {
  const { patientId } = useParams({ from: '/shell/patients/$patientId' });
  const query = useQuery(patientQuery(patientId));
  if (query.isError && !query.data) {
    if (asProblem(query.error).code === 'not-found') {
      return (
        <Page title={t('patients.notFound')}>
          <Text>{t('patients.notFoundHint')}</Text>
        </Page>
      );
    }
    return (
      <Page title={t('patients.notThere')}>
        <Loaded queries={[query]}>{() => null}</Loaded>
      </Page>
    );
  }
  return (
    <Stack gap="lg">
      <IdentityHeader patientId={patientId} patient={query.data} />
      <Outlet />
    </Stack>
  );
}
