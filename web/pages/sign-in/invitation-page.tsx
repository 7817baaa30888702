import { Anchor, Button, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useRouterState } from '@tanstack/react-router';
import { useAct } from '../../api/act.ts';
import { type Api, ask } from '../../api/client.ts';
import { asProblem } from '../../api/problem.ts';
import { loginQuery, setLogin } from '../../api/session.ts';
import { ProblemPanel } from '../../components/problem-panel.tsx';
import { t, tMaybe } from '../../messages/index.ts';
import { Card } from './card.tsx';
import { NewPasswordForm } from './new-password-form.tsx';
import { SignInForm } from './sign-in-form.tsx';
import { SignOut, WayIn } from './way-in.tsx';

/** `/invitation#token`, as the link of an invitation has it. */
export function InvitationPage() {
  const token = useRouterState({ select: ({ location }) => location.hash });
  const invitation = useQuery({
    queryKey: ['invitation', token],
    queryFn: () => ask((api) => api.POST('/api/auth/invitations/open', { body: { token } })),
    enabled: token !== '',
    staleTime: Infinity,
    gcTime: 0,
  });
  if (!token) {
    return (
      <Card title={t('signIn.noToken')} hint={t('signIn.noTokenHint')}>
        <ToSignIn />
      </Card>
    );
  }
  if (invitation.error) {
    return (
      <Card title={t('signIn.invitationTitle')}>
        <ProblemPanel problem={asProblem(invitation.error)} />
        <ToSignIn />
      </Card>
    );
  }
  if (!invitation.data) return null;
  const { hasAccount, renews } = invitation.data;
  return hasAccount && !renews ? (
    <WithAccount token={token} invitation={invitation.data} />
  ) : (
    <WithPassword token={token} invitation={invitation.data} />
  );
}

function ToSignIn() {
  return (
    <Anchor component={Link} to="/" size="sm">
      {t('signIn.toSignIn')}
    </Anchor>
  );
}

interface Props {
  readonly token: string;
  readonly invitation: Api['InvitationView'];
}

function useAccept(token: string) {
  const navigate = useNavigate();
  return useAct((password: string | undefined) => ask((api) => api.POST('/api/auth/invitations/accept', { body: { token, password } })), {
    onDone: (login) => void setLogin(login).then(() => navigate({ to: '/', replace: true })),
  });
}

function WithPassword({ token, invitation: { name, email, role, clinicName, renews } }: Props) {
  const accept = useAccept(token);
  return (
    <Card
      title={t(renews ? 'signIn.renewsTitle' : 'signIn.invitation', { clinic: clinicName })}
      hint={renews ? t('signIn.renewsHint', { name }) : t('signIn.invitationHint', { name, role: roleName(role) })}
    >
      <NewPasswordForm email={email} hint={t('signIn.newPasswordAlone')} act={accept} />
    </Card>
  );
}

function WithAccount({ token, invitation: { name, email, role, clinicName } }: Props) {
  const { data: login } = useQuery(loginQuery);
  const accept = useAccept(token);
  if (login === undefined) return null;
  if (login?.state === 'locked' || login?.state === 'second_factor') return <WayIn login={login} />;
  const somebodyElse = login?.me && login.me.email !== email ? login.me.email : undefined;
  return (
    <Card title={t('signIn.invitation', { clinic: clinicName })} hint={t('signIn.invitationHint', { name, role: roleName(role) })}>
      {login ? (
        <>
          {somebodyElse !== undefined && <Text size="sm">{t('signIn.otherAccount', { email: somebodyElse, invited: email })}</Text>}
          <ProblemPanel problem={accept.problem} />
          {somebodyElse === undefined && (
            <Button loading={accept.running} onClick={() => accept.run(undefined)} fullWidth>
              {t('signIn.accept')}
            </Button>
          )}
          <SignOut label={t('signIn.signOut')} />
        </>
      ) : (
        <>
          <Text size="sm">{t('signIn.hasAccountHint')}</Text>
          <SignInForm email={email} />
        </>
      )}
    </Card>
  );
}

/** In the middle of a sentence. */
function roleName(role: string): string {
  return (tMaybe('roles', role) ?? role).toLowerCase();
}
