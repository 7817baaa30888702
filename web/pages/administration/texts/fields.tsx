import { Checkbox, Group, NumberInput, Select, Textarea, TextInput } from '@mantine/core';
import { useTextForm } from './form.ts';

interface FieldProps {
  readonly path: string;
  readonly label: string;
  readonly hint?: string | undefined;
}

export function LineField({ path, label, hint }: FieldProps) {
  return <TextInput name={path} label={label} description={hint} {...useTextForm().getInputProps(path)} />;
}

export function ProseField({ path, label, hint }: FieldProps) {
  const { value, ...props } = useTextForm().getInputProps(path);
  return (
    <Textarea name={path} size="md" label={label} description={hint} value={value ?? ''} {...props} autosize minRows={2} maxRows={16} />
  );
}

export function NumberField({ path, label }: FieldProps) {
  return <NumberInput name={path} size="md" label={label} {...useTextForm().getInputProps(path)} thousandSeparator="," hideControls />;
}

export function FlagField({ path, label, hint }: FieldProps) {
  return <Checkbox name={path} size="md" label={label} description={hint} {...useTextForm().getInputProps(path, { type: 'checkbox' })} />;
}

interface ChoiceProps extends FieldProps {
  readonly options: readonly { readonly value: string; readonly label: string }[];
}

export function ChoiceField({ path, label, hint, options }: ChoiceProps) {
  return (
    <Select
      name={path}
      size="md"
      label={label}
      description={hint}
      data={options}
      {...useTextForm().getInputProps(path)}
      allowDeselect={false}
    />
  );
}

export function ManyField({ path, label, hint, options }: ChoiceProps) {
  return (
    <Checkbox.Group label={label} description={hint} {...useTextForm().getInputProps(path)}>
      <Group gap="md" mt="xs">
        {options.map((option) => (
          <Checkbox key={option.value} size="md" value={option.value} label={option.label} />
        ))}
      </Group>
    </Checkbox.Group>
  );
}
