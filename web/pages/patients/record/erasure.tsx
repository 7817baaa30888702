import { Button, Group, Stack, Text, Textarea, TextInput, Title } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useAct } from '../../../api/act.ts';
import { type Api, ask } from '../../../api/client.ts';
import { ConfirmDialog } from '../../../components/confirm-dialog.tsx';
import { notifyDone } from '../../../components/notify-done.ts';
import { t } from '../../../messages/index.ts';
import { useTimes } from '../../../time.ts';
import { fullName } from '../name.ts';
import { legalHoldsQuery, patientKey } from '../queries.ts';

/** Erases a record permanently. Says what prevents it, and asks for the record number as well. */
export function Erasure({ patient }: { readonly patient: Api['PatientRecordView'] }) {
  const times = useTimes();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [open, setOpen] = useState(false);
  const [reason, setReason] = useState('');
  const [typed, setTyped] = useState('');
  const [wrong, setWrong] = useState(false);
  const held = useQuery(legalHoldsQuery(patient.id)).data?.items.some(({ liftedAt }) => liftedAt === null) ?? false;
  const erase = useAct(
    () => ask((api) => api.POST('/api/patients/{id}/erasure', { params: { path: { id: patient.id } }, body: { reason } })),
    {
      changes: [['patients', 'search'], ['today']],
      onDone: () => {
        notifyDone(t('record.erased'));
        void leave();
      },
    },
  );
  const leave = async () => {
    await navigate({ to: '/patients' });
    client.removeQueries({ queryKey: patientKey(patient.id) });
  };
  const { erasableFrom, archivedAt, recordNumber } = patient;
  const kept = erasableFrom !== null && erasableFrom > times.today();
  const obstacles = [
    kept && t('record.erasableFrom', { date: times.day(erasableFrom) }),
    archivedAt === null && t('record.eraseAfterArchive'),
    held && t('record.eraseAfterHold'),
  ].filter((obstacle) => obstacle !== false);
  const close = () => {
    setOpen(false);
    setTyped('');
  };
  return (
    <Stack gap="xs">
      <Title order={3} size="h5">
        {t('record.erasure')}
      </Title>
      <Text size="sm">{obstacles.length > 0 ? obstacles.join(' ') : t('record.erasableNow')}</Text>
      {obstacles.length === 0 && (
        <Group className="no-print">
          <Button variant="default" c="var(--mantine-color-error)" onClick={() => setOpen(true)}>
            {t('record.erase')}
          </Button>
        </Group>
      )}
      <ConfirmDialog
        opened={open}
        title={t('record.eraseTitle', { name: fullName(patient) })}
        text={t('record.eraseText')}
        submit={t('record.erase')}
        running={erase.running}
        problem={erase.problem}
        onSubmit={() => {
          const right = typed.trim() === recordNumber;
          setWrong(!right);
          if (right) erase.run();
        }}
        onClose={close}
      >
        <Textarea
          label={t('record.eraseReason')}
          size="md"
          autosize
          minRows={2}
          maxLength={2000}
          value={reason}
          onChange={({ currentTarget }) => setReason(currentTarget.value)}
        />
        <TextInput
          label={t('record.eraseTyped', { recordNumber })}
          value={typed}
          error={wrong && t('record.eraseTypedWrong')}
          onChange={({ currentTarget }) => setTyped(currentTarget.value)}
          autoComplete="off"
        />
      </ConfirmDialog>
    </Stack>
  );
}
