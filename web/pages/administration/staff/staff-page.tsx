import { Button, Stack } from '@mantine/core';
import { IconUserPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useMay } from '../../../api/session.ts';
import { Loaded } from '../../../components/loaded.tsx';
import { Page } from '../../../components/page.tsx';
import { Section } from '../../../components/section.tsx';
import { t } from '../../../messages/index.ts';
import { Attention } from './attention.tsx';
import { InviteDialog } from './invite-dialog.tsx';
import { PersonRow } from './person-row.tsx';
import { type Person, staffQuery } from './queries.ts';

/** Who works in the clinic, and whether their licences are valid. */
export function StaffPage() {
  const may = useMay();
  const query = useQuery(staffQuery);
  const [inviting, setInviting] = useState(0);
  return (
    <Page
      title={t('staff.title')}
      actions={
        may('staff.manage') && (
          <Button leftSection={<IconUserPlus size={18} aria-hidden />} onClick={() => setInviting((count) => count + 1)}>
            {t('staff.invite')}
          </Button>
        )
      }
    >
      <Loaded queries={[query]} lines={8}>
        {({ items }) => <People items={items} />}
      </Loaded>
      {inviting > 0 && <InviteDialog key={inviting} />}
    </Page>
  );
}

function People({ items }: { readonly items: readonly Person[] }) {
  const [here, former] = [items.filter(({ status }) => status !== 'inactive'), items.filter(({ status }) => status === 'inactive')];
  return (
    <>
      <Attention people={here} alone={items.length === 1} />
      <Section title={t('staff.people')} hint={t('staff.peopleHint')}>
        <Rows people={here} />
      </Section>
      {former.length > 0 && (
        <Section title={t('staff.former')} hint={t('staff.formerHint')}>
          <Rows people={former} />
        </Section>
      )}
    </>
  );
}

function Rows({ people }: { readonly people: readonly Person[] }) {
  return (
    <Stack gap={0} component="ul" p={0} m={0}>
      {people.map((person) => (
        <PersonRow key={person.id} person={person} />
      ))}
    </Stack>
  );
}
