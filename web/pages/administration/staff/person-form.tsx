import { Button, Group, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useAct } from '../../../api/act.ts';
import { ask } from '../../../api/client.ts';
import { refreshLogin, useMe } from '../../../api/session.ts';
import { notifyDone } from '../../../components/notify-done.ts';
import { ProblemPanel } from '../../../components/problem-panel.tsx';
import { Section } from '../../../components/section.tsx';
import { t } from '../../../messages/index.ts';
import { type Person, STAFF } from './queries.ts';
import { RoleFields } from './role-fields.tsx';

/** Name, role and profession. */
export function PersonForm({ person }: { readonly person: Person }) {
  const me = useMe();
  const { name, role, profession } = person;
  const form = useForm({ initialValues: { name, role, profession } });
  const change = useAct(
    (body: typeof form.values) => ask((api) => api.PATCH('/api/staff/{id}', { params: { path: { id: person.id } }, body })),
    {
      form,
      changes: [STAFF],
      onDone: () => {
        notifyDone(t('staff.saved'));
        if (person.id === me.id) void refreshLogin();
      },
    },
  );
  return (
    <Section title={t('staff.details')} hint={t('staff.detailsHint')}>
      <form onSubmit={form.onSubmit(change.run)}>
        <Stack maw={480}>
          <TextInput label={t('staff.name')} {...form.getInputProps('name')} maxLength={200} required withAsterisk={false} />
          <TextInput label={t('staff.email')} description={t('staff.emailFixed')} value={person.email} readOnly />
          <RoleFields form={form} />
          <ProblemPanel problem={change.problem} atFields={Object.keys(form.values)} />
          <Group>
            <Button type="submit" loading={change.running}>
              {t('common.save')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Section>
  );
}
