import { NativeSelect, SimpleGrid, TextInput } from '@mantine/core';
import type { Problem } from '../../api/problem.ts';
import { errorAt } from '../../components/error-at.ts';
import { languageName } from '../../languages.ts';
import { t, tMaybe } from '../../messages/patients.ts';
import { useTimes } from '../../time.ts';
import type { PatientValues } from './patient-values.ts';

interface Props {
  readonly values: PatientValues;
  readonly onChange: (change: Partial<PatientValues>) => void;
  /** Empty ones that can't be. */
  readonly missing: readonly string[];
  readonly problem: Problem | undefined;
  readonly isNew?: boolean;
}

const SEXES = ['unknown', 'female', 'male', 'other'] as const;
/** Those that are spoken most, and those of many who move. A tag that isn't here stays as it is. */
const LANGUAGES =
  'ar bg bn ca cs cy da de el en es et fa fi fr ga gu he hi hr hu id it ja ko lt lv ne nl no pa pl pt ro ru sk sl so sq sr sv sw ta te th tl tr uk ur vi yue zh';

/** What is kept of a patient, to register or to correct it. */
export function PatientFields({ values, onChange, missing, problem, isNew = false }: Props) {
  const times = useTimes();
  const errorOf = (field: keyof PatientValues) => (missing.includes(field) ? t('common.required') : errorAt(problem, field));
  const text = (field: Exclude<keyof PatientValues, 'sex'>, label: string) => ({
    name: field,
    label,
    value: values[field],
    error: errorOf(field),
    onChange: ({ currentTarget }: { currentTarget: { value: string } }) => onChange({ [field]: currentTarget.value }),
  });
  const languages = [...new Set([...LANGUAGES.split(' '), ...(values.preferredLanguage ? [values.preferredLanguage] : [])])]
    .map((value) => ({ value, label: languageName(value) }))
    .sort((a, b) => a.label.localeCompare(b.label));
  return (
    <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="md" verticalSpacing="md">
      <TextInput
        {...text('givenName', t('registration.givenName'))}
        autoComplete="off"
        maxLength={100}
        data-autofocus
        required
        withAsterisk={false}
      />
      <TextInput {...text('familyName', t('registration.familyName'))} autoComplete="off" maxLength={100} required withAsterisk={false} />
      <TextInput
        {...text('birthDate', t('registration.birthDate'))}
        type="date"
        min="1900-01-01"
        max={times.today()}
        autoComplete="off"
        required
        withAsterisk={false}
      />
      <NativeSelect
        label={t('registration.sex')}
        name="sex"
        size="md"
        value={values.sex}
        error={errorOf('sex')}
        onChange={({ currentTarget }) => onChange({ sex: currentTarget.value as PatientValues['sex'] })}
        data={SEXES.map((value) => ({ value, label: tMaybe('sexes', value) ?? value }))}
      />
      <TextInput {...text('phone', optional(t('registration.phone')))} type="tel" autoComplete="off" maxLength={40} />
      <TextInput {...text('email', optional(t('registration.email')))} type="email" autoComplete="off" maxLength={254} />
      <NativeSelect
        {...text('preferredLanguage', optional(t('registration.preferredLanguage')))}
        size="md"
        description={t('registration.languageHint')}
        inputWrapperOrder={['label', 'input', 'description', 'error']}
        data={[{ value: '', label: t('registration.noLanguage') }, ...languages]}
      />
      <TextInput
        {...text('recordNumber', isNew ? optional(t('registration.recordNumber')) : t('registration.recordNumber'))}
        description={isNew ? t('registration.recordNumberHint') : undefined}
        inputWrapperOrder={['label', 'input', 'description', 'error']}
        autoComplete="off"
        maxLength={40}
      />
    </SimpleGrid>
  );
}

function optional(name: string): string {
  return t('registration.optional', { name });
}
