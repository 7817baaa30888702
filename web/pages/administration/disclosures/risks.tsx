import type { Api } from '../../../api/client.ts';
import { t } from '../../../messages/index.ts';
import { useTimes } from '../../../time.ts';
import { durationOf } from '../duration.ts';
import table from '../table.module.css';
import classes from './risks.module.css';

/** How many risks were discussed and how long before the start; each of them on opening. */
export function Risks({ risks }: { readonly risks: Api['DisclosureRow']['risks'] }) {
  const times = useTimes();
  const last = risks.at(-1);
  if (!last) return t('disclosures.noConsent');
  return (
    <details>
      <summary>{t('disclosures.risksCount', { count: risks.length })}</summary>
      <ul className={classes.list}>
        {risks.map(({ code, title, discussedAt, discussedBy, secondsBeforeStart }) => (
          <li key={code}>
            {title}
            <span className={table.second}>
              {t('disclosures.riskLine', {
                who: discussedBy.name,
                when: times.dateTime(discussedAt),
                duration: durationOf(secondsBeforeStart),
              })}
            </span>
          </li>
        ))}
      </ul>
    </details>
  );
}
