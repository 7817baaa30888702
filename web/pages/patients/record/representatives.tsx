import { Badge, Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useAct } from '../../../api/act.ts';
import { type Api, ask } from '../../../api/client.ts';
import { useMay } from '../../../api/session.ts';
import { DateField } from '../../../components/date-field.tsx';
import { Loaded } from '../../../components/loaded.tsx';
import { notifyDone } from '../../../components/notify-done.ts';
import { ProblemPanel } from '../../../components/problem-panel.tsx';
import { Row } from '../../../components/row.tsx';
import { Section } from '../../../components/section.tsx';
import { t } from '../../../messages/index.ts';
import { hasPassed, useTimes } from '../../../time.ts';
import { patientKey, representativesQuery } from '../queries.ts';
import { EndAuthority } from './end-authority.tsx';

type Patient = Api['PatientView'];

export function Representatives({ patient }: { readonly patient: Patient }) {
  const may = useMay();
  const times = useTimes();
  const query = useQuery(representativesQuery(patient.id));
  const [open, setOpen] = useState(false);
  const [ending, setEnding] = useState<Api['RepresentativeView']>();
  return (
    <Section title={t('record.representatives')} hint={t('record.representativesHint')}>
      <Loaded queries={[query]} lines={1}>
        {({ items }) =>
          items.length === 0 ? (
            <Text size="sm">{t('record.noRepresentatives')}</Text>
          ) : (
            <Stack gap={0}>
              {items.map((representative) => {
                const { id, name, relationship, authority, validUntil, end: early } = representative;
                const ended = validUntil !== null && hasPassed(validUntil);
                const end = validUntil && t(ended ? 'record.authorityEnded' : 'record.authorityUntil', { date: times.lastDay(validUntil) });
                return (
                  <Row
                    key={id}
                    title={name}
                    text={[authority, early && t(`endReasons.${early.reason}`), early?.note && `“${early.note}”`]
                      .filter(Boolean)
                      .join(' · ')}
                    badge={
                      <>
                        <Text size="sm" c="dimmed">
                          {relationship}
                        </Text>
                        {end && (
                          <Badge variant="light" color="gray" tt="none">
                            {end}
                          </Badge>
                        )}
                      </>
                    }
                  >
                    {!ended && may('patient.write') && (
                      <Button
                        variant="subtle"
                        size="sm"
                        aria-label={t('record.endAuthorityOf', { name })}
                        onClick={() => setEnding(representative)}
                      >
                        {t('record.endAuthority')}
                      </Button>
                    )}
                  </Row>
                );
              })}
            </Stack>
          )
        }
      </Loaded>
      {may('patient.write') && patient.archivedAt === null && (
        <Group className="no-print">
          <Button variant="default" leftSection={<IconPlus size={18} aria-hidden />} onClick={() => setOpen(true)}>
            {t('record.addRepresentative')}
          </Button>
        </Group>
      )}
      {ending && <EndAuthority representative={ending} onClose={() => setEnding(undefined)} />}
      <Modal opened={open} onClose={() => setOpen(false)} title={t('record.addRepresentative')}>
        <AddRepresentative patientId={patient.id} onClose={() => setOpen(false)} />
      </Modal>
    </Section>
  );
}

const EMPTY = { name: '', relationship: '', authority: '', validUntil: '' };

function AddRepresentative({ patientId, onClose }: { readonly patientId: string; readonly onClose: () => void }) {
  const times = useTimes();
  const form = useForm({ initialValues: EMPTY });
  const add = useAct(
    ({ validUntil, ...values }: typeof EMPTY) =>
      ask((api) =>
        api.POST('/api/patients/{id}/representatives', {
          params: { path: { id: patientId } },
          body: { ...values, ...(validUntil && { validUntil }) },
        }),
      ),
    {
      form,
      changes: [patientKey(patientId)],
      onDone: ({ name }) => {
        onClose();
        notifyDone(t('record.representativeAdded', { name }));
      },
    },
  );
  const field = (name: keyof typeof EMPTY, label: string) => ({ name, label, ...form.getInputProps(name) });
  return (
    <form onSubmit={form.onSubmit(add.run)}>
      <Stack>
        <TextInput
          {...field('name', t('record.representativeName'))}
          maxLength={200}
          autoComplete="off"
          required
          withAsterisk={false}
          data-autofocus
        />
        <TextInput
          {...field('relationship', t('record.relationship'))}
          description={t('record.relationshipHint')}
          maxLength={100}
          autoComplete="off"
          required
          withAsterisk={false}
        />
        <TextInput
          {...field('authority', t('record.authority'))}
          description={t('record.authorityHint')}
          maxLength={300}
          autoComplete="off"
          required
          withAsterisk={false}
        />
        <DateField {...field('validUntil', t('record.validUntil'))} description={t('record.validUntilHint')} min={times.today()} />
        <ProblemPanel problem={add.problem} atFields={Object.keys(form.values)} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('common.cancel')}
          </Button>
          <Button type="submit" loading={add.running}>
            {t('record.addRepresentative')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
