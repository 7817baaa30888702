import { Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { staffQuery } from './queries.ts';

interface Props {
  readonly label: string;
  readonly placeholder: string;
  readonly value: string | undefined;
  /** Left out: everybody. */
  readonly only?: 'practitioner';
  readonly onChange: (id: string | undefined) => void;
}

/** Somebody of the clinic. */
export function StaffField({ label, placeholder, value, only, onChange }: Props) {
  const { data } = useQuery(staffQuery);
  const people = (data?.items ?? []).filter((person) => only === undefined || person.role === only || person.id === value);
  return (
    <Select
      label={label}
      placeholder={placeholder}
      data={people.map(({ id, name }) => ({ value: id, label: name }))}
      value={value ?? null}
      onChange={(id) => onChange(id ?? undefined)}
      searchable
      clearable
    />
  );
}
