import { Checkbox, Group, NumberInput, Select, Textarea, TextInput } from '@mantine/core';
import { errorAt } from '../../../components/error-at.ts';
import { useDraft } from './draft.ts';
import { valueAt } from './path.ts';

interface FieldProps {
  readonly path: string;
  readonly label: string;
  readonly hint?: string | undefined;
}

/** The value at a path of the draft, with what the server says of it. */
function useField<T>(path: string) {
  const { values, set, problem } = useDraft();
  return { value: valueAt(values, path) as T, set: (value: T) => set(path, value), error: errorAt(problem, path) };
}

export function LineField({ path, label, hint }: FieldProps) {
  const { value, set, error } = useField<string>(path);
  return (
    <TextInput
      name={path}
      label={label}
      description={hint}
      value={value}
      error={error}
      onChange={({ currentTarget }) => set(currentTarget.value)}
    />
  );
}

export function ProseField({ path, label, hint }: FieldProps) {
  const { value, set, error } = useField<string | null | undefined>(path);
  return (
    <Textarea
      name={path}
      size="md"
      label={label}
      description={hint}
      value={value ?? ''}
      error={error}
      onChange={({ currentTarget }) => set(currentTarget.value)}
      autosize
      minRows={2}
      maxRows={16}
    />
  );
}

export function NumberField({ path, label }: FieldProps) {
  const { value, set, error } = useField<number | string>(path);
  return <NumberInput name={path} size="md" label={label} value={value} error={error} onChange={set} thousandSeparator="," hideControls />;
}

export function FlagField({ path, label, hint }: FieldProps) {
  const { value, set, error } = useField<boolean>(path);
  return (
    <Checkbox
      name={path}
      size="md"
      label={label}
      description={hint}
      checked={value}
      error={error}
      onChange={({ currentTarget }) => set(currentTarget.checked)}
    />
  );
}

interface ChoiceProps extends FieldProps {
  readonly options: readonly { readonly value: string; readonly label: string }[];
}

export function ChoiceField({ path, label, hint, options }: ChoiceProps) {
  const { value, set, error } = useField<string>(path);
  return (
    <Select
      name={path}
      size="md"
      label={label}
      description={hint}
      data={options}
      value={value}
      error={error}
      onChange={(next) => set(next ?? value)}
      allowDeselect={false}
    />
  );
}

export function ManyField({ path, label, hint, options }: ChoiceProps) {
  const { value, set, error } = useField<string[]>(path);
  return (
    <Checkbox.Group label={label} description={hint} value={value} error={error} onChange={set}>
      <Group gap="md" mt="xs">
        {options.map((option) => (
          <Checkbox key={option.value} size="md" value={option.value} label={option.label} />
        ))}
      </Group>
    </Checkbox.Group>
  );
}
