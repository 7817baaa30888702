import { useQuery } from '@tanstack/react-query';
import { Facts } from '../../../components/facts.tsx';
import { Loaded } from '../../../components/loaded.tsx';
import { Page } from '../../../components/page.tsx';
import { Section } from '../../../components/section.tsx';
import { t } from '../../../messages/index.ts';
import { useTimes } from '../../../time.ts';
import { logQuery } from './queries.ts';

/** Whether the record of what happened is as it was signed. */
export function LogPage() {
  const times = useTimes();
  const query = useQuery(logQuery);
  return (
    <Page title={t('log.title')}>
      <Section title={t('log.state')} hint={t('log.stateHint')}>
        <Loaded query={query}>
          {({ size, signedAt, waiting }) => (
            <Facts
              items={[
                [t('log.size'), size],
                [t('log.signedAt'), signedAt === null ? t('log.never') : times.dateTime(signedAt)],
                [t('log.waiting'), waiting],
              ]}
            />
          )}
        </Loaded>
      </Section>
    </Page>
  );
}
