import { Anchor, Button, Stack, TextInput } from '@mantine/core';
import { Link, useRouterState } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { useAct } from '../../api/act.ts';
import { ask } from '../../api/client.ts';
import { setLogin } from '../../api/session.ts';
import { ProblemPanel } from '../../components/problem-panel.tsx';
import { t } from '../../messages/index.ts';
import { Card } from './card.tsx';
import { NewPasswordForm } from './new-password-form.tsx';

/** `/password#token` is in the mail; without the token one asks for that mail here. */
export function PasswordPage() {
  const token = useRouterState({ select: ({ location }) => location.hash });
  return token ? <Reset token={token} /> : <Forgotten />;
}

function Reset({ token }: { readonly token: string }) {
  const [done, setDone] = useState(false);
  const act = useAct((password: string) => ask((api) => api.POST('/api/auth/password/reset', { body: { token, password } })), {
    onDone: () => {
      setDone(true);
      void setLogin(null);
    },
  });
  if (done) {
    return (
      <Card title={t('signIn.resetDone')} hint={t('signIn.resetDoneHint')}>
        <Button component={Link} to="/">
          {t('signIn.toSignIn')}
        </Button>
      </Card>
    );
  }
  const closed = act.problem?.code === 'password-reset.closed';
  return (
    <Card title={t('signIn.resetTitle')}>
      <NewPasswordForm hint={t('signIn.newPasswordAny')} act={act} />
      {closed && (
        <Anchor component={Link} to="/password" hash="" size="sm">
          {t('signIn.sendAnother')}
        </Anchor>
      )}
    </Card>
  );
}

function Forgotten() {
  const [email, setEmail] = useState('');
  const [sentTo, setSentTo] = useState<string>();
  const act = useAct(() => ask((api) => api.POST('/api/auth/password/forgotten', { body: { email: email.trim() } })), {
    onDone: () => setSentTo(email.trim()),
  });
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    act.run();
  };
  const back = (
    <Anchor component={Link} to="/" size="sm">
      {t('signIn.toSignIn')}
    </Anchor>
  );
  if (sentTo !== undefined) {
    return (
      <Card title={t('signIn.linkSent')} hint={t('signIn.linkSentHint', { email: sentTo })}>
        {back}
      </Card>
    );
  }
  return (
    <Card title={t('signIn.forgottenTitle')} hint={t('signIn.forgottenHint')}>
      <form onSubmit={onSubmit}>
        <Stack>
          <TextInput
            label={t('signIn.email')}
            type="email"
            autoComplete="username"
            value={email}
            onChange={(event) => setEmail(event.currentTarget.value)}
            required
            withAsterisk={false}
            autoFocus
          />
          <ProblemPanel problem={act.problem} />
          <Button type="submit" loading={act.running} fullWidth>
            {t('signIn.sendLink')}
          </Button>
        </Stack>
      </form>
      {back}
    </Card>
  );
}
