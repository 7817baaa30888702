import { Button, Stack } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import type { Act } from '../../api/act.ts';
import { PasswordField } from '../../components/password-field.tsx';
import { ProblemPanel } from '../../components/problem-panel.tsx';
import { t } from '../../messages/index.ts';

interface Props {
  /** Whose password it is, for the password manager. */
  readonly email?: string;
  readonly hint: string;
  readonly act: Act<string, unknown>;
}

export function NewPasswordForm({ email, hint, act }: Props) {
  const [password, setPassword] = useState('');
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    act.run(password);
  };
  return (
    <form onSubmit={onSubmit}>
      <Stack>
        {email !== undefined && <input type="hidden" name="username" autoComplete="username" value={email} readOnly />}
        <PasswordField
          label={t('signIn.newPassword')}
          description={hint}
          autoComplete="new-password"
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          required
          withAsterisk={false}
          autoFocus
        />
        <ProblemPanel problem={act.problem} />
        <Button type="submit" loading={act.running} fullWidth>
          {t('signIn.setPassword')}
        </Button>
      </Stack>
    </form>
  );
}
