import { t } from '../../messages/index.ts';

const UNITS = [
  ['days', 86_400],
  ['hours', 3600],
  ['minutes', 60],
] as const;

/** 12 minutes; 3 days: the largest unit that fits. */
export function durationOf(seconds: number): string {
  const [unit, size] = UNITS.find(([, length]) => seconds >= length) ?? (['seconds', 1] as const);
  return t(`durations.${unit}`, { count: Math.floor(seconds / size) });
}
