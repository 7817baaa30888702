import { Group, Stack } from '@mantine/core';
import { IconSearch, IconUserPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useMay, useMe } from '../../api/session.ts';
import { ButtonLink } from '../../components/button-link.tsx';
import { Empty } from '../../components/empty.tsx';
import { Loaded } from '../../components/loaded.tsx';
import { Page } from '../../components/page.tsx';
import { t } from '../../messages/index.ts';
import { Approvals } from './approvals.tsx';
import { Discussions } from './discussions.tsx';
import { Lapsing } from './lapsing.tsx';
import { Licences } from './licences.tsx';
import { OpenSessions } from './open-sessions.tsx';
import { todayQuery } from './queries.ts';
import { Recent } from './recent.tsx';
import { Reported } from './reported.tsx';

/** The start page: what the person has to do, each with the next step. */
export function TodayPage() {
  const me = useMe();
  // Others change it too.
  const query = useQuery({ ...todayQuery, staleTime: 0 });
  const may = useMay();
  const mayRegister = may('patient.write');
  return (
    <Page
      title={t('today.hello', { name: me.name })}
      actions={
        <Group gap="sm">
          <ButtonLink to="/patients" variant={mayRegister ? 'default' : 'filled'} leftSection={<IconSearch size={18} aria-hidden />}>
            {t('today.find')}
          </ButtonLink>
          {mayRegister && (
            <ButtonLink to="/patients/new" leftSection={<IconUserPlus size={18} aria-hidden />}>
              {t('patients.register')}
            </ButtonLink>
          )}
        </Group>
      }
    >
      <Loaded queries={[query]} lines={8}>
        {({ sessions, discussions, approvals, reported, lapsing, treated, registered, licences }) => {
          const todo = sessions.length + discussions.length + approvals.length + reported.length + lapsing.length + licences.length;
          const known = new Set(treated.map(({ patient }) => patient.id));
          const others = registered.filter(({ patient }) => !known.has(patient.id));
          const hint = !may('clinical.read') ? 'today.receptionHint' : mayRegister ? 'today.emptyHint' : 'today.emptyReading';
          return (
            <Stack gap="lg">
              {todo === 0 && <Empty title={t('today.empty')} hint={t(hint)} />}
              <OpenSessions sessions={sessions} />
              <Discussions discussions={discussions} />
              <Approvals approvals={approvals} />
              <Reported reported={reported} />
              <Lapsing lapsing={lapsing} />
              <Licences licences={licences} />
              <Recent title={t('today.treated')} recent={treated} saidAt="today.treatedAt" />
              <Recent title={t('today.registered')} recent={others} saidAt="today.registeredAt" />
            </Stack>
          );
        }}
      </Loaded>
    </Page>
  );
}
