import type { ReactNode } from 'react';
import classes from './columns.module.css';

interface Props {
  /** The width from which there are two columns; left out: always. */
  readonly from?: 'xs' | 'sm' | 'md';
  readonly gap?: 'md' | 'lg' | 'xl';
  readonly children: ReactNode;
}

/** Two columns of the same width, or one where the screen is narrow. */
export function Columns({ from, gap = 'md', children }: Props) {
  return (
    <div className={classes.columns} data-from={from} style={{ gap: `var(--mantine-spacing-${gap})` }}>
      {children}
    </div>
  );
}
