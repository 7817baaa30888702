import { NativeSelect, TextInput } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { Columns } from '../../components/columns.tsx';
import { languageName } from '../../languages.ts';
import { t, tMaybe } from '../../messages/index.ts';
import { useTimes } from '../../time.ts';
import type { PatientValues } from './patient-values.ts';

interface Props {
  readonly form: UseFormReturnType<PatientValues>;
  readonly isNew?: boolean;
}

const SEXES = ['unknown', 'female', 'male', 'other'] as const;
/** Those that are spoken most, and those of many who move. A tag that isn't here stays as it is. */
const LANGUAGES =
  'ar bg bn ca cs cy da de el en es et fa fi fr ga gu he hi hr hu id it ja ko lt lv ne nl no pa pl pt ro ru sk sl so sq sr sv sw ta te th tl tr uk ur vi yue zh';

/** What is kept of a patient, to register or to correct it. */
export function PatientFields({ form, isNew = false }: Props) {
  const times = useTimes();
  const field = (name: keyof PatientValues, label: string) => ({ name, label, ...form.getInputProps(name) });
  const { preferredLanguage } = form.values;
  const languages = [...new Set([...LANGUAGES.split(' '), ...(preferredLanguage ? [preferredLanguage] : [])])]
    .map((value) => ({ value, label: languageName(value) }))
    .sort((a, b) => a.label.localeCompare(b.label));
  return (
    <Columns from="xs">
      <TextInput
        {...field('givenName', t('registration.givenName'))}
        autoComplete="off"
        maxLength={100}
        data-autofocus
        required
        withAsterisk={false}
      />
      <TextInput {...field('familyName', t('registration.familyName'))} autoComplete="off" maxLength={100} required withAsterisk={false} />
      <TextInput
        {...field('birthDate', t('registration.birthDate'))}
        type="date"
        min="1900-01-01"
        max={times.today()}
        autoComplete="off"
        required
        withAsterisk={false}
      />
      <NativeSelect
        {...field('sex', t('registration.sex'))}
        size="md"
        data={SEXES.map((value) => ({ value, label: tMaybe('sexes', value) ?? value }))}
      />
      <TextInput {...field('phone', optional(t('registration.phone')))} type="tel" autoComplete="off" maxLength={40} />
      <TextInput {...field('email', optional(t('registration.email')))} type="email" autoComplete="off" maxLength={254} />
      <NativeSelect
        {...field('preferredLanguage', optional(t('registration.preferredLanguage')))}
        size="md"
        description={t('registration.languageHint')}
        inputWrapperOrder={['label', 'input', 'description', 'error']}
        data={[{ value: '', label: t('registration.noLanguage') }, ...languages]}
      />
      <TextInput
        {...field('recordNumber', isNew ? optional(t('registration.recordNumber')) : t('registration.recordNumber'))}
        description={isNew ? t('registration.recordNumberHint') : undefined}
        inputWrapperOrder={['label', 'input', 'description', 'error']}
        autoComplete="off"
        maxLength={40}
      />
    </Columns>
  );
}

function optional(name: string): string {
  return t('registration.optional', { name });
}
