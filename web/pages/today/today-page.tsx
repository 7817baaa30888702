import { Anchor, SimpleGrid } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useMe } from '../../api/session.ts';
import { Facts } from '../../components/facts.tsx';
import { Page } from '../../components/page.tsx';
import { Section } from '../../components/section.tsx';
import { t, tMaybe } from '../../messages/index.ts';

/** The start. */
export function TodayPage() {
  const me = useMe();
  return (
    <Page title={t('today.hello', { name: me.name })}>
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <Section title={me.clinic.name}>
          <Facts
            items={[
              [t('today.role'), tMaybe('roles', me.role) ?? me.role],
              ...(me.profession ? ([[t('today.profession'), tMaybe('professions', me.profession) ?? me.profession]] as const) : []),
              [t('today.email'), me.email],
            ]}
          />
          <Anchor component={Link} to="/account" size="sm">
            {t('shell.account')}
          </Anchor>
        </Section>
      </SimpleGrid>
    </Page>
  );
}
