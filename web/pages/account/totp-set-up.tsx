import { Button, Center, Code, Group, Skeleton, Stack, Text, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useAct } from '../../api/act.ts';
import { ask } from '../../api/client.ts';
import { asProblem } from '../../api/problem.ts';
import { ProblemPanel } from '../../components/problem-panel.tsx';
import { t } from '../../messages/index.ts';
import { QrCode } from './qr-code.tsx';

interface Props {
  readonly onDone: (recoveryCodes: readonly string[]) => void;
  readonly onCancel: () => void;
}

/** A secret for an authenticator app, as a picture, and the first code that confirms it. */
export function TotpSetUp({ onDone, onCancel }: Props) {
  const [code, setCode] = useState('');
  // A query, so that it is made once however often this is rendered. Each visit makes a new one.
  const secret = useQuery({
    queryKey: ['account', 'new-totp'],
    queryFn: () => ask((api) => api.POST('/api/me/totp')),
    staleTime: Infinity,
    gcTime: 0,
  });
  const confirm = useAct(() => ask((api) => api.POST('/api/me/totp/confirm', { body: { code: code.replaceAll(/\D/g, '') } })), {
    onDone: ({ recoveryCodes }) => onDone(recoveryCodes),
  });
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    confirm.run();
  };
  return (
    <form onSubmit={onSubmit}>
      <Stack>
        {secret.error && <ProblemPanel problem={asProblem(secret.error)} />}
        <Center>{secret.data ? <QrCode text={secret.data.uri} label={t('account.scan')} /> : <Skeleton width={208} height={208} />}</Center>
        <Text size="sm">
          {t('account.scan')}. {t('account.scanHint')}
        </Text>
        <Code block>{secret.data?.secret.replaceAll(/(.{4})(?=.)/g, '$1 ') ?? ' '}</Code>
        <TextInput
          label={t('account.code')}
          inputMode="numeric"
          autoComplete="one-time-code"
          value={code}
          onChange={(event) => setCode(event.currentTarget.value)}
          required
          withAsterisk={false}
        />
        <ProblemPanel problem={confirm.problem} />
        <Group>
          <Button type="submit" loading={confirm.running} disabled={!secret.data}>
            {t('account.confirmCode')}
          </Button>
          <Button variant="default" onClick={onCancel}>
            {t('common.cancel')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
