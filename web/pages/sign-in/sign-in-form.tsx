import { Anchor, Button, Divider, Stack, TextInput } from '@mantine/core';
import { IconBuilding, IconFingerprint } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { useAct } from '../../api/act.ts';
import { ask } from '../../api/client.ts';
import { passkeysWork, signInWithPasskey, signInWithSuggestedPasskey } from '../../api/passkey.ts';
import { Problem } from '../../api/problem.ts';
import { rememberPlace } from '../../api/return.ts';
import { setLogin } from '../../api/session.ts';
import { PasswordField } from '../../components/password-field.tsx';
import { ProblemPanel } from '../../components/problem-panel.tsx';
import { refuseCancelled } from '../../components/proof.tsx';
import { t } from '../../messages/index.ts';

/** Email address and password, a passkey, or the clinic's provider. */
export function SignInForm({ email: known = '' }: { readonly email?: string }) {
  const [email, setEmail] = useState(known);
  const [password, setPassword] = useState('');
  const signIn = useAct(() => ask((api) => api.POST('/api/auth/sign-in', { body: { email: email.trim(), password } })), {
    onDone: (login) => void setLogin(login),
  });
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    signIn.run();
  };
  return (
    <Stack>
      <form onSubmit={onSubmit}>
        <Stack>
          <TextInput
            label={t('signIn.email')}
            type="email"
            name="email"
            autoComplete="username webauthn"
            value={email}
            onChange={(event) => setEmail(event.currentTarget.value)}
            readOnly={known !== ''}
            required
            withAsterisk={false}
            autoFocus={known === ''}
          />
          <PasswordField
            label={t('signIn.password')}
            name="password"
            autoComplete="current-password"
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
            required
            withAsterisk={false}
            autoFocus={known !== ''}
          />
          <ProblemPanel problem={signIn.problem} />
          <Button type="submit" loading={signIn.running} fullWidth>
            {t('signIn.submit')}
          </Button>
        </Stack>
      </form>
      <Anchor component={Link} to="/password" size="sm">
        {t('signIn.forgotten')}
      </Anchor>
      <OtherWays />
    </Stack>
  );
}

function OtherWays() {
  const suggestion = useSuggestedPasskey();
  const passkey = useAct(() => signInWithPasskey().catch(refuseCancelled), { onDone: (login) => void setLogin(login) });
  const providers = useQuery({ queryKey: ['providers'], queryFn: () => ask((api) => api.GET('/api/auth/sso')), staleTime: Infinity });
  const start = () => {
    // A browser takes one request for a passkey at a time.
    suggestion.stop();
    passkey.run();
  };
  const items = providers.data?.items ?? [];
  if (!passkeysWork && items.length === 0) return null;
  return (
    <>
      <Divider label={t('signIn.or')} />
      <ProblemPanel problem={passkey.problem ?? suggestion.problem} />
      {passkeysWork && (
        <Button
          variant="default"
          leftSection={<IconFingerprint size={20} aria-hidden />}
          loading={passkey.running}
          onClick={start}
          fullWidth
        >
          {t('signIn.withPasskey')}
        </Button>
      )}
      {items.map(({ clinicId, label }) => (
        <Button
          key={clinicId}
          component="a"
          href={`/api/auth/sso/${clinicId}`}
          variant="default"
          leftSection={<IconBuilding size={20} aria-hidden />}
          onClick={rememberPlace}
          fullWidth
        >
          {label}
        </Button>
      ))}
    </>
  );
}

/** Passkeys among the browser's suggestions for the email address, for as long as the form is there. */
function useSuggestedPasskey(): { problem: Problem | undefined; stop(): void } {
  const [problem, setProblem] = useState<Problem>();
  const controller = useRef<AbortController>(null);
  useEffect(() => {
    const own = new AbortController();
    controller.current = own;
    void (async () => {
      try {
        const login = await signInWithSuggestedPasskey(own.signal);
        if (login) await setLogin(login);
      } catch (error) {
        // Browsers that can't suggest them say so in many ways; the button below is there all the same.
        if (!own.signal.aborted && error instanceof Problem) setProblem(error);
      }
    })();
    return () => own.abort();
  }, []);
  return { problem, stop: () => controller.current?.abort() };
}
