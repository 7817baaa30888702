import { Loader, Select } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { t } from '../../messages/index.ts';
import { nameOf } from './names.ts';
import { foundPatientsQuery, patientNameQuery } from './queries.ts';

interface Props {
  readonly value: string | undefined;
  readonly onChange: (id: string | undefined) => void;
}

/** A patient, found by name or record number. */
export function PatientField({ value, onChange }: Props) {
  const [typed, setTyped] = useState('');
  const [opened, setOpened] = useState(false);
  const [query] = useDebouncedValue(typed.trim(), 250);
  const chosen = useQuery({ ...patientNameQuery(value ?? ''), enabled: value !== undefined });
  const ownName = chosen.data && nameOf(chosen.data);
  // What stands in the field by itself is no search.
  const wanted = opened && query !== ownName ? query : '';
  const found = useQuery(foundPatientsQuery(wanted));
  const patients = wanted === '' ? [] : (found.data?.items ?? []);
  const options = patients.filter(({ id }) => id !== value).map((patient) => ({ value: patient.id, label: nameOf(patient) }));
  if (value !== undefined) options.unshift({ value, label: ownName ?? t('administration.somePatient') });
  return (
    <Select
      label={t('administration.patient')}
      placeholder={t('administration.anyPatient')}
      data={options}
      value={value ?? null}
      onChange={(id) => onChange(id ?? undefined)}
      searchValue={typed}
      onSearchChange={setTyped}
      onDropdownOpen={() => setOpened(true)}
      onDropdownClose={() => setOpened(false)}
      filter={({ options: all }) => all}
      nothingFoundMessage={t(
        wanted.length < 2 ? 'administration.typeName' : found.isFetching ? 'common.loading' : 'administration.nobodyFound',
      )}
      rightSection={found.isFetching ? <Loader size={16} /> : undefined}
      searchable
      clearable
    />
  );
}
