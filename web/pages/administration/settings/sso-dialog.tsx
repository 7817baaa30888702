import { Button, Group, Modal, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { useAct } from '../../../api/act.ts';
import { type Api, ask } from '../../../api/client.ts';
import { notifyDone } from '../../../components/notify-done.ts';
import { PasswordField } from '../../../components/password-field.tsx';
import { ProblemPanel } from '../../../components/problem-panel.tsx';
import { t } from '../../../messages/index.ts';
import { SSO } from './queries.ts';

/** Sets the provider. Another `key` opens it with empty fields. */
export function SsoDialog({ provider }: { readonly provider: Api['SsoProviderView'] | null }) {
  const [opened, setOpened] = useState(true);
  const form = useForm<Api['SetSsoProvider']>({
    initialValues: {
      label: provider?.label ?? '',
      issuer: provider?.issuer ?? '',
      clientId: provider?.clientId ?? '',
      clientSecret: '',
    },
  });
  const close = () => setOpened(false);
  const save = useAct((body: Api['SetSsoProvider']) => ask((api) => api.PUT('/api/clinic/sso', { body })), {
    form,
    changes: [SSO],
    onDone: () => {
      close();
      notifyDone(t('settings.ssoSaved'));
    },
  });
  const text = (field: keyof Api['SetSsoProvider']) => ({
    label: t(`settings.${field}`),
    required: true,
    withAsterisk: false,
    ...form.getInputProps(field),
  });
  return (
    <Modal opened={opened} onClose={close} title={t(provider ? 'settings.ssoChange' : 'settings.ssoSetUp')}>
      <form onSubmit={form.onSubmit(save.run)}>
        <Stack>
          <TextInput {...text('label')} description={t('settings.labelHint')} data-autofocus />
          <TextInput {...text('issuer')} description={t('settings.issuerHint')} type="url" />
          <TextInput {...text('clientId')} />
          <PasswordField {...text('clientSecret')} description={t('settings.clientSecretHint')} autoComplete="new-password" />
          <ProblemPanel problem={save.problem} atFields={Object.keys(form.values)} />
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              {t('common.cancel')}
            </Button>
            <Button type="submit" loading={save.running}>
              {t('common.save')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
