import { Button, Checkbox, Group, NumberInput, Stack, Text, TextInput, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQuery } from '@tanstack/react-query';
import { useAct } from '../../../api/act.ts';
import { type Api, ask } from '../../../api/client.ts';
import { refreshLogin } from '../../../api/session.ts';
import { Columns } from '../../../components/columns.tsx';
import { Loaded } from '../../../components/loaded.tsx';
import { notifyDone } from '../../../components/notify-done.ts';
import { ProblemPanel } from '../../../components/problem-panel.tsx';
import { Section } from '../../../components/section.tsx';
import { t, tMaybe } from '../../../messages/index.ts';
import { CARE, CHANGEABLE, changesOf, type NumberField, SECURITY } from './policy-fields.ts';
import { POLICY, policyQuery } from './queries.ts';

type PolicyValues = Api['PolicyView'];

const ROLES = ['practitioner', 'receptionist', 'administrator'] as const;

export function Policy() {
  const query = useQuery(policyQuery);
  return (
    <Section title={t('settings.policy')} hint={t('settings.policyHint')}>
      <Loaded queries={[query]} lines={8}>
        {(policy) => <PolicyForm key={JSON.stringify(policy)} policy={policy} />}
      </Loaded>
    </Section>
  );
}

/** The clinic's policy; what wasn't changed isn't sent. */
function PolicyForm({ policy }: { readonly policy: PolicyValues }) {
  const form = useForm({ initialValues: policy });
  const save = useAct((body: Api['ChangePolicy']) => ask((api) => api.PATCH('/api/clinic/policy', { body })), {
    form,
    changes: [POLICY],
    onDone: () => {
      notifyDone(t('settings.policySaved'));
      void refreshLogin();
    },
  });
  const changes = changesOf(policy, form.values);
  const unchanged = Object.keys(changes).length === 0;
  const numbers = (fields: readonly NumberField[]) =>
    fields.map((field) => (
      <NumberInput
        key={field}
        size="md"
        label={t(`settings.${field}`)}
        description={t(`settings.${field}Hint`)}
        {...form.getInputProps(field)}
        inputWrapperOrder={['label', 'input', 'description', 'error']}
        allowDecimal={false}
        thousandSeparator=","
        hideControls
      />
    ));
  return (
    <form onSubmit={form.onSubmit(() => save.run(changes))} noValidate>
      <Stack>
        <TextInput
          maw={480}
          label={t('settings.name')}
          description={t('settings.nameHint')}
          {...form.getInputProps('name')}
          maxLength={200}
        />
        <Title order={3} size="h5">
          {t('settings.care')}
        </Title>
        <Columns from="sm" gap="lg">
          {numbers(CARE)}
        </Columns>
        <Title order={3} size="h5" mt="sm">
          {t('settings.security')}
        </Title>
        <Columns from="sm" gap="lg">
          {numbers(SECURITY)}
          <Checkbox.Group
            size="md"
            label={t('settings.mfaRoles')}
            description={t('settings.mfaRolesHint')}
            {...form.getInputProps('mfaRoles')}
          >
            <Stack gap="xs" mt="xs">
              {ROLES.map((role) => (
                <Checkbox
                  key={role}
                  size="md"
                  value={role}
                  label={tMaybe('roles', role)}
                  disabled={role === 'administrator' && policy.mfaRoles.includes(role)}
                />
              ))}
            </Stack>
          </Checkbox.Group>
        </Columns>
        <Text size="sm" c="dimmed">
          {t('settings.timeZone', { zone: policy.timeZone })}
        </Text>
        <ProblemPanel problem={save.problem} atFields={CHANGEABLE} />
        <Group>
          <Button type="submit" loading={save.running} disabled={unchanged}>
            {t('common.save')}
          </Button>
          {unchanged && (
            <Text size="sm" c="dimmed">
              {t('settings.unchanged')}
            </Text>
          )}
        </Group>
      </Stack>
    </form>
  );
}
