import { Radio, Select, Stack } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import type { Api } from '../../../api/client.ts';
import { t, tMaybe } from '../../../messages/index.ts';

type Role = Api['InviteStaff']['role'];
type Profession = NonNullable<Api['InviteStaff']['profession']>;

const ROLES: readonly Role[] = ['practitioner', 'receptionist', 'administrator'];
export const PROFESSIONS: readonly Profession[] = ['chiropractor', 'osteopathic_physician', 'physical_therapist'];

export interface RoleValues {
  readonly role: Role;
  readonly profession: Profession | null;
}

/** What somebody may do, and what they are: a practitioner has a profession, and nobody else does. */
export function RoleFields({ form }: { readonly form: UseFormReturnType<RoleValues> }) {
  const { role, profession } = form.values;
  const choose = (next: Role) => {
    form.setFieldValue('role', next);
    form.setFieldValue('profession', next === 'practitioner' ? (profession ?? 'chiropractor') : null);
  };
  return (
    <>
      <Radio.Group size="md" label={t('staff.role')} {...form.getInputProps('role')} onChange={choose}>
        <Stack gap="xs" mt="xs">
          {ROLES.map((one) => (
            <Radio key={one} size="md" value={one} label={tMaybe('roles', one)} description={t(`staff.roleHint.${one}`)} />
          ))}
        </Stack>
      </Radio.Group>
      {role === 'practitioner' && <ProfessionField form={form} />}
    </>
  );
}

export function ProfessionField({ form }: { readonly form: UseFormReturnType<Pick<RoleValues, 'profession'>> }) {
  return (
    <Select
      size="md"
      label={t('staff.profession')}
      data={PROFESSIONS.map((value) => ({ value, label: tMaybe('professions', value) ?? value }))}
      allowDeselect={false}
      {...form.getInputProps('profession')}
    />
  );
}
