import { notifications } from '@mantine/notifications';
import { t } from '../messages/index.ts';

/** Says for some seconds that something was done. Screen readers say it too. */
export function notifyDone(message: string): void {
  notifications.show({ message, color: 'pine', withCloseButton: true, closeButtonProps: { 'aria-label': t('common.close') } });
}
