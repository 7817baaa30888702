import { Button, Stack, Text } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useId, useState } from 'react';
import { useAct } from '../../api/act.ts';
import { type Api, ask } from '../../api/client.ts';
import { ProblemPanel } from '../../components/problem-panel.tsx';
import { Section } from '../../components/section.tsx';
import { t } from '../../messages/index.ts';
import { useTimes } from '../../time.ts';
import { patientKey } from '../patients/queries.ts';
import { Coverage } from './coverage.tsx';
import { Missing } from './missing.tsx';
import { Question } from './question.tsx';
import classes from './start.module.css';

interface Props {
  readonly patientId: string;
  readonly clearance: Api['ClearanceView'];
  readonly consentId: string | undefined;
}

/** The two questions; the answer to the second starts the session. Whatever is answered goes to the server: a refusal belongs into the record too. */
export function StartForm({ patientId, clearance, consentId }: Props) {
  const id = useId();
  const times = useTimes();
  const navigate = useNavigate();
  const [nothingChanged, setNothingChanged] = useState<boolean>();
  const start = useAct(
    (body: Api['StartSession'], key) =>
      ask((api) => api.POST('/api/patients/{id}/sessions', { params: { path: { id: patientId } }, body }), key),
    {
      changes: [patientKey(patientId)],
      onDone: ({ id }) => void navigate({ to: '/sessions/$sessionId', params: { sessionId: id }, replace: true }),
    },
  );
  const { problem } = start;
  const changed = nothingChanged === false;
  const answer = (stillConsents: boolean) => nothingChanged !== undefined && start.run({ nothingChanged, stillConsents });
  return (
    <Stack gap="lg">
      <Coverage clearance={clearance} />
      <Section title={t('sessions.startIntro')}>
        <Stack gap="xl">
          <Question
            question={t('sessions.changed')}
            hint={t('sessions.changedHint', { date: clearance.screening.since ? times.date(clearance.screening.since) : '' })}
            yes={t('sessions.nothingChanged')}
            no={t('sessions.somethingChanged')}
            value={nothingChanged}
            onChange={(value) => {
              start.reset();
              setNothingChanged(value);
            }}
          />
          <div role="group" aria-labelledby={`${id}-happy`} aria-describedby={`${id}-hint`}>
            <Text fw={600} id={`${id}-happy`}>
              {t('sessions.happy')}
            </Text>
            <Text size="sm" c="dimmed" mb="sm" id={`${id}-hint`}>
              {t('sessions.happyHint', { date: clearance.consent.since ? times.date(clearance.consent.since) : '' })}
            </Text>
            <div className={classes.answers}>
              <Button
                size="lg"
                mih={64}
                variant={changed ? 'default' : 'filled'}
                loading={start.running}
                disabled={nothingChanged === undefined}
                onClick={() => answer(true)}
              >
                {changed ? t('sessions.stillHappy') : t('sessions.startSubmit')}
              </Button>
              <Button
                size="lg"
                mih={64}
                variant="default"
                disabled={nothingChanged === undefined || start.running}
                onClick={() => answer(false)}
              >
                {t('sessions.notHappy')}
              </Button>
            </div>
            <Text size="sm" c="dimmed" mt="xs" role="status">
              {nothingChanged === undefined ? t('sessions.answerFirst') : changed ? t('sessions.willRefuse') : ''}
            </Text>
          </div>
        </Stack>
      </Section>
      {problem && problem.blockers.length > 0 ? (
        <Missing refused patientId={patientId} blockers={problem.blockers} openSessionId={clearance.openSessionId} consentId={consentId} />
      ) : (
        <ProblemPanel problem={problem} />
      )}
    </Stack>
  );
}
