import { IconLock } from '@tabler/icons-react';
import type { Api } from '../../api/client.ts';
import { t } from '../../messages/index.ts';
import { isSame, keyOf, nameOf, type Target } from './levels.ts';
import classes from './spine.module.css';

interface Props {
  readonly target: Target;
  readonly middle: boolean;
  readonly barred: Api['BlockerView'] | undefined;
  readonly locked: boolean;
  readonly counts: ReadonlyMap<string, number>;
  readonly selected: Target | undefined;
  readonly onPick: (target: Target, byKeyboard: boolean) => void;
  readonly tabIndex: number;
  readonly onFocus: () => void;
}

/** One place on the chart. A barred place can still be tapped: it says why. */
export function TargetButton({ target, middle, barred, locked, counts, selected, onPick, tabIndex, onFocus }: Props) {
  const count = counts.get(keyOf(target)) ?? 0;
  const chosen = selected !== undefined && isSame(target, selected);
  const closed = locked || barred !== undefined;
  const facts = [
    nameOf(target),
    ...(count > 0 ? [t('sessions.recordedTimes', { count })] : []),
    ...(closed ? [t('sessions.cantRecord')] : []),
  ];
  return (
    <button
      type="button"
      className={classes.target}
      data-middle={middle || undefined}
      data-closed={closed || undefined}
      data-recorded={count > 0 || undefined}
      aria-label={facts.join(', ')}
      aria-pressed={chosen}
      aria-disabled={closed}
      tabIndex={tabIndex}
      onFocus={onFocus}
      onClick={({ detail }) => onPick(target, detail === 0)}
    >
      {middle ? (
        <span className={classes.name} data-count={count > 0 ? count : undefined}>
          {target.side ? target.segment : nameOf(target)}
        </span>
      ) : (
        <span className={classes.facet}>{count > 0 ? count : closed && <IconLock size={14} />}</span>
      )}
    </button>
  );
}
