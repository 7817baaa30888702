import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useAct } from '../../../api/act.ts';
import { type Api, ask } from '../../../api/client.ts';
import { errorAt } from '../../../components/error-at.ts';
import { ProblemPanel } from '../../../components/problem-panel.tsx';
import { ShownOnce } from '../../../components/shown-once.tsx';
import { t } from '../../../messages/administration.ts';
import { type Profession, type Role, RoleFields } from '../staff/role-fields.tsx';
import { KEYS } from './queries.ts';

interface Values {
  readonly label: string;
  readonly role: Role;
  readonly profession: Profession | null;
  /** YYYY-MM-DD */
  readonly lastDay: string;
}

const DAY = 86_400_000;
const dayIn = (days: number) => new Date(Date.now() + days * DAY).toISOString().slice(0, 10);

/** Makes a key and shows it, this once. A new key opens the dialog anew. */
export function KeyDialog() {
  const [opened, setOpened] = useState(true);
  const [values, setValues] = useState<Values>({ label: '', role: 'receptionist', profession: null, lastDay: dayIn(90) });
  const close = () => setOpened(false);
  const make = useAct((body: Api['CreateKey']) => ask((api) => api.POST('/api/api-keys', { body })), { changes: [KEYS] });
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    const { label, role, profession, lastDay } = values;
    make.run({ label, role, expiresAt: `${lastDay}T23:59:59Z`, ...(profession ? { profession } : {}) });
  };
  if (opened && make.result) return <MadeKey value={make.result.key} onClose={close} />;
  return (
    <Modal opened={opened} onClose={close} title={t('settings.addKey')}>
      <form onSubmit={onSubmit}>
        <Stack>
          <TextInput
            label={t('settings.keyLabel')}
            description={t('settings.keyLabelHint')}
            value={values.label}
            onChange={({ currentTarget }) => setValues((now) => ({ ...now, label: currentTarget.value }))}
            error={errorAt(make.problem, 'label')}
            maxLength={200}
            required
            withAsterisk={false}
            data-autofocus
          />
          <RoleFields
            role={values.role}
            profession={values.profession}
            problem={make.problem}
            onChange={(next) => setValues((now) => ({ ...now, ...next }))}
          />
          <TextInput
            label={t('settings.keyExpires')}
            description={t('settings.keyExpiresHint')}
            type="date"
            value={values.lastDay}
            onChange={({ currentTarget }) => setValues((now) => ({ ...now, lastDay: currentTarget.value }))}
            error={errorAt(make.problem, 'expiresAt')}
            required
            withAsterisk={false}
          />
          <ProblemPanel problem={make.problem} atFields={['label', 'role', 'profession', 'expiresAt']} />
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              {t('common.cancel')}
            </Button>
            <Button type="submit" loading={make.running}>
              {t('settings.addKey')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

function MadeKey({ value, onClose }: { readonly value: string; readonly onClose: () => void }) {
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('settings.keyTitle')}
      closeOnEscape={false}
      closeOnClickOutside={false}
      withCloseButton={false}
    >
      <Stack>
        <Text size="sm">{t('settings.keyHint')}</Text>
        <ShownOnce label={t('settings.keyValue')} value={value} />
        <Group justify="flex-end">
          <Button onClick={onClose}>{t('settings.keyDone')}</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
