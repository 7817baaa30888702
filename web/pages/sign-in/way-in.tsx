import { Anchor, Button, Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import { useAct } from '../../api/act.ts';
import { ask } from '../../api/client.ts';
import { type Login, setLogin, signOut, whosePage } from '../../api/session.ts';
import { deferred } from '../../components/deferred.tsx';
import { ProblemPanel } from '../../components/problem-panel.tsx';
import { ProofForm } from '../../components/proof.tsx';
import { typedProofs } from '../../components/typed-proofs.ts';
import { t, tMaybe } from '../../messages/index.ts';
import { Card } from './card.tsx';
import { SignInForm } from './sign-in-form.tsx';

/** With the QR code's script, for the few times that somebody needs it. */
const FirstFactor = deferred(() => import('./first-factor.tsx').then(({ FirstFactor }) => FirstFactor));

interface Props {
  readonly login: Login | null;
  /** Above the form for who isn't signed in. */
  readonly children?: ReactNode;
}

/** The next step on the way in, by how far the session has come. */
export function WayIn({ login, children }: Props) {
  if (!login) {
    const ended = whosePage() !== undefined;
    return (
      <Card title={t(ended ? 'signIn.ended' : 'signIn.title')} hint={ended ? t('signIn.endedHint') : undefined}>
        {children}
        <SignInForm />
      </Card>
    );
  }
  switch (login.state) {
    case 'locked':
      return <Unlock login={login} />;
    case 'second_factor':
      if (login.factors.length > 0) return <SecondFactor login={login} />;
      return <FirstFactor />;
    case 'clinic':
      return <ChooseClinic login={login} />;
    default:
      return null;
  }
}

function Unlock({ login }: { readonly login: Login }) {
  const hint = login.me ? t('signIn.lockedHint', { name: login.me.name }) : t('signIn.lockedHintNobody');
  return (
    <Card title={t('signIn.lockedTitle')} hint={hint}>
      <ProofForm login={login} typed={typedProofs(login)} submit={t('signIn.unlock')} onProved={(next) => void setLogin(next)} />
      <SignOut label={t('signIn.notYou')} />
    </Card>
  );
}

function SecondFactor({ login }: { readonly login: Login }) {
  const { factors } = login;
  const typed = [factors.includes('totp') && 'totp', factors.includes('recovery_code') && 'recoveryCode'] as const;
  return (
    <Card title={t('signIn.secondFactor')} hint={t('signIn.secondFactorHint')}>
      <ProofForm
        login={login}
        typed={typed.filter((kind) => kind !== false)}
        submit={t('common.continue')}
        onProved={(next) => void setLogin(next)}
      />
      <SignOut label={t('signIn.notYou')} />
    </Card>
  );
}

function ChooseClinic({ login }: { readonly login: Login }) {
  const choosing = useAct((clinicId: string) => ask((api) => api.POST('/api/auth/clinic', { body: { clinicId } })), {
    onDone: (next) => void setLogin(next),
  });
  const { clinics } = login;
  const none = clinics.length === 0;
  return (
    <Card title={t(none ? 'signIn.noClinic' : 'signIn.chooseClinic')} hint={none ? t('signIn.noClinicHint') : undefined}>
      <ProblemPanel problem={choosing.problem} />
      <Stack gap="xs">
        {clinics.map(({ clinicId, clinicName, role }) => (
          <Button
            key={clinicId}
            variant="default"
            justify="space-between"
            rightSection={tMaybe('roles', role) ?? role}
            onClick={() => choosing.run(clinicId)}
          >
            {clinicName}
          </Button>
        ))}
      </Stack>
      <SignOut label={t('signIn.signOut')} />
    </Card>
  );
}

export function SignOut({ label }: { readonly label: string }) {
  const leaving = useAct(signOut);
  return (
    <>
      <ProblemPanel problem={leaving.problem} />
      <Anchor component="button" type="button" size="sm" onClick={() => leaving.run()}>
        {label}
      </Anchor>
    </>
  );
}
