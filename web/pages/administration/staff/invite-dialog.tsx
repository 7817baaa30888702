import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useAct } from '../../../api/act.ts';
import { type Api, ask } from '../../../api/client.ts';
import { errorAt } from '../../../components/error-at.ts';
import { ProblemPanel } from '../../../components/problem-panel.tsx';
import { t } from '../../../messages/administration.ts';
import { InvitationSent } from './invitation-sent.tsx';
import { STAFF } from './queries.ts';
import { RoleFields } from './role-fields.tsx';

const EMPTY: Api['InviteStaff'] = { name: '', email: '', role: 'practitioner', profession: 'chiropractor' };

/** Asks for the person, then gives the link. A new key opens it anew. */
export function InviteDialog() {
  const [opened, setOpened] = useState(true);
  const [values, setValues] = useState(EMPTY);
  const invite = useAct((body: Api['InviteStaff']) => ask((api) => api.POST('/api/staff', { body })), { changes: [STAFF] });
  const close = () => setOpened(false);
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    const { profession, ...others } = values;
    invite.run(profession ? { ...others, profession } : others);
  };
  if (opened && invite.result) return <InvitationSent name={values.name} sent={invite.result} onClose={close} />;
  return (
    <Modal opened={opened} onClose={close} title={t('staff.invite')} closeOnClickOutside={false}>
      <form onSubmit={onSubmit}>
        <Stack>
          <Text size="sm">{t('staff.inviteHint')}</Text>
          <TextInput
            label={t('staff.name')}
            value={values.name}
            onChange={({ currentTarget }) => setValues((now) => ({ ...now, name: currentTarget.value }))}
            error={errorAt(invite.problem, 'name')}
            maxLength={200}
            required
            withAsterisk={false}
            data-autofocus
          />
          <TextInput
            label={t('staff.email')}
            description={t('staff.emailHint')}
            type="email"
            value={values.email}
            onChange={({ currentTarget }) => setValues((now) => ({ ...now, email: currentTarget.value }))}
            error={errorAt(invite.problem, 'email')}
            required
            withAsterisk={false}
          />
          <RoleFields
            role={values.role}
            profession={values.profession ?? null}
            problem={invite.problem}
            onChange={({ role, profession }) =>
              setValues(({ name, email }) => ({ name, email, role, ...(profession ? { profession } : {}) }))
            }
          />
          <ProblemPanel problem={invite.problem} atFields={['name', 'email', 'role', 'profession']} />
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              {t('common.cancel')}
            </Button>
            <Button type="submit" loading={invite.running}>
              {t('staff.inviteSubmit')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
