import { Button, Group, Modal, Stack, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useAct } from '../../../api/act.ts';
import { type Api, ask } from '../../../api/client.ts';
import { sayDone } from '../../../components/done.ts';
import { errorAt } from '../../../components/error-at.ts';
import { ProblemPanel } from '../../../components/problem-panel.tsx';
import { t } from '../../../messages/administration.ts';
import { type Person, STAFF } from './queries.ts';
import { ProfessionField } from './role-fields.tsx';

/** Records a licence of somebody. A new key opens it anew. */
export function LicenceDialog({ person }: { readonly person: Person }) {
  const [opened, setOpened] = useState(true);
  const [values, setValues] = useState({
    profession: person.profession ?? ('chiropractor' as const),
    authority: '',
    number: '',
    validFrom: '',
    validUntil: '',
  });
  const close = () => setOpened(false);
  const record = useAct(
    (body: Api['RecordLicence']) => ask((api) => api.POST('/api/staff/{id}/licences', { params: { path: { id: person.id } }, body })),
    {
      changes: [STAFF],
      onDone: () => {
        close();
        sayDone(t('staff.licenceAdded'));
      },
    },
  );
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    const { validFrom, validUntil, ...others } = values;
    record.run({ ...others, ...(validFrom ? { validFrom } : {}), ...(validUntil ? { validUntil } : {}) });
  };
  const text = (field: 'authority' | 'number' | 'validFrom' | 'validUntil') => ({
    label: t(`staff.${field}`),
    value: values[field],
    error: errorAt(record.problem, field),
    onChange: ({ currentTarget }: { currentTarget: HTMLInputElement }) => setValues((now) => ({ ...now, [field]: currentTarget.value })),
  });
  return (
    <Modal opened={opened} onClose={close} title={t('staff.addLicence')}>
      <form onSubmit={onSubmit}>
        <Stack>
          <ProfessionField
            profession={values.profession}
            problem={record.problem}
            onChange={(profession) => setValues((now) => ({ ...now, profession }))}
          />
          <TextInput {...text('authority')} description={t('staff.authorityHint')} required withAsterisk={false} data-autofocus />
          <TextInput {...text('number')} required withAsterisk={false} />
          <Group grow align="flex-start">
            <TextInput {...text('validFrom')} description={t('staff.validFromHint')} type="date" />
            <TextInput {...text('validUntil')} description={t('staff.validUntilHint')} type="date" />
          </Group>
          <ProblemPanel problem={record.problem} atFields={Object.keys(values)} />
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
