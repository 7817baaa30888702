import '@mantine/charts/styles.layer.css';
import { BarChart } from '@mantine/charts';
import { Title, VisuallyHidden } from '@mantine/core';
import type { Api } from '../../../api/client.ts';
import { t } from '../../../messages/index.ts';
import { timesIn } from '../../../time.ts';

type Week = Api['WeekCount'];
const WEEK_MS = 7 * 86_400_000;
const MOST = 53;
/** A week is named by a date, which has no zone. */
const days = timesIn('UTC');

/** Sessions per week; what wasn't covered is red, and stands on what was. */
export function Weeks({ weeks }: { readonly weeks: readonly Week[] }) {
  const all = withEmptyWeeks(weeks);
  return (
    <div>
      <Title order={3} size="h6" mb="sm">
        {t('disclosures.perWeek')}
      </Title>
      <VisuallyHidden component="ol">
        {all.map(({ week, sessions, covered }) => (
          <li key={week}>{t('disclosures.weekOf', { date: days.date(week), sessions, covered })}</li>
        ))}
      </VisuallyHidden>
      <BarChart
        h={180}
        type="stacked"
        dataKey="week"
        data={all.map(({ week, sessions, covered }) => ({ week: days.date(week), covered, wrong: sessions - covered }))}
        series={[
          { name: 'covered', label: t('disclosures.covered'), color: 'var(--mantine-primary-color-filled)' },
          { name: 'wrong', label: t('disclosures.exceptions'), color: 'var(--mantine-color-error)' },
        ]}
        maxBarWidth={40}
        tickLine="none"
        xAxisProps={{ minTickGap: 24 }}
        yAxisProps={{ allowDecimals: false, domain: [0, 'dataMax'], tickCount: 3, width: 40 }}
        // The list says the same to those who don't see it.
        barChartProps={{ accessibilityLayer: false }}
        withLegend={all.some(({ sessions, covered }) => covered < sessions)}
        legendProps={{ verticalAlign: 'bottom' }}
        aria-hidden
      />
    </div>
  );
}

/** The server leaves out weeks without a session. */
function withEmptyWeeks(weeks: readonly Week[]): Week[] {
  const known = new Map(weeks.map((week) => [week.week, week]));
  const [first, last] = [Date.parse(weeks[0]?.week ?? ''), Date.parse(weeks.at(-1)?.week ?? '')];
  const count = Math.min(MOST, Math.round((last - first) / WEEK_MS) + 1);
  return Array.from({ length: count }, (_, index) => {
    const week = new Date(last - (count - 1 - index) * WEEK_MS).toISOString().slice(0, 10);
    return known.get(week) ?? { week, sessions: 0, covered: 0 };
  });
}
