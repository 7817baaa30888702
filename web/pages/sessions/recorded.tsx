import { Text } from '@mantine/core';
import { t } from '../../messages/index.ts';
import { useTimes } from '../../time.ts';
import { type Manipulation, nameOf } from './levels.ts';
import classes from './session.module.css';

/** What was recorded, newest first. */
export function Recorded({ manipulations }: { readonly manipulations: readonly Manipulation[] }) {
  const times = useTimes();
  if (manipulations.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        {t('sessions.nothingRecorded')}
      </Text>
    );
  }
  return (
    <ol className={classes.recorded} reversed>
      {manipulations.toReversed().map((manipulation) => (
        <li key={manipulation.id} className={classes.one}>
          <time dateTime={manipulation.performedAt} className={classes.time}>
            {times.time(manipulation.performedAt)}
          </time>
          <div>
            <span className={classes.what}>{nameOf(manipulation)}</span>
            <span className={classes.how}>{t(`shortTechniques.${manipulation.technique}`)}</span>
            {manipulation.response && <p className={classes.response}>{manipulation.response}</p>}
          </div>
        </li>
      ))}
    </ol>
  );
}
