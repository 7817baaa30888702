import { Button, Group, Modal, Radio, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useAct } from '../../../api/act.ts';
import { type Api, ask } from '../../../api/client.ts';
import { useMay } from '../../../api/session.ts';
import { notifyDone } from '../../../components/notify-done.ts';
import { ProblemPanel } from '../../../components/problem-panel.tsx';
import { Section } from '../../../components/section.tsx';
import { t, tMaybe } from '../../../messages/index.ts';
import { patientKey } from '../queries.ts';
import { Erasure } from './erasure.tsx';
import { LegalHolds } from './legal-holds.tsx';

type Reason = Api['ArchivePatient']['reason'];
const REASONS: readonly Reason[] = ['left', 'moved', 'died', 'duplicate', 'other'];

/** Closing a record, and what becomes of it: archive for everybody, legal holds and erasure for administrators. */
export function Keeping({ patient }: { readonly patient: Api['PatientRecordView'] }) {
  const may = useMay();
  const [open, setOpen] = useState(false);
  const mayArchive = may('patient.archive') && patient.archivedAt === null;
  if (!mayArchive && !may('legal-hold.read')) return null;
  return (
    <div className="no-print">
      <Section title={t('record.keeping')}>
        {mayArchive && (
          <Group>
            <Button variant="default" onClick={() => setOpen(true)}>
              {t('record.archive')}
            </Button>
          </Group>
        )}
        {may('legal-hold.read') && <LegalHolds patientId={patient.id} />}
        {may('patient.erase') && <Erasure patient={patient} />}
        <Modal opened={open} onClose={() => setOpen(false)} title={t('record.archive')}>
          <Archive patientId={patient.id} onClose={() => setOpen(false)} />
        </Modal>
      </Section>
    </div>
  );
}

function Archive({ patientId, onClose }: { readonly patientId: string; readonly onClose: () => void }) {
  const [reason, setReason] = useState<Reason>('left');
  const archive = useAct(
    () => ask((api) => api.POST('/api/patients/{id}/archive', { params: { path: { id: patientId } }, body: { reason } })),
    {
      changes: [patientKey(patientId), ['patients', 'search'], ['today']],
      onDone: () => {
        onClose();
        notifyDone(t('record.archived'));
      },
    },
  );
  return (
    <Stack>
      <Text size="sm">{t('record.archiveHint')}</Text>
      <Radio.Group size="md" label={t('record.archiveReason')} value={reason} onChange={(value) => setReason(value)}>
        <Stack gap={4} mt="xs">
          {REASONS.map((value) => (
            <Radio key={value} value={value} label={tMaybe('record.archiveReasons', value)} />
          ))}
        </Stack>
      </Radio.Group>
      <ProblemPanel problem={archive.problem} />
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          {t('common.cancel')}
        </Button>
        <Button loading={archive.running} onClick={() => archive.run()}>
          {t('record.archive')}
        </Button>
      </Group>
    </Stack>
  );
}
