import { Button, Group, Stack } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useAct } from '../../api/act.ts';
import { ask } from '../../api/client.ts';
import { useMe } from '../../api/session.ts';
import { notifyDone } from '../../components/notify-done.ts';
import { PasswordField } from '../../components/password-field.tsx';
import { ProblemPanel } from '../../components/problem-panel.tsx';
import { Section } from '../../components/section.tsx';
import { t } from '../../messages/index.ts';
import { SESSIONS } from './queries.ts';

const EMPTY = { current: '', next: '' };

export function Password() {
  const me = useMe();
  const [values, setValues] = useState(EMPTY);
  const act = useAct(
    () =>
      ask((api) =>
        api.PUT('/api/me/password', {
          body: { newPassword: values.next, ...(values.current === '' ? {} : { currentPassword: values.current }) },
        }),
      ),
    {
      changes: [SESSIONS],
      onDone: () => {
        setValues(EMPTY);
        notifyDone(t('account.passwordChanged'));
      },
    },
  );
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    act.run();
  };
  return (
    <Section title={t('account.password')} hint={t('account.passwordHint')}>
      <form onSubmit={onSubmit}>
        <Stack maw={420}>
          <input type="hidden" name="username" autoComplete="username" value={me.email} readOnly />
          <PasswordField
            label={t('account.currentPassword')}
            description={t('account.currentPasswordHint')}
            autoComplete="current-password"
            value={values.current}
            onChange={({ currentTarget }) => setValues((now) => ({ ...now, current: currentTarget.value }))}
          />
          <PasswordField
            label={t('signIn.newPassword')}
            description={t('signIn.newPasswordAny')}
            autoComplete="new-password"
            value={values.next}
            onChange={({ currentTarget }) => setValues((now) => ({ ...now, next: currentTarget.value }))}
            required
            withAsterisk={false}
          />
          <ProblemPanel problem={act.problem} />
          <Group>
            <Button type="submit" loading={act.running}>
              {t('account.changePassword')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Section>
  );
}
