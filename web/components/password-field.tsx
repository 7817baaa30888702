import { PasswordInput, type PasswordInputProps } from '@mantine/core';
import { t } from '../messages/index.ts';

/** A password that can be shown, so that it need not be typed twice. `autoComplete` says to the password manager which one it is. */
export function PasswordField(props: PasswordInputProps & { readonly autoComplete: 'current-password' | 'new-password' }) {
  return <PasswordInput {...props} visibilityToggleButtonProps={{ 'aria-label': t('common.showPassword') }} />;
}
