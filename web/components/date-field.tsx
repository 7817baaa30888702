import { TextInput } from '@mantine/core';
import type { DateInputProps } from '@mantine/dates';
import { deferred } from './deferred.tsx';

export interface DateFieldProps extends Omit<DateInputProps, 'value' | 'onChange' | 'minDate' | 'maxDate'> {
  /** YYYY-MM-DD; empty: none. */
  readonly value?: string;
  readonly onChange: (day: string) => void;
  /** The first and the last day that can be chosen. */
  readonly min?: string | undefined;
  readonly max?: string | undefined;
}

/** A calendar day to type or to pick. The calendar is loaded when it is wanted: most who see a patient pick none. */
export const DateField = deferred<DateFieldProps>(
  () => import('./day-input.tsx').then(({ DayInput }) => DayInput),
  ({ label, description, size = 'md', maw }) => (
    <TextInput label={label} description={description} size={size} {...(maw ? { maw } : {})} disabled />
  ),
);
