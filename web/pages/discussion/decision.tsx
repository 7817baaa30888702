import { Alert, Group, Text } from '@mantine/core';
import { IconBan, IconCircleCheck, IconHistory } from '@tabler/icons-react';
import { regionNames } from '../../anatomy.ts';
import type { Api } from '../../api/client.ts';
import { useMay } from '../../api/session.ts';
import { ButtonLink } from '../../components/button-link.tsx';
import { t } from '../../messages/index.ts';
import { useTimes } from '../../time.ts';

/** What was decided on a discussion, and the one next thing to do. */
export function Decision({ consent }: { readonly consent: Api['ConsentSummary'] }) {
  const times = useTimes();
  const may = useMay();
  const { patientId, state } = consent;
  const date = times.dateTime(consent.decidedAt);
  const look = (
    <ButtonLink to="/patients/$patientId/consents/$consentId" params={{ patientId, consentId: consent.id }} variant="default">
      {t('discussion.toConsent')}
    </ButtonLink>
  );
  if (state === 'in_force') {
    const regions = regionNames(consent.regions);
    return (
      <Alert color="pine" icon={<IconCircleCheck aria-hidden />} title={t('discussion.givenTitle')} role="status">
        <Text>{t('discussion.givenText', { regions, date })}</Text>
        <Group mt="md">
          {may('session.record') && (
            <ButtonLink to="/patients/$patientId/session" params={{ patientId }}>
              {t('discussion.toSession')}
            </ButtonLink>
          )}
          {look}
        </Group>
      </Alert>
    );
  }
  const refused = state === 'refused';
  return (
    <Alert
      color="gray"
      icon={refused ? <IconBan aria-hidden /> : <IconHistory aria-hidden />}
      title={t(refused ? 'discussion.refusedTitle' : 'discussion.endedTitle')}
      role="status"
    >
      <Text>{t(refused ? 'discussion.refusedText' : 'discussion.endedText', { date })}</Text>
      <Group mt="md">
        <ButtonLink to="/patients/$patientId" params={{ patientId }}>
          {t('discussion.toPatient')}
        </ButtonLink>
        {look}
      </Group>
    </Alert>
  );
}
