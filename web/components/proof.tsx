import { Anchor, Button, Divider, Stack, TextInput } from '@mantine/core';
import { IconFingerprint } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import { useAct } from '../api/act.ts';
import { ask } from '../api/client.ts';
import { isCancelled, passkeysWork, verifyWithPasskey } from '../api/passkey.ts';
import { Problem } from '../api/problem.ts';
import { rememberPlace } from '../api/return.ts';
import type { Login } from '../api/session.ts';
import { t } from '../messages/index.ts';
import { PasswordField } from './password-field.tsx';
import { ProblemPanel } from './problem-panel.tsx';

const TYPED = ['password', 'totp', 'recoveryCode'] as const;
type Typed = (typeof TYPED)[number];

interface Props {
  readonly login: Login;
  /** Of the typed proofs, those that count here; the first is asked for first. */
  readonly typed: readonly Typed[];
  readonly submit: string;
  readonly onProved: (login: Login) => void;
}

/** One proof more of who it is: something typed, or a passkey. */
export function ProofForm({ login, typed, submit, onProved }: Props) {
  const [kind, setKind] = useState(typed[0]);
  const [value, setValue] = useState('');
  const proof = useAct((body: Partial<Record<Typed, string>>) => ask((api) => api.POST('/api/auth/verify', { body })), {
    onDone: onProved,
  });
  const passkey = useAct(() => verifyWithPasskey().catch(refuseCancelled), { onDone: onProved });
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    if (kind) proof.run({ [kind]: kind === 'totp' ? value.replaceAll(/\D/g, '') : value });
  };
  const choose = (next: Typed) => {
    setKind(next);
    setValue('');
    proof.reset();
  };
  const hasPasskey = login.factors.includes('passkey') && passkeysWork;
  return (
    <Stack>
      {kind && (
        <form onSubmit={onSubmit}>
          <Stack>
            <TypedProof kind={kind} value={value} onChange={setValue} login={login} />
            <ProblemPanel problem={proof.problem} />
            <Button type="submit" loading={proof.running} fullWidth>
              {submit}
            </Button>
          </Stack>
        </form>
      )}
      {hasPasskey && (
        <>
          {kind && <Divider label={t('signIn.or')} />}
          <ProblemPanel problem={passkey.problem} />
          <Button
            variant={kind ? 'default' : 'filled'}
            leftSection={<IconFingerprint size={20} aria-hidden />}
            loading={passkey.running}
            onClick={() => passkey.run()}
            fullWidth
          >
            {t('signIn.usePasskey')}
          </Button>
        </>
      )}
      {typed
        .filter((other) => other !== kind)
        .map((other) => (
          <Anchor key={other} component="button" type="button" size="sm" onClick={() => choose(other)}>
            {t(USE[other])}
          </Anchor>
        ))}
      <ProviderLink login={login} />
    </Stack>
  );
}

const USE = { password: 'signIn.usePassword', totp: 'signIn.useTotp', recoveryCode: 'signIn.useRecoveryCode' } as const;

interface TypedProps {
  readonly kind: Typed;
  readonly value: string;
  readonly login: Login;
  readonly onChange: (value: string) => void;
}

function TypedProof({ kind, value, login, onChange }: TypedProps) {
  if (kind === 'password') {
    return (
      <>
        {/* So that the password manager knows whose password it is. */}
        <input type="hidden" name="username" autoComplete="username" value={login.me?.email ?? ''} readOnly />
        <PasswordField
          label={t('signIn.password')}
          autoComplete="current-password"
          value={value}
          onChange={(event) => onChange(event.currentTarget.value)}
          required
          withAsterisk={false}
          data-autofocus
          autoFocus
        />
      </>
    );
  }
  const isTotp = kind === 'totp';
  return (
    <TextInput
      key={kind}
      label={t(isTotp ? 'signIn.totp' : 'signIn.recoveryCode')}
      description={t(isTotp ? 'signIn.totpHint' : 'signIn.recoveryCodeHint')}
      inputMode={isTotp ? 'numeric' : 'text'}
      autoComplete={isTotp ? 'one-time-code' : 'off'}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      required
      withAsterisk={false}
      data-autofocus
      autoFocus
    />
  );
}

/** Who came by single sign-on has perhaps nothing else to prove it with. The provider comes back to the same page. */
function ProviderLink({ login }: { readonly login: Login }) {
  if (!login.me || !login.methods.some((method) => method.startsWith('provider'))) return null;
  return (
    <Anchor href={`/api/auth/sso/${login.me.clinic.id}?fresh=true`} size="sm" onClick={rememberPlace}>
      {t('signIn.useProvider')}
    </Anchor>
  );
}

export function refuseCancelled(error: unknown): never {
  if (!isCancelled(error)) throw error;
  throw new Problem({ code: 'passkey.cancelled', status: 0, title: t('signIn.passkeyCancelled') });
}
