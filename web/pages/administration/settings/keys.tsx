import { Badge, Button, Group, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useAct } from '../../../api/act.ts';
import { type Api, ask } from '../../../api/client.ts';
import { useMay } from '../../../api/session.ts';
import { ConfirmDialog } from '../../../components/confirm-dialog.tsx';
import { Loaded } from '../../../components/loaded.tsx';
import { notifyDone } from '../../../components/notify-done.ts';
import { Row } from '../../../components/row.tsx';
import { Section } from '../../../components/section.tsx';
import { t, tMaybe } from '../../../messages/index.ts';
import { type Times, useTimes } from '../../../time.ts';
import { KeyDialog } from './key-dialog.tsx';
import { KEYS, keysQuery } from './queries.ts';

type Key = Api['KeyView'];

/** Keys for other programs. */
export function Keys() {
  const may = useMay();
  const query = useQuery(keysQuery);
  const [adding, setAdding] = useState(0);
  const [revoked, setRevoked] = useState<Key>();
  const close = () => setRevoked(undefined);
  const revoke = useAct((id: string) => ask((api) => api.DELETE('/api/api-keys/{id}', { params: { path: { id } } })), {
    changes: [KEYS],
    onDone: () => {
      close();
      notifyDone(t('settings.keyRevoked'));
    },
  });
  return (
    <Section title={t('settings.keys')} hint={t('settings.keysHint')}>
      <Loaded queries={[query]} lines={2}>
        {({ items }) =>
          items.length === 0 ? (
            <Text size="sm">{t('settings.noKeysHint')}</Text>
          ) : (
            <Stack gap={0}>
              {items.map((key) => (
                <KeyRow key={key.id} of={key} onRevoke={() => setRevoked(key)} />
              ))}
            </Stack>
          )
        }
      </Loaded>
      {may('key.manage') && (
        <Group>
          <Button variant="default" onClick={() => setAdding((count) => count + 1)}>
            {t('settings.addKey')}
          </Button>
        </Group>
      )}
      {adding > 0 && <KeyDialog key={adding} />}
      <ConfirmDialog
        opened={revoked !== undefined}
        title={t('settings.revokeKeyTitle', { label: revoked?.label ?? '' })}
        text={t('settings.revokeKeyText')}
        submit={t('settings.revokeKey')}
        running={revoke.running}
        problem={revoke.problem}
        onSubmit={() => revoked && revoke.run(revoked.id)}
        onClose={close}
      />
    </Section>
  );
}

function KeyRow({ of: key, onRevoke }: { readonly of: Key; readonly onRevoke: () => void }) {
  const may = useMay();
  const times = useTimes();
  const [now] = useState(Date.now);
  return (
    <Row
      title={key.label}
      text={textOf(key, times)}
      badge={
        Date.parse(key.expiresAt) <= now && (
          <Badge variant="light" color="gray" tt="none">
            {t('settings.keyExpired')}
          </Badge>
        )
      }
    >
      {may('key.manage') && (
        <Button variant="subtle" size="sm" onClick={onRevoke} aria-label={t('settings.revokeKeyOf', { label: key.label })}>
          {t('settings.revokeKey')}
        </Button>
      )}
    </Row>
  );
}

function textOf({ role, expiresAt, lastUsedAt }: Key, times: Times): string {
  return t('settings.keyText', {
    role: tMaybe('roles', role) ?? role,
    expires: times.lastDay(expiresAt),
    used: lastUsedAt === null ? t('settings.keyUnused') : t('settings.keyUsed', { date: times.dateTime(lastUsedAt) }),
  });
}
