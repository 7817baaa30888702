import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import type { Api } from '../../../api/client.ts';
import { ShownOnce } from '../../../components/shown-once.tsx';
import { t } from '../../../messages/index.ts';
import { useTimes } from '../../../time.ts';

interface Props {
  readonly name: string;
  readonly sent: Api['InvitationSentView'];
  readonly onClose: () => void;
}

/** What became of an invitation: the link to hand over, shown this once, or where it was sent. Closed by its button alone. */
export function InvitationSent({ name, sent, onClose }: Props) {
  const date = useTimes().dateTime(sent.expiresAt);
  const { link, sentTo } = sent;
  return (
    <Modal
      opened
      onClose={onClose}
      title={t(link === null ? 'staff.sent' : 'staff.linkTitle')}
      closeOnEscape={false}
      closeOnClickOutside={false}
      withCloseButton={false}
    >
      <Stack>
        {link === null ? (
          <Text size="sm">{t('staff.sentHint', { email: sentTo ?? '', date })}</Text>
        ) : (
          <>
            <Text size="sm">{t('staff.linkHint', { name })}</Text>
            <ShownOnce label={t('staff.linkLabel')} value={link} />
            <Text size="sm">{t('staff.linkExpires', { date })}</Text>
          </>
        )}
        <Group justify="flex-end">
          <Button onClick={onClose}>{t(link === null ? 'staff.sentDone' : 'staff.linkDone')}</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
