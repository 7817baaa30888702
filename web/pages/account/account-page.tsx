import { useMe } from '../../api/session.ts';
import { DescriptionList } from '../../components/description-list.tsx';
import { Page } from '../../components/page.tsx';
import { Section } from '../../components/section.tsx';
import { t, tMaybe } from '../../messages/index.ts';
import { LoginSessions } from './login-sessions.tsx';
import { Passkeys } from './passkeys.tsx';
import { Password } from './password.tsx';
import { SecondFactor } from './second-factor.tsx';

/** One's own account: how one signs in, and where one is signed in. */
export function AccountPage() {
  const me = useMe();
  return (
    <Page title={t('account.title')}>
      <Section title={t('account.person')} hint={t('account.personHint')}>
        <DescriptionList
          items={[
            [t('account.name'), me.name],
            [t('account.email'), me.email],
            [t('account.role'), tMaybe('roles', me.role) ?? me.role],
            [t('account.clinic'), me.clinic.name],
          ]}
        />
      </Section>
      <Passkeys />
      <SecondFactor />
      <Password />
      <LoginSessions />
    </Page>
  );
}
