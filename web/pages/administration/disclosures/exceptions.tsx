import { Alert, Group, List, Stack, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import type { Api } from '../../../api/client.ts';
import { TextLink } from '../../../components/text-link.tsx';
import { t, tMaybe } from '../../../messages/index.ts';
import { useTimes } from '../../../time.ts';
import { nameOf } from '../names.ts';
import type { DisclosureSearch } from './search.ts';

interface Props {
  readonly exceptions: Api['ExceptionsView'];
  readonly search: DisclosureSearch;
}

/** Sessions that something was missing for, by name. */
export function Exceptions({ exceptions: { count, items }, search }: Props) {
  const times = useTimes();
  return (
    <Alert
      color="red"
      variant="light"
      icon={<IconAlertTriangle aria-hidden />}
      title={t('disclosures.exceptionsTitle', { count })}
      role="alert"
    >
      <Stack gap="md">
        <Text size="sm" maw="46rem">
          {t('disclosures.exceptionsHint')}{' '}
          <TextLink to="/administration/log" inherit underline="always">
            {t('disclosures.verifyLog')}
          </TextLink>
        </Text>
        {items.map(({ sessionId, patientId, patient, practitioner, startedAt, conditions }) => (
          <div key={sessionId}>
            <Group gap="xs">
              <Text size="sm" fw={600}>
                {patient ? nameOf(patient) : patientId}
              </Text>
              <Text size="sm">{t('disclosures.exceptionOf', { practitioner: practitioner.name, when: times.dateTime(startedAt) })}</Text>
              <TextLink
                to="/administration/disclosures"
                search={{ ...search, patientId }}
                size="sm"
                underline="always"
                className="no-print"
              >
                {t('disclosures.onlyPatient')}
              </TextLink>
            </Group>
            <List size="sm">
              {conditions.map((condition) => (
                <List.Item key={condition}>{tMaybe('conditions', condition) ?? condition}</List.Item>
              ))}
            </List>
          </div>
        ))}
        {items.length < count && <Text size="sm">{t('disclosures.exceptionsNewest', { count: items.length })}</Text>}
      </Stack>
    </Alert>
  );
}
