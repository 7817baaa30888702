import { Badge, Button, Group, Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useAct } from '../../api/act.ts';
import { type Api, ask } from '../../api/client.ts';
import { Loaded } from '../../components/loaded.tsx';
import { notifyDone } from '../../components/notify-done.ts';
import { ProblemPanel } from '../../components/problem-panel.tsx';
import { Row } from '../../components/row.tsx';
import { Section } from '../../components/section.tsx';
import { t, tMaybe } from '../../messages/index.ts';
import { useTimes } from '../../time.ts';
import { deviceOf } from './device.ts';
import { SESSIONS, sessionsQuery } from './queries.ts';

type LoginSession = Api['LoginSessionView'];

export function LoginSessions() {
  const query = useQuery(sessionsQuery);
  const end = useAct((sessionId: string) => ask((api) => api.DELETE('/api/me/sessions/{sessionId}', { params: { path: { sessionId } } })), {
    changes: [SESSIONS],
  });
  const endOthers = useAct(() => ask((api) => api.DELETE('/api/me/sessions')), {
    changes: [SESSIONS],
    onDone: ({ ended }) => notifyDone(t('account.othersEnded', { count: ended })),
  });
  return (
    <Section title={t('account.sessions')} hint={t('account.sessionsHint')}>
      <ProblemPanel problem={end.problem ?? endOthers.problem} />
      <Loaded queries={[query]}>
        {({ items }) => (
          <>
            <Stack gap={0}>
              {items.map((session) => (
                <SessionRow key={session.id} session={session} onEnd={() => end.run(session.id)} />
              ))}
            </Stack>
            {items.length > 1 && (
              <Group>
                <Button variant="default" loading={endOthers.running} onClick={() => endOthers.run()}>
                  {t('account.endOthers')}
                </Button>
              </Group>
            )}
          </>
        )}
      </Loaded>
    </Section>
  );
}

export function SessionRow({ session, onEnd }: { readonly session: LoginSession; readonly onEnd: () => void }) {
  const times = useTimes();
  const { current, userAgent, address, methods, lastSeenAt } = session;
  const device = deviceOf(userAgent) ?? t('account.unknownDevice');
  const ways = methods.map((method) => tMaybe('methods', method) ?? method).join(', ');
  const seen = t('account.sessionSeen', { date: times.dateTime(lastSeenAt) });
  const facts = [seen, address, t('account.sessionBy', { methods: ways })].filter(Boolean);
  return (
    <Row
      title={device}
      text={facts.join(' · ')}
      badge={
        current && (
          <Badge variant="light" color="pine" tt="none">
            {t('account.thisSession')}
          </Badge>
        )
      }
    >
      {!current && (
        <Button variant="subtle" size="sm" onClick={onEnd} aria-label={t('account.endSessionOf', { device })}>
          {t('account.endSession')}
        </Button>
      )}
    </Row>
  );
}
