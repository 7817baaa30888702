import { Menu, type MantineColorScheme, Text, useMantineColorScheme } from '@mantine/core';
import { IconBuilding, IconLock, IconLogout, IconUser } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useAct } from '../api/act.ts';
import { ask } from '../api/client.ts';
import { lock, setLogin, signOut, useLogin, useMe } from '../api/session.ts';
import { t, tMaybe } from '../messages/index.ts';
import { PersonButton } from './person.tsx';

const SCHEMES = [
  { value: 'light', label: t('shell.light') },
  { value: 'dark', label: t('shell.dark') },
  { value: 'auto', label: t('shell.system') },
] as const;

/** Opened by the tap that loaded it. */
export function PersonMenu() {
  const me = useMe();
  const others = (useLogin()?.clinics ?? []).filter(({ clinicId }) => clinicId !== me.clinic.id);
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const locking = useAct(lock);
  const leaving = useAct(signOut);
  const choosing = useAct((clinicId: string) => ask((api) => api.POST('/api/auth/clinic', { body: { clinicId } })), {
    // A new document: nothing of the one clinic stays on the screen of the other.
    onDone: (login) => void setLogin(login).then(() => location.assign('/')),
  });
  return (
    <Menu defaultOpened position="bottom-end" width={260} withinPortal={false}>
      <Menu.Target>
        <PersonButton />
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          <Text size="sm" fw={600} c="var(--mantine-color-text)">
            {me.name}
          </Text>
          {tMaybe('roles', me.role) ?? me.role}
        </Menu.Label>
        <Menu.Item component={Link} to="/account" leftSection={<IconUser size={18} aria-hidden />}>
          {t('shell.account')}
        </Menu.Item>
        <Menu.Item leftSection={<IconLock size={18} aria-hidden />} onClick={() => locking.run()}>
          {t('shell.lock')}
        </Menu.Item>
        <Menu.Item leftSection={<IconLogout size={18} aria-hidden />} onClick={() => leaving.run()}>
          {t('shell.signOut')}
        </Menu.Item>
        {others.length > 0 && (
          <>
            <Menu.Divider />
            <Menu.Label>{t('shell.changeClinic')}</Menu.Label>
            {others.map(({ clinicId, clinicName }) => (
              <Menu.Item key={clinicId} leftSection={<IconBuilding size={18} aria-hidden />} onClick={() => choosing.run(clinicId)}>
                {clinicName}
              </Menu.Item>
            ))}
          </>
        )}
        <Menu.Divider />
        <Menu.Label>{t('shell.appearance')}</Menu.Label>
        <Menu.RadioGroup value={colorScheme} onChange={(value) => setColorScheme(value as MantineColorScheme)}>
          {SCHEMES.map(({ value, label }) => (
            <Menu.RadioItem key={value} value={value} closeMenuOnClick>
              {label}
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
      </Menu.Dropdown>
    </Menu>
  );
}
