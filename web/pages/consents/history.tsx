import { Button, Text } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import type { Api } from '../../api/client.ts';
import { Loaded } from '../../components/loaded.tsx';
import { Section } from '../../components/section.tsx';
import { t, tMaybe } from '../../messages/index.ts';
import { useTimes } from '../../time.ts';
import { historyQuery } from './queries.ts';
import classes from './consent.module.css';

type Step = Api['ConsentHistory']['items'][number];

/** The whole story of the consent, for those who may read the record of what happened. */
export function History({ consentId }: { readonly consentId: string }) {
  const query = useInfiniteQuery(historyQuery(consentId));
  return (
    <Section title={t('consents.history')} hint={t('consents.historyHint')}>
      <Loaded queries={[query]} lines={8}>
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
  const what = whatOf(step);
  return (
    <li className={classes.step}>
      <Text component="time" size="sm" c="dimmed" dateTime={step.occurredAt}>
        {times.dateTime(step.occurredAt)}
      </Text>
      <div>
        <Text fw={500}>
          {t(`consents.step.${step.step}`)}
          {what && `: ${what}`}
        </Text>
        <Text size="sm" c="dimmed">
          {[role ? `${who}, ${role}` : who, step.refusal].filter(Boolean).join(' · ')}
        </Text>
      </div>
    </li>
  );
}

/** Which risk was discussed, or why the consent ended. */
function whatOf({ step, changes }: Step): string | undefined {
  const shown = { 'risk-discussed': 'title', ended: 'endedBecause' }[step as string];
  const value = changes.find(({ field }) => field === shown)?.new;
  if (typeof value !== 'string') return undefined;
  return step === 'ended' ? tMaybe('consents.state', value) : value;
}
