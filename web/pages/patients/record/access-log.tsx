import { Button, Group, Table, Text } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { ask } from '../../../api/client.ts';
import { asProblem } from '../../../api/problem.ts';
import { Loaded } from '../../../components/loaded.tsx';
import { ProblemPanel } from '../../../components/problem-panel.tsx';
import { Section } from '../../../components/section.tsx';
import { t, tMaybe } from '../../../messages/index.ts';
import { useTimes } from '../../../time.ts';
import { patientKey } from '../queries.ts';
import { looksOf } from './looks.ts';

/** Who looked at the record, for administrators. Asked for only when it is wanted. */
export function AccessLog({ patientId }: { readonly patientId: string }) {
  const [open, setOpen] = useState(false);
  return (
    <Section title={t('record.access')} hint={t('record.accessHint')}>
      {open ? (
        <Looks patientId={patientId} />
      ) : (
        <Group className="no-print">
          <Button variant="default" onClick={() => setOpen(true)}>
            {t('record.showAccess')}
          </Button>
        </Group>
      )}
    </Section>
  );
}

function Looks({ patientId }: { readonly patientId: string }) {
  const times = useTimes();
  const query = useInfiniteQuery({
    queryKey: [...patientKey(patientId), 'looks'],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) =>
      ask((api) =>
        api.GET('/api/audit/events', { params: { query: { patientId, action: 'read', ...(pageParam && { cursor: pageParam }) } } }),
      ),
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
  });
  return (
    <Loaded queries={[query]}>
      {({ pages }) => {
        const looks = looksOf(pages.flatMap(({ items }) => items));
        if (looks.length === 0) return <Text size="sm">{t('record.accessNone')}</Text>;
        return (
          <>
            <Table aria-label={t('record.access')} verticalSpacing="xs" horizontalSpacing="xs">
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{t('record.accessWho')}</Table.Th>
                  <Table.Th>{t('record.accessWhen')}</Table.Th>
                  <Table.Th>{t('record.accessWhat')}</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {looks.map(({ id, at, name, role, subjects }) => (
                  <Table.Tr key={id}>
                    <Table.Td>
                      {name}
                      <Text size="sm" c="dimmed">
                        {tMaybe('roles', role) ?? role}
                      </Text>
                    </Table.Td>
                    <Table.Td>{times.dateTime(at)}</Table.Td>
                    <Table.Td>{subjects.map((subject) => tMaybe('record.looks', subject) ?? subject).join(', ')}</Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
            {query.error && <ProblemPanel problem={asProblem(query.error)} />}
            {query.hasNextPage && (
              <Group className="no-print">
                <Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
                  {t('record.accessEarlier')}
                </Button>
              </Group>
            )}
          </>
        );
      }}
    </Loaded>
  );
}
