import { Paper, Stack, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useMay } from '../../api/session.ts';
import { ButtonLink } from '../../components/button-link.tsx';
import { Empty } from '../../components/empty.tsx';
import { Loaded } from '../../components/loaded.tsx';
import { t } from '../../messages/index.ts';
import { todayQuery } from '../today/queries.ts';
import { PatientHit } from './patient-hit.tsx';

/** The patients most often looked for: recently treated, or recently registered. */
export function RecentPatients() {
  const may = useMay();
  const query = useQuery(todayQuery);
  return (
    <Loaded queries={[query]} lines={6}>
      {({ treated, registered }) => {
        const recent = treated.length > 0 ? treated : registered;
        if (recent.length === 0) {
          return (
            <Empty title={t('patients.none')} hint={may('patient.write') ? t('patients.noneHint') : t('patients.nobodyMayRegister')}>
              {may('patient.write') && <ButtonLink to="/patients/new">{t('patients.register')}</ButtonLink>}
            </Empty>
          );
        }
        return (
          <Stack gap="xs">
            <Title order={2} size="h5">
              {t(treated.length > 0 ? 'patients.treated' : 'patients.registered')}
            </Title>
            <Paper withBorder p={4} bg="var(--app-surface)">
              {recent.map(({ patient }) => (
                <PatientHit key={patient.id} patient={patient} />
              ))}
            </Paper>
          </Stack>
        );
      }}
    </Loaded>
  );
}
