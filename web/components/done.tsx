import { Button, Group } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { t } from '../messages/index.ts';

/** Long enough to read it, find the button and reach it. */
const TO_UNDO_MS = 10_000;

/** Says for some seconds that something was done, and takes it back if that is wanted. Screen readers say it too. */
export function sayDone(message: string, undo?: () => void): void {
  const id = notifications.show({
    color: 'pine',
    withCloseButton: true,
    closeButtonProps: { 'aria-label': t('common.close') },
    ...(undo ? { autoClose: TO_UNDO_MS } : {}),
    message: undo ? (
      <Group justify="space-between" wrap="nowrap">
        {message}
        <Button
          variant="subtle"
          size="compact-md"
          onClick={() => {
            notifications.hide(id);
            undo();
          }}
        >
          {t('common.undo')}
        </Button>
      </Group>
    ) : (
      message
    ),
  });
}
