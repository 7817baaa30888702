import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { useAct } from '../../../api/act.ts';
import { type Api, ask } from '../../../api/client.ts';
import { DateField } from '../../../components/date-field.tsx';
import { ProblemPanel } from '../../../components/problem-panel.tsx';
import { ShownOnce } from '../../../components/shown-once.tsx';
import { t } from '../../../messages/index.ts';
import { useTimes } from '../../../time.ts';
import { daysAfter } from '../period.ts';
import { RoleFields, type RoleValues } from '../staff/role-fields.tsx';
import { KEYS } from './queries.ts';

interface Values extends RoleValues {
  readonly label: string;
  /** The last day, YYYY-MM-DD. */
  readonly expiresAt: string;
}

/** Makes an API key and shows it once. Another `key` of React opens the dialog with empty fields. */
export function KeyDialog() {
  const [opened, setOpened] = useState(true);
  const today = useTimes().today();
  const form = useForm<Values>({
    initialValues: { label: '', role: 'receptionist', profession: null, expiresAt: daysAfter(today, 90) },
  });
  const close = () => setOpened(false);
  const make = useAct((body: Api['CreateKey']) => ask((api) => api.POST('/api/api-keys', { body })), { form, changes: [KEYS] });
  const onSubmit = form.onSubmit(({ profession, ...others }) => make.run({ ...others, ...(profession ? { profession } : {}) }));
  if (opened && make.result) return <MadeKey value={make.result.key} onClose={close} />;
  return (
    <Modal opened={opened} onClose={close} title={t('settings.addKey')}>
      <form onSubmit={onSubmit}>
        <Stack>
          <TextInput
            label={t('settings.keyLabel')}
            description={t('settings.keyLabelHint')}
            {...form.getInputProps('label')}
            maxLength={200}
            required
            withAsterisk={false}
            data-autofocus
          />
          <RoleFields form={form} />
          <DateField
            label={t('settings.keyExpires')}
            description={t('settings.keyExpiresHint')}
            {...form.getInputProps('expiresAt')}
            min={today}
            required
            withAsterisk={false}
          />
          <ProblemPanel problem={make.problem} atFields={Object.keys(form.values)} />
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
