import { Text } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { regionName } from '../../../anatomy.ts';
import type { Api } from '../../../api/client.ts';
import { Empty } from '../../../components/empty.tsx';
import { TextLink } from '../../../components/text-link.tsx';
import { languageName } from '../../../languages.ts';
import { t, tMaybe } from '../../../messages/index.ts';
import { useTimes } from '../../../time.ts';
import { Cell, DataRow, DataTable } from '../data-table.tsx';
import { nameOf } from '../names.ts';
import { Paged } from '../paged.tsx';
import { sessionsQuery } from './queries.ts';
import { Risks } from './risks.tsx';
import type { Filters } from './search.ts';
import table from '../table.module.css';

const route = getRouteApi('/shell/administration/disclosures');

type Row = Api['DisclosureRow'];

export function SessionTable({ filters }: { readonly filters: Filters }) {
  const query = useInfiniteQuery(sessionsQuery(filters));
  return (
    <Paged query={query} empty={<Empty level={3} title={t('disclosures.noSessions')} hint={t('disclosures.noSessionsHint')} />}>
      {(rows) => (
        <DataTable
          caption={t('disclosures.sessionsCaption')}
          columns={[
            t('disclosures.started'),
            t('administration.patient'),
            t('disclosures.practitioner'),
            t('disclosures.consent'),
            t('disclosures.risks'),
          ]}
        >
          {rows.map((row) => (
            <SessionRow key={row.sessionId} row={row} />
          ))}
        </DataTable>
      )}
    </Paged>
  );
}

function SessionRow({ row: { startedAt, patient, practitioner, consent, disclosure, risks, reports } }: { readonly row: Row }) {
  const times = useTimes();
  return (
    <DataRow name={<time dateTime={startedAt}>{times.dateTime(startedAt)}</time>}>
      <Cell label={t('administration.patient')}>{nameOf(patient)}</Cell>
      <Cell label={t('disclosures.practitioner')}>{practitioner.name}</Cell>
      <Cell label={t('disclosures.consent')}>
        {consent ? (
          <Consent consent={consent} version={disclosure?.version} />
        ) : (
          <Text c="var(--mantine-color-error)" size="sm">
            {t('disclosures.noConsentHint')}
          </Text>
        )}
      </Cell>
      <Cell label={t('disclosures.risks')}>
        <Risks risks={risks} />
        {reports.map(({ kind, words, reportedAt, retractedAt }) => (
          <Text key={reportedAt} size="sm">
            {t(`disclosures.reported.${kind}`, { words, time: times.dateTime(reportedAt) })}
            {retractedAt !== null && ` ${t('disclosures.reportRetracted')}`}
          </Text>
        ))}
      </Cell>
    </DataRow>
  );
}

function Consent({ consent, version }: { readonly consent: NonNullable<Row['consent']>; readonly version: number | undefined }) {
  const times = useTimes();
  const search = route.useSearch();
  const { id, decidedAt, representative, mode, language, interpreter, regions } = consent;
  const decider = representative ? t('disclosures.decidedByRepresentative', representative) : t('disclosures.decidedByPatient');
  const how = t('disclosures.inMode', { mode: tMaybe('modes', mode) ?? mode, language: languageName(language) });
  return (
    <div>
      <TextLink
        to="/administration/disclosures/consents/$consentId"
        params={{ consentId: id }}
        search={search}
        size="sm"
        underline="always"
      >
        {times.dateTime(decidedAt)}
      </TextLink>{' '}
      {decider}
      <span className={table.second}>
        {[
          regions.map(regionName).join(', '),
          how,
          ...(interpreter === null ? [] : [t('disclosures.withInterpreter', { name: interpreter })]),
          ...(version === undefined ? [] : [t('disclosures.versionNumber', { number: String(version) })]),
        ].join(' · ')}
      </span>
    </div>
  );
}
