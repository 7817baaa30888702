import { Button, Group, Modal, Stack, Text, Textarea } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import type { Act } from '../../../api/act.ts';
import { ProblemPanel } from '../../../components/problem-panel.tsx';
import { t } from '../../../messages/index.ts';

interface Props {
  readonly opened: boolean;
  readonly title: string;
  readonly hint?: string;
  readonly label: string;
  readonly submit: string;
  readonly act: Act<string, unknown>;
  readonly onClose: () => void;
}

/** Asks for the reason of what is about to be done. */
export function ReasonDialog({ opened, title, hint, label, submit, act, onClose }: Props) {
  const [reason, setReason] = useState('');
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    act.run(reason);
  };
  return (
    <Modal opened={opened} onClose={onClose} title={title}>
      <form onSubmit={onSubmit}>
        <Stack>
          {hint && <Text size="sm">{hint}</Text>}
          <Textarea
            label={label}
            size="md"
            autosize
            minRows={2}
            maxLength={2000}
            value={reason}
            error={act.problem?.byField().reason}
            onChange={({ currentTarget }) => setReason(currentTarget.value)}
            required
            withAsterisk={false}
            data-autofocus
          />
          <ProblemPanel problem={act.problem} atFields={['reason']} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('common.cancel')}
            </Button>
            <Button type="submit" loading={act.running}>
              {submit}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
