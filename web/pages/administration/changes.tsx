import { fieldName } from '../../field-name.ts';
import { t } from '../../messages/index.ts';
import { type Times, useTimes } from '../../time.ts';
import classes from './changes.module.css';

export interface Change {
  readonly field: string;
  readonly old: unknown;
  readonly new: unknown;
}

/** What was written, and what stood there before. */
export function Changes({ changes }: { readonly changes: readonly Change[] }) {
  const times = useTimes();
  return (
    <dl className={classes.changes}>
      {changes.map(({ field, old, new: value }) => (
        <div key={field} className={classes.change}>
          <dt className={classes.field}>{fieldName(field)}</dt>
          <dd className={classes.value}>
            {old !== null && old !== undefined && (
              <>
                <del className={classes.old}>{textOf(old, times)}</del>{' '}
              </>
            )}
            {textOf(value, times)}
          </dd>
        </div>
      ))}
    </dl>
  );
}

const INSTANT = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}(:?\d{2})?)$/;

function textOf(value: unknown, times: Times): string {
  if (value === null || value === undefined || value === '') return t('changes.nothing');
  if (typeof value === 'boolean') return t(value ? 'changes.yes' : 'changes.no');
  if (typeof value === 'string') return INSTANT.test(value) ? times.dateTime(asInstant(value)) : value;
  if (Array.isArray(value)) return value.length === 0 ? t('changes.nothing') : value.map((one) => textOf(one, times)).join(', ');
  if (typeof value !== 'object') return JSON.stringify(value);
  const { sha256, from, until } = value as Readonly<Record<string, unknown>>;
  if (typeof sha256 === 'string') return t('changes.sha256', { digest: sha256 });
  if (typeof from === 'string') {
    return t('changes.period', { from: textOf(from, times), until: until ? textOf(until, times) : t('changes.open') });
  }
  return JSON.stringify(value);
}

/** PostgreSQL writes +00 where JavaScript wants +00:00. */
function asInstant(value: string): string {
  return value.replace(' ', 'T').replace(/([+-]\d{2})$/, '$1:00');
}
