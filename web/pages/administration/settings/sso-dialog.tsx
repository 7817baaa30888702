import { Button, Group, Modal, Stack, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useAct } from '../../../api/act.ts';
import { type Api, ask } from '../../../api/client.ts';
import { sayDone } from '../../../components/done.ts';
import { errorAt } from '../../../components/error-at.ts';
import { PasswordField } from '../../../components/password-field.tsx';
import { ProblemPanel } from '../../../components/problem-panel.tsx';
import { t } from '../../../messages/administration.ts';
import { SSO } from './queries.ts';

/** Sets the provider. A new key opens it anew. */
export function SsoDialog({ provider }: { readonly provider: Api['SsoProviderView'] | null }) {
  const [opened, setOpened] = useState(true);
  const [values, setValues] = useState<Api['SetSsoProvider']>({
    label: provider?.label ?? '',
    issuer: provider?.issuer ?? '',
    clientId: provider?.clientId ?? '',
    clientSecret: '',
  });
  const close = () => setOpened(false);
  const save = useAct((body: Api['SetSsoProvider']) => ask((api) => api.PUT('/api/clinic/sso', { body })), {
    changes: [SSO],
    onDone: () => {
      close();
      sayDone(t('settings.ssoSaved'));
    },
  });
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    save.run(values);
  };
  const text = (field: keyof Api['SetSsoProvider']) => ({
    label: t(`settings.${field}`),
    value: values[field],
    error: errorAt(save.problem, field),
    required: true,
    withAsterisk: false,
    onChange: ({ currentTarget }: { currentTarget: HTMLInputElement }) => setValues((now) => ({ ...now, [field]: currentTarget.value })),
  });
  return (
    <Modal opened={opened} onClose={close} title={t(provider ? 'settings.ssoChange' : 'settings.ssoSetUp')}>
      <form onSubmit={onSubmit}>
        <Stack>
          <TextInput {...text('label')} description={t('settings.labelHint')} data-autofocus />
          <TextInput {...text('issuer')} description={t('settings.issuerHint')} type="url" />
          <TextInput {...text('clientId')} />
          <PasswordField {...text('clientSecret')} description={t('settings.clientSecretHint')} autoComplete="new-password" />
          <ProblemPanel problem={save.problem} atFields={Object.keys(values)} />
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
