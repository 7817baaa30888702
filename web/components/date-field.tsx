import { TextInput } from '@mantine/core';
import type { DateInputProps } from '@mantine/dates';
import { lazy, Suspense } from 'react';

const DayInput = lazy(() => import('./day-input.tsx').then(({ DayInput }) => ({ default: DayInput })));

export interface DateFieldProps extends Omit<DateInputProps, 'value' | 'onChange' | 'minDate' | 'maxDate'> {
  /** YYYY-MM-DD; empty: none. */
  readonly value?: string;
  readonly onChange: (day: string) => void;
  /** The first and the last day that can be chosen. */
  readonly min?: string | undefined;
  readonly max?: string | undefined;
}

/** A calendar day to type or to pick. The calendar is loaded when it is wanted: most who see a patient pick none. */
export function DateField(props: DateFieldProps) {
  const { label, description, size = 'md', maw } = props;
  return (
    <Suspense fallback={<TextInput label={label} description={description} size={size} {...(maw ? { maw } : {})} disabled />}>
      <DayInput {...props} />
    </Suspense>
  );
}
