import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { t } from '../../messages/index.ts';
import classes from './filter-bar.module.css';

interface Props {
  readonly children: ReactNode;
  /** Takes all filters away; left out where there are none. */
  readonly onClear: (() => void) | undefined;
}

/** Fields that narrow down what a page shows, as soon as one changes. */
export function FilterBar({ children, onClear }: Props) {
  return (
    <search className={classes.bar} aria-label={t('administration.filters')}>
      {children}
      {onClear && (
        <Button variant="subtle" onClick={onClear} className={classes.clear}>
          {t('administration.clearFilters')}
        </Button>
      )}
    </search>
  );
}
