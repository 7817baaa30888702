import { Radio } from '@mantine/core';
import classes from './start.module.css';

interface Props {
  readonly question: string;
  readonly hint: string;
  readonly yes: string;
  readonly no: string;
  /** Nothing is answered before somebody does. */
  readonly value: boolean | undefined;
  readonly onChange: (value: boolean) => void;
}

/** One question with two large answers: the one with which a session starts, and the other. */
export function Question({ question, hint, yes, no, value, onChange }: Props) {
  return (
    <Radio.Group
      label={question}
      description={hint}
      classNames={{ label: classes.question, description: classes.hint }}
      value={value === undefined ? null : String(value)}
      onChange={(answer) => onChange(answer === 'true')}
    >
      <div className={classes.answers}>
        {[
          ['true', yes],
          ['false', no],
        ].map(([answer, label]) => (
          <Radio.Card key={answer} value={answer} className={classes.answer} radius="md">
            <Radio.Indicator />
            <span>{label}</span>
          </Radio.Card>
        ))}
      </div>
    </Radio.Group>
  );
}
