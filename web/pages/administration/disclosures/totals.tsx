import { Alert, Skeleton, Text } from '@mantine/core';
import { IconCircleCheck, IconInfoCircle } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { Api } from '../../../api/client.ts';
import { Columns } from '../../../components/columns.tsx';
import { deferred } from '../../../components/deferred.tsx';
import { Loaded } from '../../../components/loaded.tsx';
import { Section } from '../../../components/section.tsx';
import { t } from '../../../messages/index.ts';
import { Exceptions } from './exceptions.tsx';
import { totalsQuery } from './queries.ts';
import { Reasons } from './reasons.tsx';
import type { DisclosureSearch, Filters } from './search.ts';
import classes from './totals.module.css';

/** The answer doesn't wait for its chart. */
const Weeks = deferred(
  () => import('./weeks.tsx').then(({ Weeks }) => Weeks),
  () => <Skeleton height={213} />,
);

type DisclosureTotals = Api['DisclosureTotals'];

interface Props {
  readonly filters: Filters;
  readonly search: DisclosureSearch;
}

/** The one question of the audit, and its answer in numbers. */
export function Totals({ filters, search }: Props) {
  const query = useQuery(totalsQuery(filters));
  return (
    <Section title={t('disclosures.totals')} hint={t('disclosures.totalsHint')}>
      <Loaded queries={[query]} lines={5}>
        {(totals) => (
          <>
            <Numbers totals={totals} />
            <Answer totals={totals} search={search} />
            <Columns from="md" gap="xl">
              {totals.weeks.length > 0 && <Weeks weeks={totals.weeks} />}
              {totals.refusals && totals.refusals.byBlocker.length > 0 && <Reasons reasons={totals.refusals.byBlocker} />}
            </Columns>
          </>
        )}
      </Loaded>
    </Section>
  );
}

function Numbers({ totals: { sessions, covered, exceptions, risksDiscussed, refusals } }: { readonly totals: DisclosureTotals }) {
  const wrong = exceptions.count > 0;
  return (
    <dl className={classes.numbers}>
      <Figure name={t('disclosures.sessions')} value={sessions} />
      <Figure name={t('disclosures.covered')} value={covered} />
      <Figure
        name={t('disclosures.exceptions')}
        value={exceptions.count}
        note={t(wrong ? 'disclosures.exceptionsSome' : 'disclosures.exceptionsNone')}
        wrong={wrong}
      />
      <Figure name={t('disclosures.risksDiscussed')} value={risksDiscussed} />
      <Figure name={t('disclosures.refusals')} value={refusals?.count} {...(refusals ? {} : { note: t('disclosures.refusalsUnknown') })} />
    </dl>
  );
}

const numbers = new Intl.NumberFormat('en');

interface FigureProps {
  readonly name: string;
  readonly value: number | undefined;
  readonly note?: string;
  readonly wrong?: boolean;
}

function Figure({ name, value, note, wrong = false }: FigureProps) {
  return (
    <div className={classes.figure} data-wrong={wrong || undefined}>
      <dt className={classes.name}>{name}</dt>
      <dd className={classes.value}>
        {value === undefined ? '–' : numbers.format(value)}
        {note && <span className={classes.note}>{note}</span>}
      </dd>
    </div>
  );
}

function Answer({ totals: { sessions, exceptions }, search }: { readonly totals: DisclosureTotals; readonly search: DisclosureSearch }) {
  if (exceptions.count > 0) return <Exceptions exceptions={exceptions} search={search} />;
  const some = sessions > 0;
  const Icon = some ? IconCircleCheck : IconInfoCircle;
  return (
    <Alert color={some ? 'pine' : 'gray'} variant="light" icon={<Icon aria-hidden />} role="status">
      <Text size="sm">{t(some ? 'disclosures.allCovered' : 'disclosures.noneYet')}</Text>
    </Alert>
  );
}
