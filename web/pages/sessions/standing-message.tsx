import { Button, Text } from '@mantine/core';
import { IconHandStop, IconWifiOff } from '@tabler/icons-react';
import type { Api } from '../../api/client.ts';
import { t } from '../../messages/index.ts';
import { Notice } from './notice.tsx';

interface Props {
  readonly over: Api['BlockerView'] | null;
  readonly connected: boolean;
  /** What was chosen and not recorded yet when it fell. */
  readonly unrecorded: string | undefined;
  readonly onEnd: (() => void) | undefined;
}

/** Calmly, over the whole width: that nothing more can be recorded, why, and what remains possible. */
export function StandingMessage({ over, connected, unrecorded, onEnd }: Props) {
  if (over) {
    return (
      <Notice role="alert" icon={<IconHandStop aria-hidden />} title={over.message}>
        <Text size="md" fw={500}>
          {over.remedy}
        </Text>
        <Text size="sm" mt={4}>
          {t('sessions.lockedHint')}
        </Text>
        {unrecorded && (
          <Text size="sm" mt={4}>
            {t('sessions.unrecorded', { what: unrecorded })}
          </Text>
        )}
        {onEnd && (
          <Button mt="md" onClick={onEnd}>
            {t('sessions.end')}
          </Button>
        )}
      </Notice>
    );
  }
  if (connected) return null;
  return (
    <Notice role="status" icon={<IconWifiOff aria-hidden />}>
      {t('sessions.notConnected')}
    </Notice>
  );
}
