import { Radio, Stack, Textarea } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useAct } from '../../api/act.ts';
import { type Api, ask } from '../../api/client.ts';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { notifyDone } from '../../components/notify-done.ts';
import { t } from '../../messages/index.ts';
import { patientKey, representativesQuery } from '../patients/queries.ts';
import { isValidNow } from '../patients/valid-now.ts';
import { consentKey, consentQuery } from './queries.ts';

interface Props {
  readonly consentId: string;
  readonly patientId: string;
  readonly opened: boolean;
  readonly onClose: () => void;
}

const PATIENT = 'patient';

/** Withdraws a consent: the person who gave it is preselected and no reason is needed, so that it takes one more tap. */
export function WithdrawDialog({ consentId, patientId, opened, onClose }: Props) {
  const consent = useQuery({ ...consentQuery(consentId), enabled: opened }).data;
  const everybody = useQuery({ ...representativesQuery(patientId), enabled: opened }).data?.items ?? [];
  const [chosen, choose] = useState<string>();
  const [reason, setReason] = useState<string>(t('consents.noReason'));
  const withdraw = useAct(
    (body: Api['WithdrawConsent'], key) =>
      ask((api) => api.POST('/api/consents/{id}/withdrawal', { params: { path: { id: consentId } }, body }), key),
    {
      // Everything that may rest on it.
      changes: [consentKey(consentId), patientKey(patientId), ['standing']],
      onDone: () => {
        notifyDone(t('consents.withdrawn'));
        onClose();
      },
    },
  );
  const representatives = everybody.filter(isValidNow);
  const who = chosen ?? consent?.decidedBy.id ?? PATIENT;
  return (
    <ConfirmDialog
      opened={opened}
      title={t('consents.withdrawTitle')}
      text={t('consents.withdrawText')}
      submit={t('consents.withdrawSubmit')}
      running={withdraw.running}
      problem={withdraw.problem}
      onSubmit={() =>
        withdraw.run({
          reason: reason.trim() || t('consents.noReason'),
          withdrawnBy: who === PATIENT ? { kind: 'patient' } : { kind: 'representative', id: who },
        })
      }
      onClose={onClose}
    >
      {representatives.length > 0 && (
        <Radio.Group label={t('consents.whoWithdraws')} value={who} onChange={choose} size="md">
          <Stack gap="xs" mt="xs">
            <Radio value={PATIENT} label={t('consents.thePatient')} size="md" />
            {representatives.map(({ id, name, relationship }) => (
              <Radio key={id} value={id} label={t('consents.representative', { name, relationship })} size="md" />
            ))}
          </Stack>
        </Radio.Group>
      )}
      <Textarea
        label={t('consents.reason')}
        description={t('consents.reasonHint')}
        size="md"
        autosize
        minRows={2}
        maxRows={6}
        maxLength={2000}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
    </ConfirmDialog>
  );
}
