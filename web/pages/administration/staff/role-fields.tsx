import { Radio, Select, Stack } from '@mantine/core';
import type { Api } from '../../../api/client.ts';
import type { Problem } from '../../../api/problem.ts';
import { errorAt } from '../../../components/error-at.ts';
import { t, tMaybe } from '../../../messages/administration.ts';

export type Role = Api['InviteStaff']['role'];
export type Profession = NonNullable<Api['InviteStaff']['profession']>;

const ROLES: readonly Role[] = ['practitioner', 'receptionist', 'administrator'];
export const PROFESSIONS: readonly Profession[] = ['chiropractor', 'osteopathic_physician', 'physical_therapist'];

interface Props {
  readonly role: Role;
  readonly profession: Profession | null;
  readonly problem: Problem | undefined;
  readonly onChange: (values: { readonly role: Role; readonly profession: Profession | null }) => void;
}

/** What somebody may do, and what they are: a practitioner has a profession, and nobody else does. */
export function RoleFields({ role, profession, problem, onChange }: Props) {
  return (
    <>
      <Radio.Group
        size="md"
        label={t('staff.role')}
        value={role}
        error={errorAt(problem, 'role')}
        onChange={(value) => onChange({ role: value, profession: value === 'practitioner' ? (profession ?? 'chiropractor') : null })}
      >
        <Stack gap="xs" mt="xs">
          {ROLES.map((one) => (
            <Radio key={one} size="md" value={one} label={tMaybe('roles', one)} description={t(`staff.roleHint.${one}`)} />
          ))}
        </Stack>
      </Radio.Group>
      {role === 'practitioner' && (
        <ProfessionField profession={profession} problem={problem} onChange={(next) => onChange({ role, profession: next })} />
      )}
    </>
  );
}

interface ProfessionProps {
  readonly profession: Profession | null;
  readonly problem: Problem | undefined;
  readonly onChange: (profession: Profession) => void;
}

export function ProfessionField({ profession, problem, onChange }: ProfessionProps) {
  return (
    <Select
      size="md"
      label={t('staff.profession')}
      data={PROFESSIONS.map((value) => ({ value, label: tMaybe('professions', value) ?? value }))}
      value={profession}
      error={errorAt(problem, 'profession')}
      onChange={(value) => onChange(value ?? 'chiropractor')}
      allowDeselect={false}
    />
  );
}
