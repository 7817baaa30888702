import type { Api } from '../../api/client.ts';
import { useMe } from '../../api/session.ts';
import { sessionLink } from '../../components/links.ts';
import { Section } from '../../components/section.tsx';
import { t } from '../../messages/index.ts';
import { useTimes } from '../../time.ts';
import { Item, Items } from './item.tsx';

export function OpenSessions({ sessions }: { readonly sessions: readonly Api['TodaySession'][] }) {
  const times = useTimes();
  const me = useMe();
  if (sessions.length === 0) return null;
  const begun = (instant: string) => (times.date(instant) === times.date(new Date()) ? times.time(instant) : times.dateTime(instant));
  return (
    <Section title={t('today.sessions')} hint={t('today.sessionsHint')}>
      <Items>
        {sessions.map(({ id, patient, practitionerId, practitionerName, startedAt }) => (
          <Item key={id} patient={patient} action={t('patients.goToSession')} to={sessionLink(id)}>
            {practitionerId === me.id
              ? t('today.sessionSince', { time: begun(startedAt) })
              : t('today.sessionBy', { name: practitionerName, time: begun(startedAt) })}
          </Item>
        ))}
      </Items>
    </Section>
  );
}
