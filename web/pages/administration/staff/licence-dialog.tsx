import { Button, Group, Modal, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { useAct } from '../../../api/act.ts';
import { type Api, ask } from '../../../api/client.ts';
import { DateField } from '../../../components/date-field.tsx';
import { notifyDone } from '../../../components/notify-done.ts';
import { ProblemPanel } from '../../../components/problem-panel.tsx';
import { t } from '../../../messages/index.ts';
import { type Person, STAFF } from './queries.ts';
import { ProfessionField } from './role-fields.tsx';

/** Records a licence of a member of staff. Another `key` opens it with empty fields. */
export function LicenceDialog({ person }: { readonly person: Person }) {
  const [opened, setOpened] = useState(true);
  const form = useForm({
    initialValues: {
      profession: person.profession ?? ('chiropractor' as const),
      authority: '',
      number: '',
      validFrom: '',
      validUntil: '',
    },
  });
  const close = () => setOpened(false);
  const record = useAct(
    (body: Api['RecordLicence']) => ask((api) => api.POST('/api/staff/{id}/licences', { params: { path: { id: person.id } }, body })),
    {
      form,
      changes: [STAFF],
      onDone: () => {
        close();
        notifyDone(t('staff.licenceAdded'));
      },
    },
  );
  const onSubmit = form.onSubmit(({ validFrom, validUntil, ...others }) =>
    record.run({ ...others, ...(validFrom ? { validFrom } : {}), ...(validUntil ? { validUntil } : {}) }),
  );
  const text = (field: 'authority' | 'number' | 'validFrom' | 'validUntil') => ({
    label: t(`staff.${field}`),
    ...form.getInputProps(field),
  });
  return (
    <Modal opened={opened} onClose={close} title={t('staff.addLicence')}>
      <form onSubmit={onSubmit}>
        <Stack>
          <ProfessionField form={form} />
          <TextInput {...text('authority')} description={t('staff.authorityHint')} required withAsterisk={false} data-autofocus />
          <TextInput {...text('number')} required withAsterisk={false} />
          <Group grow align="flex-start">
            <DateField {...text('validFrom')} description={t('staff.validFromHint')} />
            <DateField {...text('validUntil')} description={t('staff.validUntilHint')} />
          </Group>
          <ProblemPanel problem={record.problem} atFields={Object.keys(form.values)} />
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              {t('common.cancel')}
            </Button>
            <Button type="submit" loading={record.running}>
              {t('staff.addLicence')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
