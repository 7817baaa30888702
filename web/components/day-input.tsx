import '@mantine/dates/styles.layer.css';
import { DateInput } from '@mantine/dates';
import { useEffect, useRef, useState } from 'react';
import { t } from '../messages/index.ts';
import { DAY_EXAMPLE, DAY_PATTERN, FIRST_DAY_OF_WEEK, readDay, type Times, useTimes } from '../time.ts';
import type { DateFieldProps } from './date-field.tsx';

/** A calendar day, typed as it is written where the browser is from, or picked. What is typed and no such day stays, and says so. */
export function DayInput({ value, onChange, min, max, error, ...others }: DateFieldProps) {
  const times = useTimes();
  const input = useRef<HTMLInputElement>(null);
  /** As it stands there since it was typed; a day that came otherwise is one that can be chosen. */
  const [typed, setTyped] = useState('');
  const [typing, setTyping] = useState(false);
  const [open, setOpen] = useState(false);
  const wrong = problemWith(typed, min, max, times);
  const [known, setKnown] = useState(value);
  if (value !== known) {
    setKnown(value);
    setTyped('');
  }
  // The browser doesn't send its form then.
  useEffect(() => input.current?.setCustomValidity(wrong), [wrong]);
  return (
    <DateInput
      size="md"
      {...others}
      ref={input}
      value={value || null}
      onChange={(day) => {
        setTyped('');
        onChange(day ?? '');
      }}
      onInput={({ currentTarget }) => setTyped(currentTarget.value)}
      onFocus={() => setTyping(true)}
      onBlur={() => setTyping(false)}
      error={(!typing && wrong) || error}
      fixOnBlur={wrong === ''}
      {...(min ? { minDate: min } : {})}
      {...(max ? { maxDate: max } : {})}
      valueFormat={DAY_PATTERN}
      dateParser={(typed) => readDay(typed) ?? null}
      placeholder={DAY_PATTERN.toLowerCase()}
      firstDayOfWeek={FIRST_DAY_OF_WEEK}
      // Its own red and grey for these have too little contrast, and mean nothing here.
      weekendDays={[]}
      hideOutsideDates
      // In the landmark of its form.
      popoverProps={{ withinPortal: false, onOpen: () => setOpen(true), onClose: () => setOpen(false) }}
      // Escape closes the calendar, and not the dialog around it.
      data-mantine-stop-propagation={open || undefined}
      ariaLabels={{
        previousMonth: t('common.previousMonth'),
        nextMonth: t('common.nextMonth'),
        previousYear: t('common.previousYear'),
        nextYear: t('common.nextYear'),
        previousDecade: t('common.previousDecade'),
        nextDecade: t('common.nextDecade'),
      }}
      clearable
      // A tap on the day that is chosen confirms it.
      allowDeselect={false}
      clearButtonProps={{ 'aria-label': t('common.clearDay') }}
    />
  );
}

/** What is wrong with a day as it is typed; empty: nothing. */
function problemWith(typed: string, min: string | undefined, max: string | undefined, times: Times): string {
  if (typed.trim() === '') return '';
  const day = readDay(typed);
  if (day === undefined) return t('common.noDay', { example: DAY_EXAMPLE });
  if (min && day < min) return t('common.dayFrom', { day: times.day(min) });
  if (max && day > max) return t('common.dayUntil', { day: times.day(max) });
  return '';
}
