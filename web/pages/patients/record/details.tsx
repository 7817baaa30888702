import { Anchor, Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconPencil } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useAct } from '../../../api/act.ts';
import { type Api, ask } from '../../../api/client.ts';
import { useMay } from '../../../api/session.ts';
import { DescriptionList } from '../../../components/description-list.tsx';
import { notifyDone } from '../../../components/notify-done.ts';
import { ProblemPanel } from '../../../components/problem-panel.tsx';
import { Section } from '../../../components/section.tsx';
import { languageName } from '../../../languages.ts';
import { t, tMaybe } from '../../../messages/index.ts';
import { useTimes } from '../../../time.ts';
import { PatientFields } from '../patient-fields.tsx';
import { REQUIRED, toCorrection, valuesOf } from '../patient-values.ts';
import { patientKey, patientQuery } from '../queries.ts';

type Patient = Api['PatientRecordView'];

export function Details({ patient }: { readonly patient: Patient }) {
  const times = useTimes();
  const may = useMay();
  const [open, setOpen] = useState(false);
  const unknown = (
    <Text span c="dimmed">
      {t('record.notRecorded')}
    </Text>
  );
  return (
    <Section title={t('record.details')}>
      <DescriptionList
        items={[
          [t('record.born'), t('patients.bornAged', { date: times.day(patient.birthDate), age: times.age(patient.birthDate) })],
          [t('registration.sex'), patient.sex === 'unknown' ? unknown : tMaybe('sexes', patient.sex)],
          [
            t('registration.phone'),
            patient.phone ? <Anchor href={`tel:${patient.phone.replaceAll(/[^+\d]/g, '')}`}>{patient.phone}</Anchor> : unknown,
          ],
          [t('registration.email'), patient.email ? <Anchor href={`mailto:${patient.email}`}>{patient.email}</Anchor> : unknown],
          [t('registration.preferredLanguage'), patient.preferredLanguage ? languageName(patient.preferredLanguage) : unknown],
          [t('registration.recordNumber'), patient.recordNumber],
          [t('record.registeredAt'), times.date(patient.registeredAt)],
        ]}
      />
      {may('patient.write') && patient.archivedAt === null && (
        <Group className="no-print">
          <Button variant="default" leftSection={<IconPencil size={18} aria-hidden />} onClick={() => setOpen(true)}>
            {t('registration.correct')}
          </Button>
        </Group>
      )}
      <Modal opened={open} onClose={() => setOpen(false)} title={t('registration.correct')} size="lg">
        <Correction patient={patient} onClose={() => setOpen(false)} />
      </Modal>
    </Section>
  );
}

interface CorrectionProps {
  readonly patient: Patient;
  readonly onClose: () => void;
}

/** Sends what was changed, for the version that was read: a correction made meanwhile isn't overwritten. */
function Correction({ patient, onClose }: CorrectionProps) {
  const [version, setVersion] = useState(patient.version);
  const [fetchedAgain, setFetchedAgain] = useState(false);
  const form = useForm({ initialValues: valuesOf(patient), validate: REQUIRED });
  const present = useQuery(patientQuery(patient.id));
  const correct = useAct(
    () =>
      ask((api) =>
        api.PATCH('/api/patients/{id}', {
          params: { path: { id: patient.id }, header: { 'If-Match': `"${version}"` } },
          body: toCorrection(form.getInitialValues(), form.values),
        }),
      ),
    {
      form,
      changes: [patientKey(patient.id), ['patients', 'search'], ['today']],
      onDone: () => {
        onClose();
        notifyDone(t('registration.corrected'));
      },
    },
  );
  const fetchAgain = async () => {
    const { data } = await present.refetch();
    if (!data) return;
    // What was typed stays; the rest is as it is now.
    const corrected = Object.entries(form.getValues()).filter(([field]) => form.isDirty(field));
    form.setInitialValues(valuesOf(data));
    form.setValues({ ...valuesOf(data), ...Object.fromEntries(corrected) });
    setVersion(data.version);
    setFetchedAgain(true);
    correct.reset();
  };
  const onSubmit = form.onSubmit(
    () => correct.run(),
    (errors) => form.getInputNode(Object.keys(errors)[0] ?? '')?.focus(),
  );
  const outdated = correct.problem?.code === 'patient.changed';
  return (
    <form onSubmit={onSubmit} noValidate>
      <Stack>
        <Text size="sm">{t('registration.correctHint')}</Text>
        <PatientFields form={form} />
        {fetchedAgain && (
          <Text size="sm" fw={500} role="status">
            {t('registration.fetchedAgain')}
          </Text>
        )}
        <ProblemPanel problem={correct.problem} atFields={Object.keys(form.values)} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('common.cancel')}
          </Button>
          {outdated ? (
            <Button loading={present.isFetching} onClick={() => void fetchAgain()}>
              {t('registration.fetchAgain')}
            </Button>
          ) : (
            <Button type="submit" loading={correct.running}>
              {t('common.save')}
            </Button>
          )}
        </Group>
      </Stack>
    </form>
  );
}
