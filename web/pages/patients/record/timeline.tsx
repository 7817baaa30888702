import { Button, Title } from '@mantine/core';
import { useQueries } from '@tanstack/react-query';
import { useState } from 'react';
import { Empty } from '../../../components/empty.tsx';
import { Loaded } from '../../../components/loaded.tsx';
import { Section } from '../../../components/section.tsx';
import { t } from '../../../messages/index.ts';
import { useTimes } from '../../../time.ts';
import { consentsQuery, discussionsQuery, patientSessionsQuery, reportsQuery, screeningsQuery } from '../queries.ts';
import { byDay, eventsOf, type TimelineEvent } from './events.ts';
import { TimelineItem } from './timeline-item.tsx';
import classes from './timeline.module.css';

const SHOWN_FIRST = 20;

/** What happened with the patient: screenings, discussions, decisions, withdrawals, sessions; the newest first, a day after another. */
export function Timeline({ patientId }: { readonly patientId: string }) {
  const queries = useQueries({
    queries: [
      screeningsQuery(patientId),
      discussionsQuery(patientId),
      consentsQuery(patientId),
      patientSessionsQuery(patientId),
      reportsQuery(patientId),
    ],
  });
  return (
    <Section title={t('record.timeline')}>
      <Loaded queries={queries} lines={5}>
        {(screenings, discussions, consents, sessions, reports) => (
          <Events
            patientId={patientId}
            events={eventsOf({
              screenings: screenings.items,
              discussions: discussions.items,
              consents: consents.items,
              sessions: sessions.items,
              reports: reports.items,
            })}
          />
        )}
      </Loaded>
    </Section>
  );
}

interface EventsProps {
  readonly patientId: string;
  readonly events: readonly TimelineEvent[];
}

function Events({ patientId, events }: EventsProps) {
  const times = useTimes();
  const [all, setAll] = useState(false);
  if (events.length === 0) return <Empty level={3} title={t('record.timelineEmpty')} hint={t('record.timelineEmptyHint')} />;
  const shown = all ? events : events.slice(0, SHOWN_FIRST);
  return (
    <>
      {byDay(shown, (instant) => times.date(instant)).map(({ day, events: ofDay }) => (
        <div key={day}>
          <Title order={3} className={classes.day}>
            {day}
          </Title>
          <ol className={classes.events}>
            {ofDay.map((event) => (
              <TimelineItem key={`${event.kind} ${event.id}`} patientId={patientId} event={event} />
            ))}
          </ol>
        </div>
      ))}
      {events.length > shown.length && (
        <Button variant="default" onClick={() => setAll(true)}>
          {t('record.showAll', { count: events.length - shown.length })}
        </Button>
      )}
    </>
  );
}
