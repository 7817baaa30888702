import { Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { Loaded } from '../../../components/loaded.tsx';
import { Page } from '../../../components/page.tsx';
import { TextLink } from '../../../components/text-link.tsx';
import { t, tMaybe } from '../../../messages/index.ts';
import { Access } from './access.tsx';
import { Licences } from './licences.tsx';
import { PersonForm } from './person-form.tsx';
import { PersonSessions } from './person-sessions.tsx';
import { type Person, staffQuery } from './queries.ts';

/** All about one of the staff. */
export function PersonPage() {
  const { staffId } = useParams({ from: '/shell/administration/staff/$staffId' });
  const query = useQuery(staffQuery);
  const person = query.data?.items.find(({ id }) => id === staffId);
  return (
    <Page title={person?.name ?? t('staff.title')}>
      <TextLink to="/administration/staff" size="sm" className="no-print">
        {t('staff.allStaff')}
      </TextLink>
      <Loaded queries={[query]} lines={8}>
        {() => (person ? <About key={person.id} person={person} /> : <Text>{tMaybe('problems', 'not-found')}</Text>)}
      </Loaded>
    </Page>
  );
}

function About({ person }: { readonly person: Person }) {
  return (
    <>
      <PersonForm person={person} />
      {(person.role === 'practitioner' || person.licences.length > 0) && <Licences person={person} />}
      {person.status === 'active' && <PersonSessions id={person.id} />}
      <Access person={person} />
    </>
  );
}
