import { Text } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Empty } from '../../../components/empty.tsx';
import { t, tMaybe } from '../../../messages/index.ts';
import { useTimes } from '../../../time.ts';
import { Cell, DataRow, DataTable } from '../data-table.tsx';
import { nameOf } from '../names.ts';
import { Paged } from '../paged.tsx';
import { refusalsQuery } from './queries.ts';
import type { Filters } from './search.ts';

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
      <Paged query={query} empty={<Empty level={3} title={t('disclosures.noRefusals')} hint={t('disclosures.noRefusalsHint')} />}>
        {(rows) => (
          <DataTable
            caption={t('disclosures.refusalsCaption')}
            columns={[t('disclosures.refused'), t('administration.patient'), t('disclosures.practitioner'), t('disclosures.reasons')]}
          >
            {rows.map(({ eventId, refusedAt, patient, patientId, practitioner, blockers }) => (
              <DataRow key={eventId} name={<time dateTime={refusedAt}>{times.dateTime(refusedAt)}</time>}>
                <Cell label={t('administration.patient')}>{patient ? nameOf(patient) : patientId}</Cell>
                <Cell label={t('disclosures.practitioner')}>{practitioner.name}</Cell>
                <Cell label={t('disclosures.reasons')}>
                  {blockers.length === 0
                    ? t('disclosures.noReasons')
                    : blockers.map((blocker) => tMaybe('blockers', blocker) ?? blocker).join(', ')}
                </Cell>
              </DataRow>
            ))}
          </DataTable>
        )}
      </Paged>
    </>
  );
}
