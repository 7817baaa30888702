import '@mantine/dates/styles.layer.css';
import { DateInput, type DateInputProps } from '@mantine/dates';
import { t } from '../messages/index.ts';
import { DAY_EXAMPLE, DAY_PATTERN, FIRST_DAY_OF_WEEK, readDay } from '../time.ts';

interface Props extends Omit<DateInputProps, 'value' | 'onChange'> {
  /** YYYY-MM-DD; empty: none. */
  readonly value: string;
  readonly onChange: (day: string) => void;
}

/** A calendar day, typed as it is written where the browser is from, or picked. */
export function DateField({ value, onChange, ...others }: Props) {
  return (
    <DateInput
      size="md"
      {...others}
      value={value || null}
      onChange={(day) => onChange(day ?? '')}
      valueFormat={DAY_PATTERN}
      dateParser={(typed) => readDay(typed) ?? null}
      placeholder={DAY_EXAMPLE}
      firstDayOfWeek={FIRST_DAY_OF_WEEK}
      // Its own red and grey for these have too little contrast, and mean nothing here.
      weekendDays={[]}
      hideOutsideDates
      // In the landmark of its form.
      popoverProps={{ withinPortal: false }}
      ariaLabels={{
        previousMonth: t('common.previousMonth'),
        nextMonth: t('common.nextMonth'),
        previousYear: t('common.previousYear'),
        nextYear: t('common.nextYear'),
        previousDecade: t('common.previousDecade'),
        nextDecade: t('common.nextDecade'),
      }}
      clearable
      clearButtonProps={{ 'aria-label': t('common.clearDay') }}
    />
  );
}
