import { Badge, Text } from '@mantine/core';
import { useState } from 'react';
import { TextLink } from '../../../components/text-link.tsx';
import { t } from '../../../messages/index.ts';
import { useTimes } from '../../../time.ts';
import { nameOf } from '../names.ts';
import { EventDetails } from './event-details.tsx';
import type { AuditEvent, EventSearch } from './search.ts';
import { wordsOf } from './words.ts';
import timeline from '../timeline.module.css';

interface Props {
  readonly event: AuditEvent;
  readonly search: EventSearch;
}

export function EventRow({ event, search }: Props) {
  const times = useTimes();
  const words = wordsOf(event);
  // What is closed isn't rendered: a page of hundreds stays light.
  const [open, setOpen] = useState(false);
  const { occurredAt, outcome, patient, patientId, staffId, logEntry } = event;
  return (
    <li className={timeline.event} data-failed={outcome === 'failure' || undefined}>
      <time className={timeline.when} dateTime={occurredAt}>
        {times.dateTime(occurredAt)}
      </time>
      <div className={timeline.what}>
        <Text fw={500}>{words}</Text>
        {patient && <Text c="dimmed">{t('events.about', { name: nameOf(patient) })}</Text>}
        <details className={timeline.details} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
          <summary aria-label={t('events.detailsOf', { what: words })}>{t('events.details')}</summary>
          {open && (
            <EventDetails event={event}>
              {patientId !== null && search.patientId !== patientId && (
                <TextLink to="/administration/events" search={{ ...search, patientId }} size="sm">
                  {t('events.onlyPatient')}
                </TextLink>
              )}
              {staffId !== null && search.staffId !== staffId && (
                <TextLink to="/administration/events" search={{ ...search, staffId }} size="sm">
                  {t('events.onlyPerson')}
                </TextLink>
              )}
            </EventDetails>
          )}
        </details>
      </div>
      <Badge variant="light" color={logEntry === null ? 'gray' : 'pine'} tt="none" className={timeline.badge}>
        {logEntry === null ? t('events.waits') : t('events.entry', { number: logEntry })}
      </Badge>
    </li>
  );
}
