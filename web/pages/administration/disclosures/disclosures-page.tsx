import { Button, Group, Tabs, Text } from '@mantine/core';
import { IconDownload, IconPrinter } from '@tabler/icons-react';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useAct } from '../../../api/act.ts';
import { ask } from '../../../api/client.ts';
import { useMe } from '../../../api/session.ts';
import { notifyDone } from '../../../components/notify-done.ts';
import { Page } from '../../../components/page.tsx';
import { ProblemPanel } from '../../../components/problem-panel.tsx';
import { t } from '../../../messages/index.ts';
import { keepFile, refuseBroken } from '../download.ts';
import { today } from '../period.ts';
import { DisclosureFilters } from './disclosure-filters.tsx';
import { RefusalTable } from './refusal-table.tsx';
import { type DisclosureSearch, filtersOf, readSearch } from './search.ts';
import { SessionTable } from './session-table.tsx';
import { Totals } from './totals.tsx';

const route = getRouteApi('/shell/administration/disclosures');

/** Which sessions there were, on which consent, after which risks. */
export function DisclosuresPage() {
  // The router leaves in what isn't one of ours.
  const search = readSearch({ ...route.useSearch() });
  const navigate = useNavigate();
  const { timeZone } = useMe().clinic;
  const filters = filtersOf(search, timeZone);
  const change = (next: DisclosureSearch) => void navigate({ to: '/administration/disclosures', search: next, resetScroll: false });
  const download = useAct(
    () => ask((api) => api.GET('/api/reports/disclosures.csv', { params: { query: filters }, parseAs: 'blob' })).catch(refuseBroken),
    {
      onDone: (file) => {
        keepFile(file, `disclosures-${today(timeZone)}.csv`);
        notifyDone(t('disclosures.downloaded'));
      },
    },
  );
  const { view, ...rest } = search;
  return (
    <Page
      title={t('disclosures.title')}
      actions={
        <Group gap="xs">
          <Button variant="default" leftSection={<IconPrinter size={18} aria-hidden />} onClick={() => print()}>
            {t('common.print')}
          </Button>
          <Button leftSection={<IconDownload size={18} aria-hidden />} loading={download.running} onClick={() => download.run()}>
            {t('disclosures.download')}
          </Button>
        </Group>
      }
    >
      <Text c="dimmed" maw="46rem" mt="calc(-1 * var(--mantine-spacing-sm))">
        {t('disclosures.intro')}
      </Text>
      <ProblemPanel problem={download.problem} />
      <DisclosureFilters search={search} onChange={change} />
      <Totals filters={filters} search={search} />
      <Tabs
        value={view ?? 'sessions'}
        onChange={(next) => change(next === 'refusals' ? { ...rest, view: 'refusals' } : rest)}
        keepMounted={false}
      >
        <Tabs.List aria-label={t('disclosures.view')} className="no-print" mb="sm">
          <Tabs.Tab value="sessions">{t('disclosures.sessionsTab')}</Tabs.Tab>
          <Tabs.Tab value="refusals">{t('disclosures.refusalsTab')}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="sessions">
          <SessionTable filters={filters} />
        </Tabs.Panel>
        <Tabs.Panel value="refusals">
          <RefusalTable filters={filters} />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}
