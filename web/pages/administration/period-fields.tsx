import { Select } from '@mantine/core';
import { useMe } from '../../api/session.ts';
import { DateField } from '../../components/date-field.tsx';
import { t } from '../../messages/index.ts';
import { boundsOf, PERIODS, type PeriodName, type PeriodSearch } from './period.ts';
import { oneOf } from './search.ts';

interface Props {
  readonly value: PeriodSearch;
  /** What holds where the address says nothing. */
  readonly otherwise: PeriodName;
  readonly onChange: (period: PeriodSearch) => void;
}

/** A preset, or two days of one's own. */
export function PeriodFields({ value, otherwise, onChange }: Props) {
  const { timeZone } = useMe().clinic;
  const name = value.period ?? otherwise;
  const choose = (next: PeriodName) =>
    onChange(next === 'own' ? { period: next, ...boundsOf(value, otherwise, timeZone) } : { period: next });
  const change = (day: 'from' | 'until', text: string) => {
    const { [day]: _, ...rest } = value;
    onChange(text === '' ? rest : { ...rest, [day]: text });
  };
  return (
    <>
      <Select
        label={t('administration.period')}
        data={PERIODS.map((period) => ({ value: period, label: t(`administration.periods.${period}`) }))}
        value={name}
        allowDeselect={false}
        onChange={(next) => choose(oneOf(PERIODS, next) ?? otherwise)}
      />
      {name === 'own' &&
        (['from', 'until'] as const).map((day) => (
          <DateField
            key={day}
            size="sm"
            label={t(`administration.${day}`)}
            value={value[day] ?? ''}
            onChange={(next) => change(day, next)}
            min={day === 'until' ? value.from : undefined}
            max={day === 'from' ? value.until : undefined}
          />
        ))}
    </>
  );
}
