import { Button, Stack, Text, Textarea } from '@mantine/core';
import type { RefObject } from 'react';
import type { Problem } from '../../api/problem.ts';
import { ProblemPanel } from '../../components/problem-panel.tsx';
import { t } from '../../messages/index.ts';
import { nameOf, type Target, type Technique } from './levels.ts';
import { TechniqueChoice } from './technique-choice.tsx';
import classes from './session.module.css';

interface Props {
  readonly target: Target | undefined;
  readonly techniques: readonly Technique[];
  readonly technique: Technique | undefined;
  readonly response: string;
  readonly running: boolean;
  readonly problem: Problem | undefined;
  readonly submit: RefObject<HTMLButtonElement | null>;
  readonly onTechnique: (technique: Technique) => void;
  readonly onResponse: (response: string) => void;
  readonly onRecord: () => void;
}

/** What is about to be recorded: where, by which technique, how the patient responded. */
export function Composer({ target, techniques, technique, response, running, problem, submit, onTechnique, onResponse, onRecord }: Props) {
  return (
    <div className={classes.compose}>
      <Stack gap="sm">
        <div>
          <Text fw={600} size="lg">
            {target ? nameOf(target) : t('sessions.choose')}
          </Text>
          {!target && (
            <Text size="sm" c="dimmed">
              {t('sessions.chooseHint')}
            </Text>
          )}
        </div>
        <TechniqueChoice covered={techniques} value={technique} onChange={onTechnique} />
      </Stack>
      <Stack gap="sm">
        <Textarea
          label={t('sessions.response')}
          placeholder={t('sessions.responseHint')}
          size="md"
          autosize
          minRows={1}
          maxRows={4}
          maxLength={2000}
          value={response}
          onChange={(event) => onResponse(event.currentTarget.value)}
        />
        <ProblemPanel problem={problem} />
        <Button ref={submit} size="lg" className={classes.record} loading={running} disabled={!target || !technique} onClick={onRecord}>
          {target ? t('sessions.recordIt', { what: nameOf(target) }) : t('sessions.record')}
        </Button>
      </Stack>
    </div>
  );
}
