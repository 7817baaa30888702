import { Button, Stack, Text } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useAct } from '../../api/act.ts';
import { type Api, ask } from '../../api/client.ts';
import { ProblemPanel } from '../../components/problem-panel.tsx';
import { Section } from '../../components/section.tsx';
import { t } from '../../messages/treatment.ts';
import { useTimes } from '../../time.ts';
import { patientKey } from '../patients/queries.ts';
import { Coverage } from './coverage.tsx';
import { Missing } from './missing.tsx';
import { Question } from './question.tsx';

interface Props {
  readonly patientId: string;
  readonly clearance: Api['ClearanceView'];
  readonly consentId: string | undefined;
}

/** The two questions. Whatever is answered goes to the server: a refusal belongs into the record too. */
export function StartForm({ patientId, clearance, consentId }: Props) {
  const times = useTimes();
  const navigate = useNavigate();
  const [nothingChanged, setNothingChanged] = useState<boolean>();
  const [stillConsents, setStillConsents] = useState<boolean>();
  const start = useAct(
    (body: Api['StartSession'], key) =>
      ask((api) => api.POST('/api/patients/{id}/sessions', { params: { path: { id: patientId } }, body }), key),
    {
      changes: [patientKey(patientId)],
      onDone: ({ id }) => void navigate({ to: '/sessions/$sessionId', params: { sessionId: id }, replace: true }),
    },
  );
  const { problem } = start;
  const answered = nothingChanged !== undefined && stillConsents !== undefined;
  const refusing = nothingChanged === false || stillConsents === false;
  const answer = (set: (value: boolean) => void) => (value: boolean) => {
    start.reset();
    set(value);
  };
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
            onChange={answer(setNothingChanged)}
          />
          <Question
            question={t('sessions.happy')}
            hint={t('sessions.happyHint', { date: clearance.consent.since ? times.date(clearance.consent.since) : '' })}
            yes={t('sessions.stillHappy')}
            no={t('sessions.notHappy')}
            value={stillConsents}
            onChange={answer(setStillConsents)}
          />
        </Stack>
      </Section>
      {problem && problem.blockers.length > 0 ? (
        <Missing refused patientId={patientId} blockers={problem.blockers} openSessionId={clearance.openSessionId} consentId={consentId} />
      ) : (
        <ProblemPanel problem={problem} />
      )}
      <Stack gap="xs">
        <Text size="sm" c="dimmed" role="status">
          {!answered ? t('sessions.answerBoth') : refusing ? t('sessions.willRefuse') : ''}
        </Text>
        <Button
          size="lg"
          variant={refusing ? 'default' : 'filled'}
          loading={start.running}
          disabled={!answered}
          onClick={() => answered && start.run({ nothingChanged, stillConsents })}
        >
          {refusing ? t('sessions.recordAnswers') : t('sessions.startSubmit')}
        </Button>
      </Stack>
    </Stack>
  );
}
