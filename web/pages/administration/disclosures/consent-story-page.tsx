import { Badge, Text } from '@mantine/core';
import { IconArrowLeft } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import type { Api } from '../../../api/client.ts';
import { Empty } from '../../../components/empty.tsx';
import { Page } from '../../../components/page.tsx';
import { TextLink } from '../../../components/text-link.tsx';
import { t, tMaybe } from '../../../messages/index.ts';
import { useTimes } from '../../../time.ts';
import { Changes } from '../changes.tsx';
import { nameOf } from '../names.ts';
import { Paged } from '../paged.tsx';
import { patientNameQuery } from '../queries.ts';
import { uuidOf } from '../search.ts';
import { storyQuery } from './queries.ts';
import timeline from '../timeline.module.css';

const route = getRouteApi('/shell/administration/disclosures/consents/$consentId');

/** Everything that is recorded about one consent. */
export function ConsentStoryPage() {
  const { consentId } = route.useParams();
  const search = route.useSearch();
  const query = useInfiniteQuery(storyQuery(consentId));
  const patientId = query.data?.pages[0]?.patientId;
  const patient = useQuery({ ...patientNameQuery(patientId ?? ''), enabled: patientId !== undefined });
  return (
    <Page title={t('disclosures.storyTitle')}>
      <div>
        <TextLink to="/administration/disclosures" search={search} size="sm" className="no-print">
          <IconArrowLeft size={16} aria-hidden style={{ verticalAlign: '-3px' }} /> {t('disclosures.back')}
        </TextLink>
        {patient.data && (
          <Text fw={600} mt="xs">
            {t('disclosures.storyPatient', { name: nameOf(patient.data) })}
          </Text>
        )}
        <Text c="dimmed" maw="46rem" mt="xs">
          {t('disclosures.storyIntro')}
        </Text>
      </div>
      <Paged query={query} empty={<Empty title={t('disclosures.storyEmpty')} hint={t('disclosures.storyEmptyHint')} />}>
        {(items) => (
          <ol className={timeline.events}>
            {items.map((item) => (
              <Step key={item.eventId} item={item} />
            ))}
          </ol>
        )}
      </Paged>
    </Page>
  );
}

function Step({ item }: { readonly item: Api['HistoryItem'] }) {
  const times = useTimes();
  const { occurredAt, staffName, step, refusal, logEntry } = item;
  // Whose row it is, the story says already; the audit trail has it all.
  const changes = item.changes.filter(({ new: value }) => uuidOf(value) === undefined);
  const words = t('events.sentence', { who: staffName ?? t('events.nobody'), did: didOf(item) });
  return (
    <li className={timeline.event} data-failed={refusal !== null || undefined}>
      <time className={timeline.when} dateTime={occurredAt}>
        {times.dateTime(occurredAt)}
      </time>
      <div className={timeline.what}>
        <Text fw={step === 'looked-at' ? 400 : 500}>{words}</Text>
        {refusal && <Text size="sm">{t('disclosures.refusedBecause', { reason: tMaybe('refusals', refusal) ?? refusal })}</Text>}
        {changes.length > 0 && (
          <details className={timeline.details}>
            <summary aria-label={t('disclosures.valuesOf', { what: words })}>{t('disclosures.values')}</summary>
            <Changes changes={changes} />
          </details>
        )}
      </div>
      <Badge variant="light" color={logEntry === null ? 'gray' : 'pine'} tt="none" className={timeline.badge}>
        {logEntry === null ? t('disclosures.notInLog') : t('disclosures.inLog', { number: logEntry })}
      </Badge>
    </li>
  );
}

/** What was done, with what is said about it: which risk, and which decision. */
function didOf({ step, changes }: Api['HistoryItem']): string {
  const valueOf = (field: string) => {
    const value: unknown = changes.find((change) => change.field === field)?.new;
    return typeof value === 'string' ? value : undefined;
  };
  const about =
    step === 'risk-discussed' ? valueOf('title') : step === 'decided' ? tMaybe('decisions', valueOf('decision') ?? '') : undefined;
  const did = tMaybe('steps', step) ?? step;
  return about === undefined ? did : `${did}: ${about}`;
}
