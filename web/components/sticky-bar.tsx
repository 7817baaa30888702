import { Text } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './sticky-bar.module.css';

interface Props {
  /** How far it is, in words. */
  readonly text: string;
  /** Which of the steps are done. */
  readonly steps: readonly boolean[];
  /** The way to what is missing, or what ends it. */
  readonly children: ReactNode;
}

/** How far a long page is filled in, always in sight, with the next thing to do. */
export function StickyBar({ text, steps, children }: Props) {
  return (
    <div className={classes.bar}>
      <div className={classes.progress}>
        <Text size="sm" fw={600} role="status">
          {text}
        </Text>
        <div className={classes.track} aria-hidden>
          {steps.map((done, step) => (
            // oxlint-disable-next-line react/no-array-index-key -- a step is its place
            <div key={step} className={classes.step} data-done={done || undefined} />
          ))}
        </div>
      </div>
      {children}
    </div>
  );
}
