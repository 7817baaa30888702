import { Radio, Stack, Textarea } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useAct } from '../../../api/act.ts';
import { type Api, ask } from '../../../api/client.ts';
import { useMay } from '../../../api/session.ts';
import { ConfirmDialog } from '../../../components/confirm-dialog.tsx';
import { notifyDone } from '../../../components/notify-done.ts';
import { t } from '../../../messages/index.ts';
import { useTimes } from '../../../time.ts';
import { consentsQuery, isOpen, patientKey } from '../queries.ts';

type Reason = Api['EndAuthority']['reason'];
const REASONS: readonly Reason[] = ['capacity_regained', 'came_of_age', 'revoked', 'discharged', 'died', 'recorded_in_error'];

interface Props {
  readonly representative: Api['RepresentativeView'];
  readonly onClose: () => void;
}

/** Ends somebody's authority to decide for the patient, and says which consent ends with it. */
export function EndAuthority({ representative: { id, patientId, name }, onClose }: Props) {
  const consequence = useConsequence(patientId, id);
  const [reason, choose] = useState<Reason>();
  const [missing, setMissing] = useState(false);
  const [note, setNote] = useState('');
  const end = useAct(
    (body: Api['EndAuthority'], key) => ask((api) => api.POST('/api/representatives/{id}/end', { params: { path: { id } }, body }), key),
    {
      // Everything that may rest on it.
      changes: [patientKey(patientId), ['consents'], ['standing'], ['today']],
      onDone: () => {
        notifyDone(t('record.endedAuthority', { name }));
        onClose();
      },
    },
  );
  const onSubmit = () => {
    setMissing(reason === undefined);
    if (reason) end.run({ reason, ...(note.trim() && { note }) });
  };
  return (
    <ConfirmDialog
      opened
      title={t('record.endAuthorityTitle', { name })}
      text={`${t('record.endAuthorityText', { name })} ${consequence}`}
      submit={t('record.endAuthority')}
      running={end.running}
      problem={end.problem}
      onSubmit={onSubmit}
      onClose={onClose}
    >
      <Radio.Group
        label={t('record.endReason')}
        value={reason ?? null}
        error={missing && reason === undefined && t('record.endReasonMissing')}
        onChange={choose}
      >
        <Stack gap={4} mt="xs">
          {REASONS.map((value) => (
            <Radio key={value} value={value} label={t(`endReasons.${value}`)} />
          ))}
        </Stack>
      </Radio.Group>
      <Textarea
        label={t('record.endNote')}
        description={t('record.endNoteHint')}
        autosize
        minRows={2}
        maxRows={6}
        maxLength={2000}
        value={note}
        onChange={({ currentTarget }) => setNote(currentTarget.value)}
      />
    </ConfirmDialog>
  );
}

/** What ends with it. People who may not see consents are shown what may end. */
function useConsequence(patientId: string, representativeId: string): string {
  const may = useMay();
  const times = useTimes();
  const { data } = useQuery({ ...consentsQuery(patientId), staleTime: 0, enabled: may('clinical.read') });
  if (!data) return t('record.endsAnyConsent');
  const consent = data.items.find((item) => isOpen(item) && item.decidedBy.id === representativeId);
  return consent ? t('record.endsConsent', { date: times.date(consent.decidedAt) }) : t('record.endsNoConsent');
}
