import { Select, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { useState } from 'react';
import { t, tMaybe } from '../../../messages/index.ts';
import { FilterBar } from '../filter-bar.tsx';
import { PatientField } from '../patient-field.tsx';
import { PeriodFields } from '../period-fields.tsx';
import { periodOf } from '../period.ts';
import { given, oneOf } from '../search.ts';
import { StaffField } from '../staff-field.tsx';
import { ACTIONS } from './actions.ts';
import { type EventSearch, OTHERWISE, OUTCOMES } from './search.ts';

interface Props {
  readonly search: EventSearch;
  readonly onChange: (search: EventSearch) => void;
}

export function EventFilters({ search, onChange }: Props) {
  const { period: _, from: __, until: ___, ...others } = search;
  const change = (changes: Partial<Record<keyof EventSearch, unknown>>) => onChange(given({ ...search, ...changes }) as EventSearch);
  const known = search.action === undefined || (ACTIONS as readonly string[]).includes(search.action);
  const actions: readonly string[] = known ? ACTIONS : [...ACTIONS, search.action ?? ''];
  return (
    <FilterBar onClear={Object.keys(search).length > 0 ? () => onChange({}) : undefined}>
      <PeriodFields value={periodOf({ ...search })} otherwise={OTHERWISE} onChange={(period) => onChange({ ...others, ...period })} />
      <StaffField
        label={t('events.person')}
        placeholder={t('events.anybody')}
        value={search.staffId}
        onChange={(staffId) => change({ staffId })}
      />
      <PatientField value={search.patientId} onChange={(patientId) => change({ patientId })} />
      <Select
        label={t('events.action')}
        placeholder={t('events.anyAction')}
        data={actions.map((action) => ({ value: action, label: tMaybe('actions', action) ?? action }))}
        value={search.action ?? null}
        onChange={(action) => change({ action: action ?? undefined })}
        searchable
        clearable
      />
      <Select
        label={t('events.outcome')}
        placeholder={t('events.anyOutcome')}
        data={OUTCOMES.map((outcome) => ({ value: outcome, label: t(`events.${outcome}`) }))}
        value={search.outcome ?? null}
        onChange={(outcome) => change({ outcome: oneOf(OUTCOMES, outcome) })}
        clearable
      />
      <TextField value={search.text ?? ''} onChange={(text) => change({ text: text === '' ? undefined : text })} />
    </FilterBar>
  );
}

/** Counts when nothing more was typed for a moment. */
function TextField({ value, onChange }: { readonly value: string; readonly onChange: (text: string) => void }) {
  const [typed, setTyped] = useState(value);
  // What the address has, or is about to have.
  const [applied, setApplied] = useState(value);
  const apply = useDebouncedCallback((text: string) => {
    setApplied(text.trim());
    onChange(text.trim());
  }, 400);
  const [known, setKnown] = useState(value);
  if (value !== known) {
    setKnown(value);
    // It changed otherwise: by going back, or by clearing.
    if (value !== applied) setTyped(value);
    setApplied(value);
  }
  return (
    <TextInput
      type="search"
      size="sm"
      label={t('events.text')}
      placeholder={t('events.textHint')}
      value={typed}
      maxLength={200}
      onChange={({ currentTarget }) => {
        setTyped(currentTarget.value);
        apply(currentTarget.value);
      }}
    />
  );
}
