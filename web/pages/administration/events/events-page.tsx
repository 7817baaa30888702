import { Text } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useMe } from '../../../api/session.ts';
import { Empty } from '../../../components/empty.tsx';
import { Page } from '../../../components/page.tsx';
import { t } from '../../../messages/index.ts';
import { Paged } from '../paged.tsx';
import { EventFilters } from './event-filters.tsx';
import { EventRow } from './event-row.tsx';
import { eventsQuery } from './queries.ts';
import { type EventSearch, filtersOf, readSearch } from './search.ts';
import timeline from '../timeline.module.css';

const route = getRouteApi('/shell/administration/events');

/** What happened in the clinic, newest first. */
export function EventsPage() {
  // The router leaves in what isn't one of ours.
  const search = readSearch({ ...route.useSearch() });
  const navigate = useNavigate();
  const query = useInfiniteQuery(eventsQuery(filtersOf(search, useMe().clinic.timeZone)));
  const change = (next: EventSearch) => void navigate({ to: '/administration/events', search: next, resetScroll: false });
  return (
    <Page title={t('events.title')}>
      <Text c="dimmed" maw="46rem" mt="calc(-1 * var(--mantine-spacing-sm))">
        {t('events.intro')}
      </Text>
      <EventFilters search={search} onChange={change} />
      <Paged query={query} empty={<Empty title={t('events.none')} hint={t('events.noneHint')} />}>
        {(events) => (
          <ol className={timeline.events} aria-label={t('events.caption')}>
            {events.map((event) => (
              <EventRow key={event.id} event={event} search={search} />
            ))}
          </ol>
        )}
      </Paged>
    </Page>
  );
}
