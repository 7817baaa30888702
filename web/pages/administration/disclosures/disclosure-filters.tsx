import { Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { REGIONS, regionName } from '../../../anatomy.ts';
import { t } from '../../../messages/index.ts';
import { FilterBar } from '../filter-bar.tsx';
import { PatientField } from '../patient-field.tsx';
import { PeriodFields } from '../period-fields.tsx';
import { periodOf } from '../period.ts';
import { given, oneOf } from '../search.ts';
import { StaffField } from '../staff-field.tsx';
import { versionQuery } from './queries.ts';
import { type DisclosureSearch, OTHERWISE } from './search.ts';

interface Props {
  readonly search: DisclosureSearch;
  readonly onChange: (search: DisclosureSearch) => void;
}

export function DisclosureFilters({ search, onChange }: Props) {
  const { data: newest = 1 } = useQuery(versionQuery);
  const { period: _, from: __, until: ___, ...others } = search;
  const { view, ...filters } = search;
  const versions = Math.max(newest, search.version ?? 1);
  const change = (changes: Partial<Record<keyof DisclosureSearch, unknown>>) =>
    onChange(given({ ...search, ...changes }) as DisclosureSearch);
  return (
    <FilterBar onClear={Object.keys(filters).length > 0 ? () => onChange(given({ view })) : undefined}>
      <PeriodFields value={periodOf({ ...search })} otherwise={OTHERWISE} onChange={(period) => onChange({ ...others, ...period })} />
      <StaffField
        label={t('disclosures.practitioner')}
        placeholder={t('disclosures.anyPractitioner')}
        only="practitioner"
        value={search.practitionerId}
        onChange={(practitionerId) => change({ practitionerId })}
      />
      <PatientField value={search.patientId} onChange={(patientId) => change({ patientId })} />
      <Select
        label={t('disclosures.region')}
        placeholder={t('disclosures.anyRegion')}
        data={REGIONS.map((region) => ({ value: region, label: regionName(region) }))}
        value={search.region ?? null}
        onChange={(region) => change({ region: oneOf(REGIONS, region) })}
        clearable
      />
      <Select
        label={t('disclosures.version')}
        placeholder={t('disclosures.anyVersion')}
        data={Array.from({ length: versions }, (_value, index) => versions - index).map((number) => ({
          value: String(number),
          label: t('disclosures.versionNumber', { number: String(number) }),
        }))}
        value={search.version === undefined ? null : String(search.version)}
        onChange={(version) => change({ version: version === null ? undefined : Number(version) })}
        clearable
      />
    </FilterBar>
  );
}
