import { type KeyboardEvent, useState } from 'react';

const COLUMNS = 3;

/** One stop for the Tab key in a group of buttons in three columns; arrow keys, Home and End go from one to the next. */
export function useArrowKeys(count: number) {
  const [current, setCurrent] = useState(1);
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const to = nextOf(event.key, current, count);
    if (to === undefined) return;
    event.preventDefault();
    event.currentTarget.querySelectorAll<HTMLElement>('button')[to]?.focus();
  };
  return {
    group: { onKeyDown },
    of: (index: number) => ({ tabIndex: index === current ? 0 : -1, onFocus: () => setCurrent(index) }),
  };
}

function nextOf(key: string, at: number, count: number): number | undefined {
  const steps: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -COLUMNS, ArrowDown: COLUMNS };
  if (key === 'Home') return at % COLUMNS;
  if (key === 'End') return count - COLUMNS + (at % COLUMNS);
  const step = steps[key];
  if (step === undefined) return undefined;
  const to = at + step;
  return to >= 0 && to < count ? to : at;
}
