import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { useAct } from '../../../api/act.ts';
import { type Api, ask } from '../../../api/client.ts';
import { ProblemPanel } from '../../../components/problem-panel.tsx';
import { t } from '../../../messages/index.ts';
import { InvitationSent } from './invitation-sent.tsx';
import { STAFF } from './queries.ts';
import { RoleFields, type RoleValues } from './role-fields.tsx';

const EMPTY: Pick<Api['InviteStaff'], 'name' | 'email'> & RoleValues = {
  name: '',
  email: '',
  role: 'practitioner',
  profession: 'chiropractor',
};

/** Asks for the person, then shows the link. Another `key` opens it with empty fields. */
export function InviteDialog() {
  const [opened, setOpened] = useState(true);
  const form = useForm({ initialValues: EMPTY });
  const invite = useAct((body: Api['InviteStaff']) => ask((api) => api.POST('/api/staff', { body })), { form, changes: [STAFF] });
  const close = () => setOpened(false);
  const onSubmit = form.onSubmit(({ profession, ...others }) => invite.run(profession ? { ...others, profession } : others));
  if (opened && invite.result) return <InvitationSent name={form.values.name} sent={invite.result} onClose={close} />;
  return (
    <Modal opened={opened} onClose={close} title={t('staff.invite')} closeOnClickOutside={false}>
      <form onSubmit={onSubmit}>
        <Stack>
          <Text size="sm">{t('staff.inviteHint')}</Text>
          <TextInput label={t('staff.name')} {...form.getInputProps('name')} maxLength={200} required withAsterisk={false} data-autofocus />
          <TextInput
            label={t('staff.email')}
            description={t('staff.emailHint')}
            type="email"
            {...form.getInputProps('email')}
            required
            withAsterisk={false}
          />
          <RoleFields form={form} />
          <ProblemPanel problem={invite.problem} atFields={Object.keys(form.values)} />
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
