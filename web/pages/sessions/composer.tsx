import { Button, Stack, Text, Textarea } from '@mantine/core';
import { ProblemPanel } from '../../components/problem-panel.tsx';
import { t } from '../../messages/index.ts';
import { nameOf } from './levels.ts';
import { TechniqueChoice } from './technique-choice.tsx';
import type { Recording } from './use-recording.ts';
import classes from './session.module.css';

/** What is about to be recorded: where, by which technique, how the patient responded. */
export function Composer({ recording }: { readonly recording: Recording }) {
  const { target, techniques, technique, response, running, problem, submit } = recording;
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
        <TechniqueChoice covered={techniques} value={technique} onChange={recording.choose} />
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
          onChange={(event) => recording.setResponse(event.currentTarget.value)}
        />
        <ProblemPanel problem={problem} />
        <Button
          ref={submit}
          size="lg"
          className={classes.record}
          loading={running}
          disabled={!target || !technique}
          onClick={recording.record}
        >
          {target ? t('sessions.recordIt', { what: nameOf(target) }) : t('sessions.record')}
        </Button>
      </Stack>
    </div>
  );
}
