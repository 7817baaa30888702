import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Problem } from '../api/problem.ts';
import { t } from '../messages/index.ts';
import { ProblemPanel } from './problem-panel.tsx';

interface Props {
  readonly opened: boolean;
  readonly title: string;
  readonly text: string;
  readonly submit: string;
  readonly running: boolean;
  readonly problem: Problem | undefined;
  /** Fields, if there is something to say about it. */
  readonly children?: ReactNode;
  /** Those of the fields that say themselves what is wrong. */
  readonly atFields?: readonly string[];
  readonly onSubmit: () => void;
  readonly onClose: () => void;
}

/** Asks before what can't be undone. */
export function ConfirmDialog({ opened, title, text, submit, running, problem, children, atFields, onSubmit, onClose }: Props) {
  return (
    <Modal opened={opened} onClose={onClose} title={title}>
      <Stack>
        <Text size="sm">{text}</Text>
        {children}
        <ProblemPanel problem={problem} atFields={atFields} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>
            {t('common.cancel')}
          </Button>
          <Button color="red.8" loading={running} onClick={() => onSubmit()}>
            {submit}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
