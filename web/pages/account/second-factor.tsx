import { Badge, Button, Group, Modal, Text } from '@mantine/core';
import { useState } from 'react';
import { useAct } from '../../api/act.ts';
import { ask } from '../../api/client.ts';
import { refreshLogin, useLogin } from '../../api/session.ts';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { notifyDone } from '../../components/notify-done.ts';
import { Section } from '../../components/section.tsx';
import { t } from '../../messages/index.ts';
import { SESSIONS } from './queries.ts';
import { RecoveryCodes } from './recovery-codes.tsx';
import { TotpSetUp } from './totp-set-up.tsx';

type Open = 'set up' | 'remove' | 'renew' | undefined;

/** The authenticator app, and the codes for when it is lost. */
export function SecondFactor() {
  const factors = useLogin()?.factors ?? [];
  const hasApp = factors.includes('totp');
  const [open, setOpen] = useState<Open>();
  const [codes, setCodes] = useState<readonly string[]>();
  const close = () => setOpen(undefined);
  const remove = useAct(() => ask((api) => api.DELETE('/api/me/totp')), {
    changes: [SESSIONS],
    onDone: () => {
      close();
      notifyDone(t('account.totpRemoved'));
      void refreshLogin();
    },
  });
  const renew = useAct(() => ask((api) => api.POST('/api/me/recovery-codes')), {
    onDone: ({ recoveryCodes }) => {
      close();
      setCodes(recoveryCodes);
    },
  });
  return (
    <Section title={t('account.totp')} hint={t('account.totpHint')}>
      <Group>
        <Badge variant="light" color={hasApp ? 'pine' : 'gray'} tt="none" size="lg">
          {t(hasApp ? 'account.totpOn' : 'account.totpOff')}
        </Badge>
      </Group>
      <Group>
        <Button variant="default" onClick={() => setOpen('set up')}>
          {t(hasApp ? 'account.replaceTotp' : 'account.setUpTotp')}
        </Button>
        {hasApp && (
          <Button variant="default" onClick={() => setOpen('remove')}>
            {t('account.removeTotp')}
          </Button>
        )}
        {factors.length > 0 && (
          <Button variant="default" onClick={() => setOpen('renew')}>
            {t('account.renewRecoveryCodes')}
          </Button>
        )}
      </Group>
      {factors.length > 0 && (
        <Text size="sm" c="dimmed">
          {t('account.recoveryCodesHint')}
        </Text>
      )}
      <Modal opened={open === 'set up'} onClose={close} title={t('account.setUpTotp')}>
        <TotpSetUp
          onCancel={close}
          onDone={(made) => {
            close();
            setCodes(made);
          }}
        />
      </Modal>
      <Modal opened={codes !== undefined} onClose={() => undefined} withCloseButton={false} title={t('account.recoveryCodes')}>
        <RecoveryCodes
          codes={codes ?? []}
          onKept={() => {
            setCodes(undefined);
            void refreshLogin();
          }}
        />
      </Modal>
      <ConfirmDialog
        opened={open === 'remove'}
        title={t('account.removeTotpTitle')}
        text={t('account.removeTotpHint')}
        submit={t('account.removeTotp')}
        running={remove.running}
        problem={remove.problem}
        onSubmit={remove.run}
        onClose={close}
      />
      <ConfirmDialog
        opened={open === 'renew'}
        title={t('account.renewRecoveryCodesTitle')}
        text={t('account.renewRecoveryCodesWarning')}
        submit={t('account.renewRecoveryCodes')}
        running={renew.running}
        problem={renew.problem}
        onSubmit={renew.run}
        onClose={close}
      />
    </Section>
  );
}
