import { Text } from '@mantine/core';
import { useId } from 'react';
import classes from './toggles.module.css';

interface Props<T extends string> {
  readonly label: string;
  readonly hint?: string | undefined;
  readonly options: readonly (readonly [value: T, label: string])[];
  readonly value: readonly T[];
  readonly onChange: (value: T[]) => void;
  /** Whether one alone can be chosen. */
  readonly one?: boolean;
}

/** A few choices side by side, one or several of them. */
export function Toggles<T extends string>({ label, hint, options, value, onChange, one = false }: Props<T>) {
  const id = useId();
  const choose = (option: T) => {
    if (one) onChange([option]);
    else onChange(options.map(([other]) => other).filter((other) => (other === option) !== value.includes(other)));
  };
  return (
    <div role={one ? 'radiogroup' : 'group'} aria-labelledby={id}>
      <Text fw={600} mb={6} id={id}>
        {label}
      </Text>
      <div className={classes.toggles}>
        {options.map(([option, words]) => (
          <label key={option} className={classes.toggle}>
            <input type={one ? 'radio' : 'checkbox'} name={id} checked={value.includes(option)} onChange={() => choose(option)} />
            {words}
          </label>
        ))}
      </div>
      {hint && (
        <Text size="sm" c="dimmed" mt={6}>
          {hint}
        </Text>
      )}
    </div>
  );
}
