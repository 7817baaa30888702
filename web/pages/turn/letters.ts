import { useEffect, useState } from 'react';

const SIZES = [100, 125, 150, 200] as const;

export interface Letters {
  /** Undefined: they can't. */
  readonly smaller: (() => void) | undefined;
  readonly larger: (() => void) | undefined;
}

/** How large letters are while the decider has the tablet. All is measured by them, so that all grows. */
export function useLetters(active: boolean): Letters {
  const [size, setSize] = useState(0);
  useEffect(() => {
    if (!active) return undefined;
    const { style } = document.documentElement;
    style.fontSize = `${SIZES[size] ?? 100}%`;
    return () => {
      style.fontSize = '';
    };
  }, [active, size]);
  return {
    smaller: size > 0 ? () => setSize(size - 1) : undefined,
    larger: size < SIZES.length - 1 ? () => setSize(size + 1) : undefined,
  };
}
