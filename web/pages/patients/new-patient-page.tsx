import { Alert, Button, Group, Paper, Stack, Text } from '@mantine/core';
import { IconUsers } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useAct } from '../../api/act.ts';
import { type Api, ask } from '../../api/client.ts';
import { useMay } from '../../api/session.ts';
import { ButtonLink } from '../../components/button-link.tsx';
import { notifyDone } from '../../components/notify-done.ts';
import { Page } from '../../components/page.tsx';
import { ProblemPanel } from '../../components/problem-panel.tsx';
import { useDraftForm } from '../../components/use-draft-form.ts';
import { t } from '../../messages/index.ts';
import { findDuplicates } from './duplicates.ts';
import { fullName } from './name.ts';
import { PatientFields } from './patient-fields.tsx';
import { PatientHit } from './patient-hit.tsx';
import { NOBODY, type PatientValues, REQUIRED, toRegistration } from './patient-values.ts';

interface Submitted {
  readonly typed: PatientValues;
  /** By the button that goes on to the screening. */
  readonly screens: boolean;
}

type Result = { readonly patient: Api['PatientView'] } | { readonly duplicates: Awaited<ReturnType<typeof findDuplicates>> };

/** Registers a patient; first shows who may be the same person already. */
export function NewPatientPage() {
  const navigate = useNavigate();
  const may = useMay();
  const form = useDraftForm('registration', NOBODY, { validate: REQUIRED });
  /** Whose names and birth date the person has looked at the others for. */
  const [compared, setCompared] = useState<string>();
  const [duplicates, setDuplicates] = useState<Awaited<ReturnType<typeof findDuplicates>>>([]);
  const warned = compared === identityOf(form.values) && duplicates.length > 0;
  const register = useAct(
    async ({ typed }: Submitted): Promise<Result> => {
      const alike = compared === identityOf(typed) ? [] : await findDuplicates(typed);
      if (alike.length > 0) return { duplicates: alike };
      return { patient: await ask((api) => api.POST('/api/patients', { body: toRegistration(typed) })) };
    },
    {
      form,
      changes: [['patients', 'search'], ['today']],
      onDone: (result, { typed, screens }) => {
        if ('duplicates' in result) {
          setDuplicates(result.duplicates);
          setCompared(identityOf(typed));
          return;
        }
        const { patient } = result;
        form.forget();
        const params = { patientId: patient.id };
        if (screens) {
          // The page says whose it is; a notice would lie over what ends it.
          void navigate({ to: '/patients/$patientId/screening', params, replace: true });
          return;
        }
        notifyDone(t('registration.done', { name: fullName(patient), recordNumber: patient.recordNumber }));
        void navigate({ to: '/patients/$patientId', params, replace: true });
      },
    },
  );
  const onSubmit = form.onSubmit(
    (typed, event) => {
      const button = (event?.nativeEvent as SubmitEvent | undefined)?.submitter;
      register.run({ typed, screens: button?.getAttribute('value') === 'screen' });
    },
    (errors) => form.getInputNode(Object.keys(errors)[0] ?? '')?.focus(),
  );
  return (
    <Page title={t('registration.title')}>
      <Paper withBorder p="lg" maw={760} bg="var(--app-surface)">
        <form onSubmit={onSubmit} noValidate>
          <Stack>
            <PatientFields form={form} isNew />
            {warned && (
              <Alert
                color="yellow"
                icon={<IconUsers aria-hidden />}
                title={t('registration.duplicates', { count: duplicates.length })}
                role="alert"
                // Its own yellow has too little contrast on yellow.
                styles={{ title: { color: 'var(--mantine-color-text)' } }}
              >
                <Text size="sm">{t('registration.duplicatesHint')}</Text>
                <Paper withBorder p={4} mt="sm" bg="var(--app-surface)">
                  {duplicates.map((patient) => (
                    <PatientHit key={patient.id} patient={patient} />
                  ))}
                </Paper>
              </Alert>
            )}
            <ProblemPanel problem={register.problem} atFields={Object.keys(form.values)} />
            <Group>
              {may('screening.record') && !warned && (
                <Button type="submit" value="screen" loading={register.running}>
                  {t('registration.submitAndScreen')}
                </Button>
              )}
              <Button type="submit" loading={register.running} variant={warned || may('screening.record') ? 'default' : 'filled'}>
                {t(warned ? 'registration.submitAnyway' : 'registration.submit')}
              </Button>
              <ButtonLink to="/patients" variant="subtle">
                {t('common.cancel')}
              </ButtonLink>
            </Group>
          </Stack>
        </form>
      </Paper>
    </Page>
  );
}

function identityOf({ givenName, familyName, birthDate }: PatientValues): string {
  return JSON.stringify([givenName.trim(), familyName.trim(), birthDate]);
}
