import { Button, Group, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useAct } from '../../../api/act.ts';
import { ask } from '../../../api/client.ts';
import { Loaded } from '../../../components/loaded.tsx';
import { notifyDone } from '../../../components/notify-done.ts';
import { ProblemPanel } from '../../../components/problem-panel.tsx';
import { Section } from '../../../components/section.tsx';
import { t } from '../../../messages/index.ts';
import { SessionRow } from '../../account/login-sessions.tsx';
import { personSessionsQuery } from './queries.ts';

/** Where somebody is signed in to this clinic. */
export function PersonSessions({ id }: { readonly id: string }) {
  const sessions = personSessionsQuery(id);
  const query = useQuery(sessions);
  const end = useAct(
    (sessionId: string) => ask((api) => api.DELETE('/api/staff/{id}/sessions/{sessionId}', { params: { path: { id, sessionId } } })),
    { changes: [sessions.queryKey], onDone: () => notifyDone(t('staff.ended', { count: 1 })) },
  );
  const endAll = useAct(() => ask((api) => api.DELETE('/api/staff/{id}/sessions', { params: { path: { id } } })), {
    changes: [sessions.queryKey],
    onDone: ({ ended }) => notifyDone(t('staff.ended', { count: ended })),
  });
  return (
    <Section title={t('staff.sessions')} hint={t('staff.sessionsHint')}>
      <ProblemPanel problem={end.problem ?? endAll.problem} />
      <Loaded queries={[query]}>
        {({ items }) =>
          items.length === 0 ? (
            <Text size="sm">{t('staff.noSessions')}</Text>
          ) : (
            <>
              <Stack gap={0}>
                {items.map((session) => (
                  <SessionRow key={session.id} session={session} onEnd={() => end.run(session.id)} />
                ))}
              </Stack>
              <Group>
                <Button variant="default" loading={endAll.running} onClick={() => endAll.run()}>
                  {t('staff.endAll')}
                </Button>
              </Group>
            </>
          )
        }
      </Loaded>
    </Section>
  );
}
