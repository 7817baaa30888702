import { Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Loaded } from '../../../components/loaded.tsx';
import { Page } from '../../../components/page.tsx';
import { Section } from '../../../components/section.tsx';
import { t } from '../../../messages/index.ts';
import { Anchors } from './anchors.tsx';
import { LogExport } from './log-export.tsx';
import { LogState } from './log-state.tsx';
import { logQuery } from './queries.ts';
import { VerificationHistory } from './verification-history.tsx';
import { VerificationSection } from './verification-section.tsx';

/** Whether the record of what happened is as it was signed. */
export function LogPage() {
  const query = useQuery(logQuery);
  return (
    <Page title={t('log.title')}>
      <Text c="dimmed" maw="46rem" mt="calc(-1 * var(--mantine-spacing-sm))">
        {t('log.intro')}
      </Text>
      <Section title={t('log.state')}>
        <Loaded queries={[query]} lines={6}>
          {(log) => <LogState log={log} />}
        </Loaded>
      </Section>
      {/* The state would push it down. */}
      <Stack gap="lg" display={query.isLoading ? 'none' : undefined}>
        <VerificationSection />
        <VerificationHistory />
        <Section title={t('log.anchors')} hint={t('log.anchorsHint')}>
          <Loaded queries={[query]} lines={2}>
            {({ anchors }) => <Anchors anchors={anchors} />}
          </Loaded>
        </Section>
        <Section title={t('log.export')} hint={t('log.exportHint')}>
          <LogExport publicKey={query.data?.publicKey} />
        </Section>
      </Stack>
    </Page>
  );
}
