import { Button, Group, Stack, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useAct } from '../../../api/act.ts';
import { ask } from '../../../api/client.ts';
import { refreshLogin, useMe } from '../../../api/session.ts';
import { sayDone } from '../../../components/done.ts';
import { errorAt } from '../../../components/error-at.ts';
import { ProblemPanel } from '../../../components/problem-panel.tsx';
import { Section } from '../../../components/section.tsx';
import { t } from '../../../messages/administration.ts';
import { type Person, STAFF } from './queries.ts';
import { RoleFields } from './role-fields.tsx';

/** Name, role and profession. */
export function PersonForm({ person }: { readonly person: Person }) {
  const me = useMe();
  const [values, setValues] = useState({ name: person.name, role: person.role, profession: person.profession });
  const change = useAct(
    (body: typeof values) => ask((api) => api.PATCH('/api/staff/{id}', { params: { path: { id: person.id } }, body })),
    {
      changes: [STAFF],
      onDone: () => {
        sayDone(t('staff.saved'));
        if (person.id === me.id) void refreshLogin();
      },
    },
  );
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    change.run(values);
  };
  return (
    <Section title={t('staff.details')} hint={t('staff.detailsHint')}>
      <form onSubmit={onSubmit}>
        <Stack maw={480}>
          <TextInput
            label={t('staff.name')}
            value={values.name}
            onChange={({ currentTarget }) => setValues((now) => ({ ...now, name: currentTarget.value }))}
            error={errorAt(change.problem, 'name')}
            maxLength={200}
            required
            withAsterisk={false}
          />
          <TextInput label={t('staff.email')} description={t('staff.emailFixed')} value={person.email} readOnly />
          <RoleFields
            role={values.role}
            profession={values.profession}
            problem={change.problem}
            onChange={(next) => setValues((now) => ({ ...now, ...next }))}
          />
          <ProblemPanel problem={change.problem} atFields={Object.keys(values)} />
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
