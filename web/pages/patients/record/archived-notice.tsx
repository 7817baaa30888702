import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { IconArchive } from '@tabler/icons-react';
import { useAct } from '../../../api/act.ts';
import { type Api, ask } from '../../../api/client.ts';
import { useMay } from '../../../api/session.ts';
import { notifyDone } from '../../../components/notify-done.ts';
import { ProblemPanel } from '../../../components/problem-panel.tsx';
import { t, tMaybe } from '../../../messages/index.ts';
import { useTimes } from '../../../time.ts';
import { patientKey } from '../queries.ts';

/** Above an archived record: since when, why, and the way back. */
export function ArchivedNotice({ patient }: { readonly patient: Api['PatientView'] }) {
  const times = useTimes();
  const may = useMay();
  const restore = useAct(() => ask((api) => api.POST('/api/patients/{id}/restore', { params: { path: { id: patient.id } } })), {
    changes: [patientKey(patient.id), ['patients', 'search'], ['today']],
    onDone: () => notifyDone(t('record.restored')),
  });
  const { archivedAt, archiveReason } = patient;
  if (archivedAt === null) return null;
  const reason = tMaybe('record.archiveReasons', archiveReason ?? 'other') ?? '';
  return (
    <Alert color="gray" icon={<IconArchive aria-hidden />} title={t('record.isArchived')}>
      <Stack gap="sm">
        <Text size="sm">{t('record.archivedSince', { reason, date: times.date(archivedAt) })}</Text>
        <ProblemPanel problem={restore.problem} />
        {may('patient.archive') && (
          <Group className="no-print">
            <Button variant="default" loading={restore.running} onClick={() => restore.run()}>
              {t('record.restore')}
            </Button>
          </Group>
        )}
      </Stack>
    </Alert>
  );
}
