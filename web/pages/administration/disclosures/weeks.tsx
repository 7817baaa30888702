import { Text, Title } from '@mantine/core';
import type { Api } from '../../../api/client.ts';
import { t } from '../../../messages/administration.ts';
import { timesIn } from '../../../time.ts';
import classes from './bars.module.css';

type Week = Api['WeekCount'];
const WEEK_MS = 7 * 86_400_000;
const MOST = 53;
/** A week is named by a date, which has no zone. */
const days = timesIn('UTC');

/** Sessions per week as columns; what wasn't covered is red. */
export function Weeks({ weeks }: { readonly weeks: readonly Week[] }) {
  const all = withEmptyWeeks(weeks);
  const most = Math.max(...all.map(({ sessions }) => sessions));
  return (
    <div>
      <Title order={3} size="h6">
        {t('disclosures.perWeek')}
      </Title>
      <ol className={classes.columns}>
        {all.map(({ week, sessions, covered }) => (
          <li key={week} className={classes.column} title={wordsOf({ week, sessions, covered })}>
            <span className={classes.words}>{wordsOf({ week, sessions, covered })}</span>
            <span className={classes.wrong} style={{ height: `${((sessions - covered) / most) * 100}%` }} />
            <span className={classes.covered} style={{ height: `${(covered / most) * 100}%` }} />
          </li>
        ))}
      </ol>
      <Text size="xs" c="dimmed" className={classes.axis} component="div">
        <span>{t('disclosures.weekRange', { from: days.date(all[0]?.week ?? ''), until: days.date(all.at(-1)?.week ?? '') })}</span>
        <span>{t('disclosures.busiest', { count: most })}</span>
      </Text>
    </div>
  );
}

function wordsOf({ week, sessions, covered }: Week): string {
  return t('disclosures.weekOf', { date: days.date(week), sessions, covered });
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
