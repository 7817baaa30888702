import { Checkbox, Stack, Textarea, TextInput } from '@mantine/core';
import { Columns } from '../../components/columns.tsx';
import { DateField } from '../../components/date-field.tsx';
import { Section } from '../../components/section.tsx';
import { t } from '../../messages/index.ts';
import { useTimes } from '../../time.ts';
import type { DraftAdvice } from './draft.ts';

interface Props {
  /** How many findings it would clear. */
  readonly count: number;
  readonly value: DraftAdvice;
  readonly onChange: (change: Partial<DraftAdvice>) => void;
}

/** Medical advice that is there already on findings that bar treatment without it. */
export function Advice({ count, value, onChange }: Props) {
  const times = useTimes();
  return (
    <Section title={t('screening.adviceTitle')} hint={t('screening.adviceHint', { count })}>
      <Checkbox
        size="md"
        label={t('screening.hasAdvice')}
        checked={value.given}
        onChange={(event) => onChange({ given: event.currentTarget.checked })}
      />
      {value.given && (
        <Stack maw={640} id="advice">
          <Columns from="sm">
            <TextInput
              label={t('screening.adviceName')}
              value={value.name}
              onChange={(event) => onChange({ name: event.currentTarget.value })}
              maxLength={200}
              required
              withAsterisk={false}
              autoFocus={value.name === ''}
            />
            <TextInput
              label={t('screening.adviceProfession')}
              placeholder={t('screening.adviceProfessionHint')}
              value={value.profession}
              onChange={(event) => onChange({ profession: event.currentTarget.value })}
              maxLength={100}
              required
              withAsterisk={false}
            />
          </Columns>
          <DateField
            label={t('screening.adviceDate')}
            max={times.today()}
            value={value.date}
            onChange={(date) => onChange({ date })}
            maw={220}
            required
            withAsterisk={false}
          />
          <Textarea
            size="md"
            label={t('screening.adviceText')}
            value={value.text}
            onChange={(event) => onChange({ text: event.currentTarget.value })}
            maxLength={4000}
            autosize
            minRows={3}
            required
            withAsterisk={false}
          />
        </Stack>
      )}
    </Section>
  );
}
