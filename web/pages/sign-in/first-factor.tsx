import { Button, Stack, Text } from '@mantine/core';
import { IconDeviceMobile, IconFingerprint } from '@tabler/icons-react';
import { useState } from 'react';
import { useAct } from '../../api/act.ts';
import { addPasskey, passkeysWork } from '../../api/passkey.ts';
import { refreshLogin } from '../../api/session.ts';
import { ProblemPanel } from '../../components/problem-panel.tsx';
import { t } from '../../messages/index.ts';
import { refuseUnmade } from '../account/passkey-problem.ts';
import { RecoveryCodes } from '../account/recovery-codes.tsx';
import { TotpSetUp } from '../account/totp-set-up.tsx';
import { Card } from './card.tsx';
import { SignOut } from './way-in.tsx';

/** The role needs a second factor and the person has none yet. */
export function FirstFactor() {
  const [app, setApp] = useState(false);
  const [codes, setCodes] = useState<readonly string[]>();
  const passkey = useAct(() => addPasskey(t('account.passkeyDefault')).catch(refuseUnmade), { onDone: () => void refreshLogin() });
  if (codes) {
    return (
      <Card title={t('account.recoveryCodes')} hint={t('account.recoveryCodesHint')}>
        <RecoveryCodes codes={codes} onKept={() => void refreshLogin()} />
      </Card>
    );
  }
  return (
    <Card title={t('signIn.firstFactor')} hint={t('signIn.firstFactorHint')}>
      {app ? (
        <TotpSetUp onDone={setCodes} onCancel={() => setApp(false)} />
      ) : (
        <Stack gap="lg">
          {passkeysWork && (
            <Stack gap="xs">
              <Button leftSection={<IconFingerprint size={20} aria-hidden />} loading={passkey.running} onClick={() => passkey.run()}>
                {t('signIn.firstPasskey')}
              </Button>
              <Text size="sm" c="dimmed">
                {t('signIn.firstPasskeyHint')}
              </Text>
              <ProblemPanel problem={passkey.problem} />
            </Stack>
          )}
          <Stack gap="xs">
            <Button variant="default" leftSection={<IconDeviceMobile size={20} aria-hidden />} onClick={() => setApp(true)}>
              {t('signIn.firstTotp')}
            </Button>
            <Text size="sm" c="dimmed">
              {t('signIn.firstTotpHint')}
            </Text>
          </Stack>
        </Stack>
      )}
      <SignOut label={t('signIn.signOut')} />
    </Card>
  );
}
