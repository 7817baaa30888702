import { Button, Text } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import type { Api } from '../../api/client.ts';
import { Loaded } from '../../components/loaded.tsx';
import { Section } from '../../components/section.tsx';
import { t, tMaybe } from '../../messages/treatment.ts';
import { useTimes } from '../../time.ts';
import { historyQuery } from './queries.ts';
import classes from './consent.module.css';

type Step = Api['ConsentHistory']['items'][number];

/** The whole story of the consent, for those who may read the record of what happened. */
export function History({ consentId }: { readonly consentId: string }) {
  const query = useInfiniteQuery(historyQuery(consentId));
  return (
    <Section title={t('consents.history')} hint={t('consents.historyHint')}>
      <Loaded query={query} lines={8}>
        {({ pages }) => (
          <>
            <ol className={classes.steps}>
              {pages.flatMap(({ items }) => items.map((step) => <OneStep key={step.eventId} step={step} />))}
            </ol>
            {query.hasNextPage && (
              <Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()} className="no-print">
                {t('consents.more')}
              </Button>
            )}
          </>
        )}
      </Loaded>
    </Section>
  );
}

function OneStep({ step }: { readonly step: Step }) {
  const times = useTimes();
  const who = step.staffName ?? t('consents.system');
  const role = step.staffRole && (tMaybe('roles', step.staffRole) ?? step.staffRole);
  const code = step.step === 'risk-discussed' ? step.changes.find(({ field }) => field === 'title')?.new : undefined;
  return (
    <li className={classes.step}>
      <Text component="time" size="sm" c="dimmed" dateTime={step.occurredAt}>
        {times.dateTime(step.occurredAt)}
      </Text>
      <div>
        <Text fw={500}>
          {t(`consents.step.${step.step}`)}
          {typeof code === 'string' && `: ${code}`}
        </Text>
        <Text size="sm" c="dimmed">
          {[role ? `${who}, ${role}` : who, step.refusal].filter(Boolean).join(' · ')}
        </Text>
      </div>
    </li>
  );
}
