import { Text } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { t, tMaybe } from '../../../messages/administration.ts';
import { useTimes } from '../../../time.ts';
import { Empty } from '../empty.tsx';
import { nameOf } from '../names.ts';
import { Paged } from '../paged.tsx';
import { refusalsQuery } from './queries.ts';
import type { Filters } from './search.ts';
import table from '../table.module.css';

/** Starts that the gate refused, and why. */
export function RefusalTable({ filters }: { readonly filters: Filters }) {
  const query = useInfiniteQuery(refusalsQuery(filters));
  const times = useTimes();
  return (
    <>
      {(filters.region ?? filters.disclosureVersion) && (
        <Text size="sm" c="dimmed" mb="sm">
          {t('disclosures.refusalsUnfiltered')}
        </Text>
      )}
      <Paged query={query} empty={<Empty title={t('disclosures.noRefusals')} text={t('disclosures.noRefusalsHint')} />}>
        {(rows) => (
          <div className={table.frame}>
            <table className={table.table}>
              <caption>{t('disclosures.refusalsCaption')}</caption>
              <thead>
                <tr>
                  <th scope="col">{t('disclosures.refused')}</th>
                  <th scope="col">{t('administration.patient')}</th>
                  <th scope="col">{t('disclosures.practitioner')}</th>
                  <th scope="col">{t('disclosures.reasons')}</th>
                </tr>
              </thead>
              <tbody>
                {rows.map(({ eventId, refusedAt, patient, patientId, practitioner, blockers }) => (
                  <tr key={eventId}>
                    <th scope="row">
                      <time dateTime={refusedAt}>{times.dateTime(refusedAt)}</time>
                    </th>
                    <td data-label={t('administration.patient')}>{patient ? nameOf(patient) : patientId}</td>
                    <td data-label={t('disclosures.practitioner')}>{practitioner.name}</td>
                    <td data-label={t('disclosures.reasons')}>
                      {blockers.length === 0
                        ? t('disclosures.noReasons')
                        : blockers.map((blocker) => tMaybe('blockers', blocker) ?? blocker).join(', ')}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </Paged>
    </>
  );
}
