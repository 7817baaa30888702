import { Button, Group, Stack, Text } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useAct } from '../../../api/act.ts';
import { ask } from '../../../api/client.ts';
import { DescriptionList } from '../../../components/description-list.tsx';
import { notifyDone } from '../../../components/notify-done.ts';
import { ProblemPanel } from '../../../components/problem-panel.tsx';
import { t, tMaybe } from '../../../messages/index.ts';
import { useTimes } from '../../../time.ts';
import { Changes } from '../changes.tsx';
import { keepFile } from '../download.ts';
import type { AuditEvent } from './search.ts';
import { changesOf } from './words.ts';

interface Props {
  readonly event: AuditEvent;
  /** What to look at next. */
  readonly children: ReactNode;
}

/** Everything that is recorded of an event, and the proof that it is in the log. */
export function EventDetails({ event, children }: Props) {
  const times = useTimes();
  const { id, occurredAt, staffRole, address, userAgent, subject, subjectId, requestId } = event;
  const proof = useAct(() => ask((api) => api.GET('/api/audit/proof/{id}', { params: { path: { id } }, parseAs: 'text' })), {
    onDone: (text) => {
      keepFile(new Blob([text], { type: 'text/plain' }), `event-${id}.tlog-proof`);
      notifyDone(t('events.proofKept'));
    },
  });
  const changes = changesOf(event);
  const facts: readonly (readonly [string, ReactNode])[] = [
    [t('events.recordedAt'), times.exact(occurredAt)],
    ...(staffRole ? ([[t('events.role'), tMaybe('roles', staffRole) ?? staffRole]] as const) : []),
    ...(address ? ([[t('events.from'), address]] as const) : []),
    ...(userAgent ? ([[t('events.device'), userAgent]] as const) : []),
    ...(subjectId ? ([[t('events.record'), `${subject ?? ''} ${subjectId}`]] as const) : []),
    ...(requestId ? ([[t('events.request'), requestId]] as const) : []),
  ];
  return (
    <Stack gap="sm" py="xs">
      {changes.length === 0 ? (
        <Text size="sm">{t('events.noValues')}</Text>
      ) : (
        <div>
          <Text size="sm" fw={600}>
            {t('events.values')}
          </Text>
          <Changes changes={changes} />
        </div>
      )}
      <DescriptionList items={facts} />
      <ProblemPanel problem={proof.problem} />
      <Group gap="md" className="no-print">
        <Button
          variant="default"
          size="sm"
          leftSection={<IconDownload size={16} aria-hidden />}
          loading={proof.running}
          onClick={() => proof.run()}
        >
          {t('events.proof')}
        </Button>
        {children}
      </Group>
      <Text size="xs" c="dimmed" className="no-print">
        {t('events.proofHint')}
      </Text>
    </Stack>
  );
}
