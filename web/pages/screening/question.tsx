import { Alert, Anchor, Text, Textarea } from '@mantine/core';
import { IconUrgent } from '@tabler/icons-react';
import { useId, useState } from 'react';
import { Prose } from '../../components/prose.tsx';
import { RegionPicker } from '../../components/region-picker.tsx';
import { t } from '../../messages/index.ts';
import { type Answer, asksRegions, type DraftAnswer, type Item } from './draft.ts';
import classes from './question.module.css';

const ANSWERS = ['yes', 'no', 'unsure'] as const;

interface Props {
  readonly item: Item;
  readonly number: number;
  readonly value: DraftAnswer;
  /** What was answered before, in words. */
  readonly last: string | undefined;
  readonly onChange: (change: Partial<DraftAnswer>) => void;
}

/** One question: its words, the three answers, and what the answer makes it ask further. */
export function Question({ item, number, value, last, onChange }: Props) {
  const id = useId();
  const { answer } = value;
  const found = answer === 'yes' || answer === 'unsure';
  return (
    <section className={classes.question} data-found={found || undefined} aria-labelledby={`${id}-prompt`}>
      <span className={classes.number} aria-hidden>
        {number}
      </span>
      <div className={classes.words}>
        <div className={classes.prompt} id={`${id}-prompt`}>
          <Prose text={item.prompt} />
        </div>
        <Text size="sm" c="dimmed" mt="xs" id={`${id}-why`}>
          {t('screening.why', { why: item.explanation })}
        </Text>
      </div>
      <div className={classes.side}>
        <div
          role="radiogroup"
          aria-labelledby={`${id}-prompt`}
          aria-describedby={last ? `${id}-why ${id}-last` : `${id}-why`}
          aria-required
          className={classes.choices}
          data-question={item.code}
        >
          {ANSWERS.map((choice) => (
            <Choice key={choice} group={id} choice={choice} chosen={answer === choice} onChoose={() => onChange({ answer: choice })} />
          ))}
        </div>
        {last && (
          <Text className={classes.last} mt={8} id={`${id}-last`}>
            {last}
          </Text>
        )}
      </div>
      {found && <Details item={item} value={value} onChange={onChange} />}
    </section>
  );
}

interface ChoiceProps {
  readonly group: string;
  readonly choice: Answer;
  readonly chosen: boolean;
  readonly onChoose: () => void;
}

function Choice({ group, choice, chosen, onChoose }: ChoiceProps) {
  return (
    <label className={classes.choice}>
      <input type="radio" name={group} value={choice} checked={chosen} onChange={onChoose} />
      {t(`screening.${choice}`)}
    </label>
  );
}

const WHERE = { narrow: 'screening.whereNarrow', absolute: 'screening.whereAbsolute', not_asked: 'screening.where' } as const;

function Details({ item, value, onChange }: Pick<Props, 'item' | 'value' | 'onChange'>) {
  const [noteOpen, setNoteOpen] = useState(value.note !== '');
  const unsure = value.answer === 'unsure';
  return (
    <div className={classes.details}>
      {item.urgentAction && (
        <Alert color="red" variant="light" icon={<IconUrgent aria-hidden />} title={t('screening.urgent')} role="alert">
          {item.urgentAction}
        </Alert>
      )}
      {unsure && <Text size="sm">{t(item.namedRegions === 'narrow' ? 'screening.unsureEverywhere' : 'screening.unsureCounts')}</Text>}
      {asksRegions(item, value.answer) && (
        <div>
          <Text size="sm" fw={600} mb="xs">
            {t(WHERE[item.namedRegions])}
          </Text>
          <RegionPicker label={t(WHERE[item.namedRegions])} value={value.regions} onChange={(regions) => onChange({ regions })} />
        </div>
      )}
      {noteOpen ? (
        <Textarea
          size="md"
          label={t('screening.note')}
          value={value.note}
          onChange={(event) => onChange({ note: event.currentTarget.value })}
          maxLength={2000}
          autosize
          minRows={2}
          maw={640}
          autoFocus={value.note === ''}
        />
      ) : (
        <Anchor component="button" type="button" size="sm" ta="left" w="fit-content" onClick={() => setNoteOpen(true)}>
          {t('screening.addNote')}
        </Anchor>
      )}
    </div>
  );
}
