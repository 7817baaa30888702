import { Button, Code, Group, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useAct } from '../../../api/act.ts';
import { type Api, ask } from '../../../api/client.ts';
import { ConfirmDialog } from '../../../components/confirm-dialog.tsx';
import { DescriptionList } from '../../../components/description-list.tsx';
import { Loaded } from '../../../components/loaded.tsx';
import { notifyDone } from '../../../components/notify-done.ts';
import { Section } from '../../../components/section.tsx';
import { t } from '../../../messages/index.ts';
import { SSO, ssoQuery } from './queries.ts';
import { SsoDialog } from './sso-dialog.tsx';

/** The clinic's own provider. */
export function Sso() {
  const query = useQuery(ssoQuery);
  const [editing, setEditing] = useState(0);
  const [removing, setRemoving] = useState(false);
  const remove = useAct(() => ask((api) => api.DELETE('/api/clinic/sso')), {
    changes: [SSO],
    onDone: () => {
      setRemoving(false);
      notifyDone(t('settings.ssoRemoved'));
    },
  });
  const edit = () => setEditing((count) => count + 1);
  return (
    <Section title={t('settings.sso')} hint={t('settings.ssoHint')}>
      <Loaded queries={[query]}>
        {(provider) => (
          <>
            {provider ? <Provider provider={provider} /> : <Text size="sm">{t('settings.ssoNoneHint')}</Text>}
            <Group>
              <Button variant="default" onClick={edit}>
                {t(provider ? 'settings.ssoChange' : 'settings.ssoSetUp')}
              </Button>
              {provider && (
                <Button variant="default" onClick={() => setRemoving(true)}>
                  {t('settings.ssoRemove')}
                </Button>
              )}
            </Group>
            {editing > 0 && <SsoDialog key={editing} provider={provider} />}
          </>
        )}
      </Loaded>
      <ConfirmDialog
        opened={removing}
        title={t('settings.ssoRemoveTitle')}
        text={t('settings.ssoRemoveText')}
        submit={t('settings.ssoRemove')}
        running={remove.running}
        problem={remove.problem}
        onSubmit={() => remove.run()}
        onClose={() => setRemoving(false)}
      />
    </Section>
  );
}

function Provider({ provider }: { readonly provider: Api['SsoProviderView'] }) {
  return (
    <Stack>
      <DescriptionList
        items={[
          [t('settings.label'), provider.label],
          [t('settings.issuer'), provider.issuer],
          [t('settings.clientId'), provider.clientId],
          [t('settings.redirectUri'), <Code key="redirect">{provider.redirectUri}</Code>],
          [t('settings.signInUrl'), <Code key="sign-in">{provider.signInUrl}</Code>],
        ]}
      />
    </Stack>
  );
}
