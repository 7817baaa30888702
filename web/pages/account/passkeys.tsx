import { Badge, Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useAct } from '../../api/act.ts';
import { type Api, ask } from '../../api/client.ts';
import { addPasskey, passkeysWork } from '../../api/passkey.ts';
import { refreshLogin } from '../../api/session.ts';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { Loaded } from '../../components/loaded.tsx';
import { notifyDone } from '../../components/notify-done.ts';
import { ProblemPanel } from '../../components/problem-panel.tsx';
import { Row } from '../../components/row.tsx';
import { Section } from '../../components/section.tsx';
import { t } from '../../messages/index.ts';
import { useTimes } from '../../time.ts';
import { refuseUnmade } from './passkey-problem.ts';
import { PASSKEYS, passkeysQuery, SESSIONS } from './queries.ts';

type Passkey = Api['PasskeyView'];
type Open = { readonly what: 'add' } | { readonly what: 'rename' | 'remove'; readonly passkey: Passkey } | undefined;

export function Passkeys() {
  const query = useQuery(passkeysQuery);
  const [open, setOpen] = useState<Open>();
  const close = () => setOpen(undefined);
  const remove = useAct((id: string) => ask((api) => api.DELETE('/api/me/passkeys/{passkeyId}', { params: { path: { passkeyId: id } } })), {
    changes: [PASSKEYS, SESSIONS],
    onDone: () => {
      close();
      notifyDone(t('account.passkeyRemoved'));
      void refreshLogin();
    },
  });
  const removed = open?.what === 'remove' ? open.passkey : undefined;
  return (
    <Section title={t('account.passkeys')} hint={t('account.passkeysHint')}>
      <Loaded queries={[query]} lines={2}>
        {({ items }) =>
          items.length === 0 ? (
            <Text size="sm">{t('account.noPasskeys')}</Text>
          ) : (
            <Stack gap={0}>
              {items.map((passkey) => (
                <PasskeyRow key={passkey.id} passkey={passkey} onOpen={(what) => setOpen({ what, passkey })} />
              ))}
            </Stack>
          )
        }
      </Loaded>
      {passkeysWork && (
        <Group>
          <Button variant="default" onClick={() => setOpen({ what: 'add' })}>
            {t('account.addPasskey')}
          </Button>
        </Group>
      )}
      <LabelDialog key={JSON.stringify(open)} open={open?.what === 'remove' ? undefined : open} onClose={close} />
      <ConfirmDialog
        opened={removed !== undefined}
        title={t('account.removePasskeyTitle', { name: removed?.label ?? '' })}
        text={t('account.removePasskeyHint')}
        submit={t('account.remove')}
        running={remove.running}
        problem={remove.problem}
        onSubmit={() => removed && remove.run(removed.id)}
        onClose={close}
      />
    </Section>
  );
}

function PasskeyRow({ passkey, onOpen }: { readonly passkey: Passkey; readonly onOpen: (what: 'rename' | 'remove') => void }) {
  const times = useTimes();
  const { label, createdAt, lastUsedAt, backedUp } = passkey;
  const used = lastUsedAt === null ? '' : `, ${t('account.passkeyUsed', { date: times.date(lastUsedAt) })}`;
  return (
    <Row
      title={label}
      text={`${t('account.passkeyCreated', { date: times.date(createdAt) })}${used}`}
      badge={
        backedUp && (
          <Badge variant="light" color="gray" tt="none">
            {t('account.passkeySynced')}
          </Badge>
        )
      }
    >
      <Button variant="subtle" size="sm" onClick={() => onOpen('rename')} aria-label={t('account.renamePasskey', { name: label })}>
        {t('account.rename')}
      </Button>
      <Button variant="subtle" size="sm" onClick={() => onOpen('remove')} aria-label={t('account.removePasskey', { name: label })}>
        {t('account.remove')}
      </Button>
    </Row>
  );
}

interface LabelDialogProps {
  readonly open: Open;
  readonly onClose: () => void;
}

/** The name of a passkey, of a new one or a known one. */
function LabelDialog({ open, onClose }: LabelDialogProps) {
  const known = open && 'passkey' in open ? open.passkey : undefined;
  const [label, setLabel] = useState(known?.label ?? '');
  const act = useAct(
    async () => {
      if (!known) return addPasskey(label).catch(refuseUnmade);
      await ask((api) => api.PATCH('/api/me/passkeys/{passkeyId}', { params: { path: { passkeyId: known.id } }, body: { label } }));
    },
    {
      changes: [PASSKEYS, SESSIONS],
      onDone: () => {
        onClose();
        if (known) return;
        notifyDone(t('account.passkeyAdded'));
        void refreshLogin();
      },
    },
  );
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    act.run();
  };
  return (
    <Modal
      opened={open !== undefined}
      onClose={onClose}
      title={known ? t('account.renamePasskey', { name: known.label }) : t('account.addPasskey')}
    >
      <form onSubmit={onSubmit}>
        <Stack>
          <TextInput
            label={t('account.passkeyLabel')}
            description={t('account.passkeyLabelHint')}
            value={label}
            onChange={(event) => setLabel(event.currentTarget.value)}
            maxLength={100}
            required
            withAsterisk={false}
            data-autofocus
          />
          <ProblemPanel problem={act.problem} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('common.cancel')}
            </Button>
            <Button type="submit" loading={act.running}>
              {t(known ? 'common.save' : 'common.continue')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
