import { Anchor, Button, Group, Table, Text } from '@mantine/core';
import { IconPrinter } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { Api } from '../../api/client.ts';
import { useNameOf } from '../../api/colleagues.ts';
import { useMay } from '../../api/session.ts';
import { DescriptionList } from '../../components/description-list.tsx';
import { patientLinks } from '../../components/links.ts';
import { Page } from '../../components/page.tsx';
import { Section } from '../../components/section.tsx';
import { t } from '../../messages/index.ts';
import { useTimes } from '../../time.ts';
import { nameOf } from './levels.ts';

const MINUTE = 60_000;

/** What was done, to read and to print. */
export function EndedSession({ session }: { readonly session: Api['SessionView'] }) {
  const times = useTimes();
  const may = useMay();
  const nameOfPerson = useNameOf();
  const links = patientLinks(session.patientId);
  const { consentId, startedAt, endedAt, manipulations } = session;
  return (
    <Page
      title={t('sessions.summary', { date: times.date(startedAt) })}
      actions={
        <Group gap="xs">
          <Button variant="default" leftSection={<IconPrinter size={18} aria-hidden />} onClick={() => print()}>
            {t('common.print')}
          </Button>
          {may('session.record') && (
            <Button variant="light" component={Link} to={links.session}>
              {t('sessions.another')}
            </Button>
          )}
        </Group>
      }
    >
      <Section title={t('sessions.session')}>
        <DescriptionList
          items={[
            [t('sessions.practitioner'), nameOfPerson(session.practitionerId)],
            [t('sessions.startedAt'), times.dateTime(startedAt)],
            ...(endedAt
              ? ([
                  [t('sessions.endedAt'), times.dateTime(endedAt)],
                  [t('sessions.duration'), duration(startedAt, endedAt)],
                ] as const)
              : []),
            [
              t('sessions.consent'),
              <Anchor key="consent" component={Link} to={links.consent(consentId)}>
                {t('sessions.showConsent')}
              </Anchor>,
            ],
          ]}
        />
      </Section>
      <Section title={t('sessions.manipulations')}>
        {manipulations.length === 0 ? <Text c="dimmed">{t('sessions.noManipulations')}</Text> : <Manipulations items={manipulations} />}
      </Section>
    </Page>
  );
}

function Manipulations({ items }: { readonly items: Api['SessionView']['manipulations'] }) {
  const times = useTimes();
  return (
    <Table.ScrollContainer minWidth={280}>
      <Table verticalSpacing="sm" horizontalSpacing={0}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th w={96}>{t('sessions.time')}</Table.Th>
            <Table.Th>{t('sessions.where')}</Table.Th>
            <Table.Th>{t('sessions.how')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {items.map((one) => (
            <Table.Tr key={one.id}>
              <Table.Td style={{ whiteSpace: 'nowrap' }}>{times.time(one.performedAt)}</Table.Td>
              <Table.Td>
                {nameOf(one)}
                {one.response && (
                  <Text size="sm" c="dimmed" style={{ whiteSpace: 'pre-line' }}>
                    {one.response}
                  </Text>
                )}
              </Table.Td>
              <Table.Td>{t(`shortTechniques.${one.technique}`)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function duration(from: string, until: string): string {
  const minutes = Math.floor((Date.parse(until) - Date.parse(from)) / MINUTE);
  return minutes < 1 ? t('sessions.underAMinute') : t('sessions.minutes', { count: minutes });
}
